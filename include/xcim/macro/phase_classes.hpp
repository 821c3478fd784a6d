#pragma once

/// \file
/// How the cycles of a composition are read: cell, noise, converter and readout prepared for each class of phases.

#include <xcim/concepts/cell_type.hpp>
#include <xcim/concepts/readout.hpp>
#include <xcim/core/error.hpp>
#include <xcim/macro/cell_sums.hpp>
#include <xcim/macro/product_plan.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI::detail {

/// The policies behind a column sum. `SumsBits`: column sums are counts of bits. `IsScheduled`: the encoder cuts phases
/// into cycles.
template <class Cell, class Noise, class Converter, class Reading, bool SumsBits, bool IsScheduled>
struct cycle_stages {
    using noise_kernel = decltype(std::declval<Noise const&>().prepare(column_context{}));
    using adc_kernel = decltype(std::declval<Converter const&>().prepare(column_context{}));
    using kernels = decltype(std::declval<Reading const&>().kernels(
        std::declval<column_stages<noise_kernel, adc_kernel> const&>()));
    using own_cell_kernel = decltype(std::declval<Cell const&>().prepare(cell_context{}));
    using cell_kernel =
        std::conditional_t<SumsBits, counted_cells,
                           std::conditional_t<is_product<own_cell_kernel>, multiply_cells, own_cell_kernel>>;
    using plan_type = product_plan<cell_kernel, kernels, IsScheduled>;
    using class_type = phase_class<cell_kernel, kernels>;

    Cell const& cell;
    Noise const& noise;
    Converter const& adc;
    Reading const& readout;

    /// Neighbouring phases of equal width, together. `context_of(digit)` is what their stages are prepared with.
    template <class ContextOf>
    [[nodiscard]] std::vector<class_type> classes(digit_plan const& phases, ContextOf const& context_of) const {
        std::vector<class_type> all;
        auto const& digits = phases.digits;
        for (std::size_t first = 0; first < digits.size();) {
            std::size_t count = 1;
            while (first + count < digits.size() && digits[first + count].bits == digits[first].bits &&
                   digits[first + count].is_signed == digits[first].is_signed) {
                ++count;
            }
            all.push_back(prepared(first, count, context_of(digits[first])));
            take_drives(all.back(), digits[first]);
            first += count;
        }
        return all;
    }

    /// The way every cycle is read: (phases, slices).
    [[nodiscard]] std::vector<std::size_t> ways(std::size_t phases, std::size_t slices) const {
        std::vector<std::size_t> all;
        for (std::size_t i = 0; i < phases; ++i) {
            for (std::size_t q = 0; q < slices; ++q) {
                all.push_back(readout.way_of(cycle{static_cast<int>(q), static_cast<int>(slices), static_cast<int>(i),
                                                   static_cast<int>(phases)}));
            }
        }
        return all;
    }

private:
    /// What a phase like this drives.
    void take_drives(class_type& c, digit const& phase) const {
        c.duration = static_cast<float>(phase.top());
        if constexpr (ReadNoisyCell<Cell>) {
            auto const levels = static_cast<std::size_t>(phase.levels());
            c.read_drives.resize(static_cast<std::size_t>(Cell::read_terms) * levels);
            for (std::size_t i = 0; i < levels; ++i) {
                auto const terms = cell.read_drives_of(std::abs(phase.lowest() + static_cast<int>(i)));
                for (std::size_t k = 0; k < terms.size(); ++k) {
                    c.read_drives[k * levels + i] = terms[k];
                }
            }
        }
    }

    /// Stages and numbers of `count` phases.
    [[nodiscard]] class_type prepared(std::size_t first, std::size_t count, column_context context) const {
        auto const noise_stage = noise.prepare(context);
        bool is_silent = Noise::is_identity;
        if constexpr (requires { noise_stage.is_off(); }) {
            is_silent = is_silent || noise_stage.is_off();
        }
        context.integer_sums = SumsBits;
        auto const adc_without_noise = adc.prepare(context);
        context.integer_sums = SumsBits && is_silent;
        column_stages<noise_kernel, adc_kernel> const stages{noise_stage, adc.prepare(context), adc_without_noise};
        class_type c{first,
                     count,
                     prepared_cell(context),
                     readout.kernels(stages),
                     {},
                     context.full_scale,
                     is_silent && adc_draws_of<adc_kernel> == 0,
                     {},
                     1,
                     {}};
        double const top = largest_code(stages.adc, std::exp2(adc.resolution(context)) - 1, context);
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((c.ways[I] = way_numbers(std::get<I>(c.kernels), top, context, is_silent)), ...);
        }
        (std::make_index_sequence<plan_type::ways>{});
        for (auto const& way : c.ways) {
            if (way.top_code >= 0x1p24) {
                throw error(errc::range, "a code of the readout may reach " + std::to_string(way.top_code) +
                                             "; fewer rows, levels, bits or samples are needed (below 2^24)");
            }
        }
        return c;
    }

    /// What a converter may read: what it says, else all that a column can reach.
    [[nodiscard]] static double largest_code(adc_kernel const& kernel, double levels, column_context const& context) {
        if constexpr (requires { kernel.largest_code(); }) {
            return std::max(kernel.largest_code(), levels);
        } else {
            return std::max(context.full_scale / static_cast<double>(kernel.step), levels);
        }
    }

    [[nodiscard]] cell_kernel prepared_cell(column_context const& context) const {
        if constexpr (std::same_as<cell_kernel, own_cell_kernel>) {
            return cell.prepare({context.rows, context.drive_levels});
        } else {
            return {};
        }
    }

    template <class Kernel>
    [[nodiscard]] static reading_way way_numbers(Kernel const& kernel, double top, column_context const& context,
                                                 bool is_silent) {
        reading_way way;
        way.step = kernel.step;
        way.top_code = top;
        if constexpr (requires { kernel.highest_code(top, top); }) {
            way.top_code = kernel.highest_code(top, context.full_scale);
        }
        way.is_integer = Converter::is_integer || is_digital<Kernel> || (SumsBits && Noise::is_identity);
        way.is_exact = is_digital<Kernel>;
        if constexpr (requires { kernel.is_exact(); }) {
            way.is_exact = way.is_exact || kernel.is_exact();
        }
        if constexpr (SumsBits && requires { kernel.counting(); }) {
            if (!is_silent) {
                way.counting = kernel.counting();
            }
        }
        return way;
    }
};

/// Every cycle reads integer sums as themselves.
template <class Classes>
[[nodiscard]] bool reads_exactly(Classes const& classes, std::vector<std::size_t> const& ways) {
    return std::all_of(ways.begin(), ways.end(), [&](std::size_t way) {
        return std::all_of(classes.begin(), classes.end(), [&](auto const& c) { return c.ways[way].is_exact; });
    });
}

}  // namespace xcim::inline XCIM_ABI::detail
