#pragma once

/// \file
/// Laws of Readout: see <xcim/concepts/readout.hpp>.

#include <xcim/concepts/readout.hpp>
#include <xcim/noise/none.hpp>
#include <xcim/testing/adc.hpp>

#include <cmath>
#include <string>
#include <tuple>

namespace xcim::inline XCIM_ABI::testing {

/// In front of `adc`, in one context: without noise every way reads what its converter reads, a digital one the sum
/// itself (codes may be finer than the converter's, values are the same); batch and scalar agree; every cycle has a
/// way, and costs no conversion only where that is digital.
template <Readout R, Adc A>
[[nodiscard]] report check_readout(R const& readout, A const& adc, column_context const& context) {
    report r;
    auto const converter = adc.prepare(context);
    auto const kernels = readout.kernels(column_stages{noise::none{}.prepare(context), converter, converter});
    constexpr std::size_t ways = std::tuple_size_v<decltype(kernels)>;
    std::array<bool, ways> digital{};
    auto const sums = column_sums(context);
    auto const check_way = [&](std::size_t way, auto const& kernel) {
        digital[way] = is_digital<std::remove_cvref_t<decltype(kernel)>>;
        std::string const name = "way " + std::to_string(way);
        auto const draws = static_cast<std::size_t>(kernel.draws);
        auto const normals = some_normals(draws, sums.size(), 1);
        auto const codes = check_batch_is_scalar(r, name.c_str(), sums, [&]<class V>(V sum, std::size_t i) -> V {
            return kernel(sum, lane<V>{normals.data() + (draws > 0 ? i : 0), sums.size()});
        });
        for (std::size_t i = 0, before = r.count(); i < sums.size() && r.count() == before; ++i) {
            double const value = static_cast<double>(codes[i]) * static_cast<double>(kernel.step);
            double const right = digital[way] ? static_cast<double>(sums[i])
                                              : static_cast<double>(converter(sums[i], lane<float>{})) *
                                                    static_cast<double>(converter.step);
            r.require(std::abs(value - right) <= 1e-12 * std::abs(right), [&] {
                return name + ": without noise sum " + digits_of(sums[i]) + " reads " + digits_of(value) +
                       ", its converter gives " + digits_of(right);
            });
        }
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) { (check_way(I, std::get<I>(kernels)), ...); }
    (std::make_index_sequence<ways>{});
    for (int q = 0; q < 8; ++q) {
        for (int p = 0; p < 5; ++p) {
            cycle const c{q, 8, p, 5};
            std::size_t const way = readout.way_of(c);
            auto const where = [&] { return "slice " + std::to_string(q) + ", phase " + std::to_string(p); };
            r.require(way < ways, [&] { return where() + " takes way " + std::to_string(way); });
            r.require(way >= ways || (readout.conversions_of(c) > 0) != digital[way],
                      [&] { return where() + " costs " + std::to_string(readout.conversions_of(c)) + " conversions"; });
        }
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
