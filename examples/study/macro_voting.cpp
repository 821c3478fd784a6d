#include "macro.hpp"

namespace study {

std::unique_ptr<any_backend> make_voting_backend(design const& point, std::uint64_t seed) {
    using xcim::readout::vote;
    auto const by = point.top == reading::mode ? vote::mode : point.top == reading::median ? vote::median : vote::mean;
    return box(point, seed, xcim::noise::gaussian{amplitude(point)},
               xcim::readout::majority{point.levels, point.samples, by});
}

}  // namespace study
