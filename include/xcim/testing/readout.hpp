#pragma once

/// \file
/// Laws of Readout: see <xcim/concepts/readout.hpp>.

#include <xcim/concepts/readout.hpp>
#include <xcim/noise/none.hpp>
#include <xcim/testing/adc.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::testing {

/// In front of `adc`, in one context: without noise a readout returns what its converter returns and draws nothing
/// that changes it; batch and scalar agree; every column sum costs at least one conversion.
template <Readout R, Adc A>
[[nodiscard]] report check_readout(R const& readout, A const& adc, column_context const& context) {
    report r;
    r.require(static_cast<int>(R::conversions) >= 1,
              [] { return "a column sum costs " + std::to_string(static_cast<int>(R::conversions)) + " conversions"; });
    auto const converter = adc.prepare(context);
    auto const whole = readout.combine(noise::none{}.prepare(context), converter);
    auto const sums = column_sums(context);
    auto const draws = static_cast<std::size_t>(decltype(whole)::draws);
    auto const normals = some_normals(draws, sums.size(), 1);
    auto const codes = check_batch_is_scalar(r, "readout", sums, [&]<class V>(V sum, std::size_t i) -> V {
        return whole(sum, lane<V>{normals.data() + (draws > 0 ? i : 0), sums.size()});
    });
    for (std::size_t i = 0, before = r.count(); i < sums.size() && r.count() == before; ++i) {
        float const code = converter(sums[i], lane<float>{});
        r.require(bits_of(code) == bits_of(codes[i]), [&] {
            return "without noise sum " + digits_of(sums[i]) + " reads " + digits_of(codes[i]) +
                   ", its converter gives " + digits_of(code);
        });
    }
    return r;
}

template <Readout R, Adc A>
[[nodiscard]] report check_readout(R const& readout, A const& adc,
                                   std::vector<column_context> const& contexts = some_contexts()) {
    report r;
    for (auto const& context : contexts) {
        r.add(check_readout(readout, adc, context), to_string(context) + ": ");
    }
    return r;
}

}  // namespace xcim::inline XCIM_ABI::testing
