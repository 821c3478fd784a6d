#include "pcm.hpp"

namespace tiles {

std::unique_ptr<any_tile> make_pcm_tile(design const& point, std::uint64_t chip, int threads) {
    return box_pcm(point, chip, threads, fine_converter(point), fine_converter(point), calibrated_converter{});
}

}  // namespace tiles
