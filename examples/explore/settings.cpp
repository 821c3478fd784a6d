#include "settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace explore {

namespace {

template <class T>
void check_range(std::string_view option, T value, T low, T high, std::string_view unit = "") {
    if (!(value >= low && value <= high)) {
        throw usage_error{fmt::format("{} is {}{}: it must lie between {} and {}", option, value, unit, low, high)};
    }
}

template <class T>
void check_all(std::string_view option, std::vector<T> const& values, T low, T high, std::string_view unit = "") {
    for (auto const value : values) {
        check_range(option, value, low, high, unit);
    }
}

template <class T>
void fill(std::vector<T>& given, std::vector<T> const& usual) {
    if (given.empty()) {
        given = usual;
    }
}

}  // namespace

std::string describe_encoding(int input_group) {
    return input_group == 1 ? "bit-serial" : fmt::format("{} bits at once", input_group);
}

std::string describe(design const& point) {
    return fmt::format("ADC {} bit, {}, noise {} %", point.adc_bits, describe_encoding(point.input_group),
                       point.noise_percent);
}

void fill_defaults(settings& chosen) {
    auto const is_small = chosen.network == "digits";
    if (chosen.set.empty()) {
        chosen.set = is_small ? "digits" : chosen.network == "resnet20-jpegft" ? "test" : "lossless";
    }
    if (!chosen.images && !chosen.use_all_images) {
        chosen.images = is_small ? 300 : 100;
    }
    fill(chosen.adc, {4, 5, 6, 7, 8});
    fill(chosen.encoding, {1, 2, 4});
    // The ResNets were trained without a thought of noise and bear far less of it.
    fill(chosen.noise, is_small ? std::vector{0.0, 0.25, 0.5, 0.75, 1.0} : std::vector{0.0, 0.05, 0.1, 0.15, 0.2});
}

void check(settings const& chosen) {
    check_range("--weight-bits", chosen.weight_bits, 2, 8);
    check_range("--input-bits", chosen.input_bits, 1, 8);
    check_all("--adc", chosen.adc, 1, 16, " bit");
    check_all("--encoding", chosen.encoding, 1, chosen.input_bits, " bits at once");
    check_all("--noise", chosen.noise, 0.0, 100.0, " % of full scale");
    check_range("--rows", chosen.rows, 9, 4096);  // 9: one window of a 3x3 convolution
    check_range("--columns", chosen.columns, 1, 65536);
    check_range("--threads", chosen.threads, 1, 1024);
    check_range("--batch", chosen.batch, std::size_t{1}, std::size_t{100'000});
    if (chosen.images) {
        check_range("--images", *chosen.images, std::size_t{1}, std::size_t{1'000'000});
    }
}

std::vector<design> grid(settings const& chosen) {
    std::vector<design> points;
    for (auto const group : chosen.encoding) {
        for (auto const bits : chosen.adc) {
            for (auto const noise : chosen.noise) {
                points.push_back({bits, group, noise});
            }
        }
    }
    return points;
}

}  // namespace explore
