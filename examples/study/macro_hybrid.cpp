#include "macro.hpp"

namespace study {

std::unique_ptr<any_backend> make_hybrid_backend(design const& point, std::uint64_t seed) {
    using xcim::readout::top_cycles;
    auto const top = point.top == reading::digital ? top_cycles::digital : top_cycles::without_noise;
    return box(point, seed, xcim::noise::gaussian{amplitude(point)}, xcim::readout::hybrid{point.levels, top});
}

}  // namespace study
