#pragma once

/// \file
/// Laws of Adc: see <xcim/concepts/adc.hpp>.

#include <xcim/concepts/adc.hpp>
#include <xcim/testing/batches.hpp>
#include <xcim/testing/column_contexts.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// Column sums to try: every integer from 0, or minus full scale, to full scale; where sums are real, also values
/// between and outside.
[[nodiscard]] inline std::vector<float> column_sums(column_context const& context) {
    std::vector<float> sums;
    auto const highest = static_cast<int>(context.full_scale);
    int const lowest = context.signed_sums ? -highest : 0;
    if (!context.integer_sums) {
        for (float const outside : {-1e6F, -3.0F, -0.75F, -0.25F}) {
            sums.push_back(static_cast<float>(lowest) + outside);
        }
    }
    for (int sum = lowest; sum <= highest; ++sum) {
        sums.push_back(static_cast<float>(sum));
        if (!context.integer_sums) {
            sums.push_back(static_cast<float>(sum) + 0.25F);
            sums.push_back(static_cast<float>(sum) + 0.5F);
        }
    }
    if (!context.integer_sums) {
        sums.push_back(static_cast<float>(highest) + 3.0F);
        sums.push_back(static_cast<float>(highest) * 4.0F);
    }
    sums.resize(sums.size() + lanes - 1, sums.back());  // whole batches, whatever the length
    return sums;
}

/// One context: finite positive step, monotone codes, at most 2^resolution of them, integers where promised, batch and
/// scalar agree. `is_monotone` is for converters documented as not monotone. All sums see the same converter of a chip
/// and the same draws of a conversion.
template <Adc A>
[[nodiscard]] report check_adc(A const& adc, column_context const& context, bool is_monotone = true) {
    report r;
    auto const kernel = adc.prepare(context);
    auto const step = static_cast<double>(kernel.step);
    r.require(std::isfinite(step) && step > 0, [&] { return "the step is " + digits_of(step); });
    int const resolution = adc.resolution(context);
    r.require(resolution >= 0, [&] { return "the resolution is " + std::to_string(resolution); });
    auto const sums = column_sums(context);
    using K = std::remove_cv_t<decltype(kernel)>;
    auto const repeated = [](int draws, std::uint64_t seed) {  // (draws, lanes)
        std::vector<float> all;
        for (float const z : some_normals(static_cast<std::size_t>(draws), 1, seed)) {
            all.insert(all.end(), lanes, z);
        }
        return all;
    };
    auto const drawn = repeated(adc_draws_of<K>, 1);
    auto const fixed = repeated(adc_column_draws_of<K>, 2);
    auto const codes = check_batch_is_scalar(r, "code", sums, [&]<class V>(V sum, std::size_t) -> V {
        return kernel(sum, lane<V>{drawn.data(), lanes, fixed.data(), lanes});
    });
    std::set<float> different;
    for (std::size_t i = 0; i < sums.size() && r.ok(); ++i) {
        auto const where = [&] { return "sum " + digits_of(sums[i]) + " has code " + digits_of(codes[i]); };
        r.require(std::isfinite(codes[i]), where);
        r.require(!A::is_integer || codes[i] == std::nearbyint(codes[i]),
                  [&] { return where() + ": is_integer promises integers"; });
        r.require(!is_monotone || i == 0 || codes[i] >= codes[i - 1],
                  [&] { return where() + " below that of the smaller sum " + digits_of(sums[i - 1]); });
        if (resolution > 0) {
            different.insert(codes[i]);
        }
    }
    r.require(resolution == 0 || resolution > 30 || different.size() <= (std::size_t{1} << resolution), [&] {
        return std::to_string(different.size()) + " different codes from " + std::to_string(resolution) + " bits";
    });
    return r;
}

template <Adc A>
[[nodiscard]] report check_adc(A const& adc, std::vector<column_context> const& contexts = some_contexts(),
                               bool is_monotone = true) {
    report r;
    for (auto const& context : contexts) {
        r.add(check_adc(adc, context, is_monotone), to_string(context) + ": ");
    }
    return r;
}

/// A converter that is called lossless in a context gives every integer column
/// sum back: code * step == sum.
template <Adc A>
[[nodiscard]] report check_lossless(A const& adc, column_context const& context) {
    report r;
    auto const kernel = adc.prepare(context);
    using K = std::remove_cv_t<decltype(kernel)>;
    std::vector<float> const nominal(
        static_cast<std::size_t>(std::max({1, adc_draws_of<K>, adc_column_draws_of<K>})));  // zeros
    lane<float> const l{nominal.data(), 1, nominal.data(), 1};
    auto const highest = static_cast<int>(context.full_scale);
    for (int sum = context.signed_sums ? -highest : 0; sum <= highest && r.ok(); ++sum) {
        float const code = kernel(static_cast<float>(sum), l);
        r.require(static_cast<double>(code) * static_cast<double>(kernel.step) == sum, [&] {
            return "sum " + std::to_string(sum) + " comes back as " +
                   digits_of(static_cast<double>(code) * static_cast<double>(kernel.step));
        });
    }
    return r;
}

}  // namespace xcim::inline XCIM_ABI::testing
