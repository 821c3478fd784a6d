#include "design.hpp"

#include "backend.hpp"

#include "../explore/settings.hpp"

#include <fmt/format.h>

#include <array>

namespace study {

std::string to_string(noise_kind kind) { return kind == noise_kind::random ? "random" : "non-linearity"; }

std::string to_string(reading kind) {
    constexpr std::array names{"single", "digital", "without noise", "mode", "median", "mean"};
    return names.at(static_cast<std::size_t>(kind));
}

std::string describe(design const& point) {
    auto text =
        fmt::format("{} rows, ADC {} bit, {}", point.rows, point.adc_bits, explore::describe_encoding(point.encoding));
    if (point.sigma_percent > 0) {
        text += fmt::format(", {} {:.3g} %", to_string(point.noise), point.sigma_percent);
    }
    if (point.top != reading::single) {
        text += fmt::format(", {} levels {}", point.levels, to_string(point.top));
    }
    if (point.samples > 1) {
        text += fmt::format(" of {}", point.samples);
    }
    return text;
}

std::unique_ptr<any_backend> make_backend(design const& point, std::uint64_t seed) {
    switch (point.top) {
    case reading::single:
        return point.noise == noise_kind::random ? make_random_noise_backend(point, seed)
                                                 : make_non_linearity_backend(point, seed);
    case reading::digital:
    case reading::without_noise:
        return make_hybrid_backend(point, seed);
    case reading::mode:
    case reading::median:
    case reading::mean:
        break;
    }
    return make_voting_backend(point, seed);
}

}  // namespace study
