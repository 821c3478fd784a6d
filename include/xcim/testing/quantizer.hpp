#pragma once

/// \file
/// Laws of Quantizer: see <xcim/concepts/quantizer.hpp>.

#include <xcim/concepts/quantizer.hpp>
#include <xcim/testing/batches.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// A quantiser calibrated on `r`: codes inside the format, zero has code 0, monotone, idempotent (every code of the
/// format that is used comes back from its value), at most half a step of error inside the range, batch and scalar
/// agree, calibration is a pure function. The half step carries an allowance of float32 rounding: four units in the
/// last place of the full scale.
template <Quantizer Q>
[[nodiscard]] report check_quantizer(Q const& quantiser, range r) {
    report found;
    format const f = format_of(quantiser);
    scale const s = quantiser.calibrate(r);
    found.require(s == quantiser.calibrate(r), [] { return std::string{"calibrate gives two scales for one range"}; });
    found.require(std::isfinite(s.full_scale) && s.full_scale > 0 && s.highest_code > 0,
                  [&] { return "calibrate gives the scale " + digits_of(s.full_scale); });
    if (!found) {
        return found;
    }
    auto const kernel = quantiser.prepare(s);
    auto const step = static_cast<float>(s.step());

    // Around every threshold between two codes, in the middle of them, and outside the range.
    std::vector<float> values{-1e30F, 3.0F * std::min(r.lowest, -s.full_scale)};
    for (auto code = static_cast<double>(f.lowest()); code <= f.highest(); ++code) {
        for (double const offset : {-0.5000001, -0.4999, -0.25, 0.0, 0.25, 0.4999}) {
            values.push_back(static_cast<float>((code - s.zero_point + offset) * s.step()));
        }
    }
    values.insert(values.end(), {r.lowest, 0.0F, r.highest, 3.0F * s.full_scale, 1e30F});
    std::sort(values.begin(), values.end());
    values.resize(values.size() + lanes - 1, values.back());

    auto const codes =
        check_batch_is_scalar(found, "code", values, [&]<class V>(V v, std::size_t) -> V { return kernel.code(v); });
    auto const back =
        check_batch_is_scalar(found, "value", codes, [&]<class V>(V v, std::size_t) -> V { return kernel.value(v); });
    float const allowance = step / 2 + 4 * 0x1p-23F * s.full_scale;
    auto const value_of = [&](double code) { return static_cast<float>((code - s.zero_point) * s.step()); };
    float const lowest = Q::is_signed ? -s.full_scale : value_of(0);
    float const highest = Q::is_signed ? s.full_scale : value_of(s.highest_code);
    for (std::size_t i = 0; i < values.size() && found.ok(); ++i) {
        auto const where = [&] { return "value " + digits_of(values[i]) + " has code " + digits_of(codes[i]); };
        found.require(codes[i] == std::nearbyint(codes[i]) && codes[i] >= static_cast<float>(f.lowest()) &&
                          codes[i] <= static_cast<float>(f.highest()),
                      [&] { return where() + ", not an integer of the format"; });
        found.require(i == 0 || codes[i] >= codes[i - 1],
                      [&] { return where() + " below that of the smaller value " + digits_of(values[i - 1]); });
        found.require(values[i] < lowest || values[i] > highest || std::fabs(back[i] - values[i]) <= allowance,
                      [&] { return where() + ", more than half a step away: " + digits_of(back[i]); });
        found.require(kernel.code(back[i]) == codes[i],
                      [&] { return where() + " whose value has code " + digits_of(kernel.code(back[i])); });
    }
    auto const zero = static_cast<float>(s.zero_point);
    found.require(kernel.code(0.0F) == zero && kernel.value(zero) == 0.0F,
                  [] { return std::string{"zero has not the code zero_point, which padding relies on"}; });
    return found;
}

/// The same for ranges of several sizes and signs.
template <Quantizer Q>
[[nodiscard]] report check_quantizer(Q const& quantiser) {
    report r;
    for (range const one : {range{-1, 1}, range{0, 3}, range{-2.5F, 0.5F}, range{-1e-3F, 7e-3F}, range{-4e5F, 1e6F}}) {
        r.add(check_quantizer(quantiser, one),
              "calibrated on " + digits_of(one.lowest) + " to " + digits_of(one.highest) + ": ");
    }
    return r;
}

}  // namespace xcim::inline XCIM_ABI::testing
