#pragma once

#include <xcim/analysis/cycle_table.hpp>
#include <xcim/analysis/moments.hpp>
#include <xcim/macro/cim_macro.hpp>
#include <xcim/macro/probe.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace xcim::inline XCIM_ABI::analysis {

/// The error every cycle (input phase p, weight slice q) makes, and how much of the output error is due to it: a probe.
///
///     e = value read - column sum,    share(p, q) = (w_p w_q)^2 <e^2>(p, q) / sum of the same over all cycles
///
/// with w the weights of phase and slice in the digital shift and add. Where errors of different conversions are
/// independent of each other, an output is wrong by
///
///     mean = T sum_pq w_p w_q <e>,    variance = T sum_pq (w_p w_q)^2 (<e^2> - <e>^2),    T tiles
///
/// in units of one weight code times one input code: times weight step times input step it is the error of y.
/// An encoder with a schedule has no fixed number of conversions per output: it is not accepted.
/// Parameters: the macro and the array of the runs it will see. Sees: every conversion of those runs, cell-LSB; errors
/// of several runs (seeds, batches) of one layer gather.
/// Not modelled: errors that are in the column sum already (cells, wires, quantised operands); correlation between
/// errors, of which rounding has some where the same sums return. The last bits of the means depend on the number of
/// threads.
/// Reference: the paths of Section IV-C and Fig. 11 of ASiM (arXiv 2411.11022, 2024), put in numbers.
/// Tests: tests/unit/analysis/cycle_errors.cpp.
class cycle_errors final : public column_probe {
public:
    cycle_errors(digit_plan phases, digit_plan slices) : phases_{std::move(phases)}, slices_{std::move(slices)} {
        static_cast<void>(errors_.make(phases_.digits.size() - 1, slices_.digits.size() - 1));
    }

    template <class... Policies>
    requires(!ScheduledEncoder<std::remove_cvref_t<decltype(std::declval<CimMacro<Policies...> const&>().encoding())>>)
        cycle_errors(CimMacro<Policies...> const& macro, programmed_array const& array)
        : cycle_errors(plan_digits(macro.encoding().digits(format_of(macro.input_quantiser())),
                                   format_of(macro.input_quantiser()), "Encoder"),
                       array.slices) {}

    void observe(observed_strip const& strip) override {
        tiles_ = std::max(tiles_, strip.tile + 1);
        for (std::size_t p = 0; p < strip.phases; ++p) {
            for (std::size_t c = 0; c < strip.columns; ++c) {
                std::size_t const at = p * strip.stride + c;
                errors_.make(strip.first_phase + p, observed_strip::slice_of(strip.column_ids[c]))
                    .add(static_cast<double>(strip.values[at]) - static_cast<double>(strip.sums[at]));
            }
        }
    }

    /// Mean, rms and extremes of the errors of every cycle, cell-LSB.
    [[nodiscard]] cycle_table<moments> const& cycles() const { return errors_; }

    /// Weight of a cycle in the output: phase weight * slice weight.
    [[nodiscard]] double weight(std::size_t phase, std::size_t slice) const {
        static_cast<void>(errors_.at(phase, slice));
        return static_cast<double>(phases_.digits[phase].weight) * slices_.digits[slice].weight;
    }

    /// Share of a cycle in the power of the output error, 0 to 1; all shares sum to 1, or are 0 where nothing erred.
    [[nodiscard]] double share(std::size_t phase, std::size_t slice) const {
        double const all = sum_over_cycles([this](std::size_t p, std::size_t q) { return power(p, q); });
        return all > 0 ? power(phase, slice) / all : 0.0;
    }

    /// Mean error of an output, in weight code times input code.
    [[nodiscard]] double output_mean() const {
        return static_cast<double>(tiles_) *
               sum_over_cycles([this](std::size_t p, std::size_t q) { return weight(p, q) * errors_.at(p, q).mean(); });
    }

    /// Rms error of an output if errors are independent, in weight code times input code.
    [[nodiscard]] double output_rms() const {
        double const variance = static_cast<double>(tiles_) * sum_over_cycles([this](std::size_t p, std::size_t q) {
                                    return weight(p, q) * weight(p, q) * errors_.at(p, q).variance();
                                });
        return std::sqrt(output_mean() * output_mean() + variance);
    }

private:
    [[nodiscard]] double power(std::size_t phase, std::size_t slice) const {
        return weight(phase, slice) * weight(phase, slice) * errors_.at(phase, slice).mean_square();
    }

    template <class F>
    [[nodiscard]] double sum_over_cycles(F const& f) const {
        double sum = 0;
        for (std::size_t p = 0; p < errors_.phases(); ++p) {
            for (std::size_t q = 0; q < errors_.slices(); ++q) {
                sum += f(p, q);
            }
        }
        return sum;
    }

    digit_plan phases_;
    digit_plan slices_;
    cycle_table<moments> errors_;
    std::size_t tiles_ = 0;
};

}  // namespace xcim::inline XCIM_ABI::analysis
