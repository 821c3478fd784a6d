#include "macro.hpp"

namespace study {

std::unique_ptr<any_backend> make_non_linearity_backend(design const& point, std::uint64_t seed) {
    return box(point, seed, xcim::noise::non_linearity{amplitude(point)}, xcim::readout::single{});
}

}  // namespace study
