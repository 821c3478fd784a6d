#pragma once

#include <xcim/concepts/adc.hpp>
#include <xcim/core/parameter.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// Mid-tread converter whose 2^bits - 1 steps span the full range of the column. Models Adc.
///
///     code = clamp(rne(sum * L / F), 0, L),     L = 2^bits - 1,     F = full scale,     step = F / L cell-LSB
///
/// Columns that go both ways (mapping::weight_parallel) are converted symmetrically: codes -L to L, L = 2^(bits-1) - 1.
/// rne rounds half to even, of the exact quotient: for integer sums every code is the one of exact arithmetic.
/// Parameters: `bits` 1 to 16, default 8.
/// Sees/returns: column sums in cell-LSB; codes 0 to L, or -L to L.
/// Not modelled: offset, gain, INL and DNL, a reduced range.
/// Reference: specification of ASiM's ADC (Keio-CSG/ASiM; arXiv 2411.11022, 2024).
/// Tests: tests/unit/adc/uniform.cpp, tests/conformance/adc.cpp. Benchmark: benchmarks/macro/layers.cpp.
template <param<int> Bits = int>
struct uniform {
    static constexpr bool is_integer = true;

    [[no_unique_address]] Bits bits{8};

    class kernel {
    public:
        kernel(std::int64_t full_scale, std::int64_t highest_code, bool integer_sums, bool signed_sums)
            : step{static_cast<double>(full_scale) / static_cast<double>(highest_code)},
              highest{static_cast<float>(highest_code)}, full_scale_{static_cast<float>(full_scale)},
              codes_per_sum_{static_cast<float>(static_cast<double>(highest_code) / static_cast<double>(full_scale))},
              signed_{signed_sums}, is_count_{integer_sums && full_scale == highest_code && !signed_sums},
              integer_sums_{integer_sums && !signed_sums}, is_exact_{integer_sums && highest_code % full_scale == 0},
              corrects_{integer_sums && !product_is_exact()} {}

        double step;
        float highest;

        /// At or above boundary precision: a whole number of codes per count.
        [[nodiscard]] bool is_exact() const { return is_exact_; }

        /// One code per count: see concepts/readout.hpp.
        [[nodiscard]] bool counts() const { return full_scale_ == highest && !signed_; }

        template <value V>
        V operator()(V sum, lane<V> const& /*l*/) const {
            if (is_count_) {
                return sum;
            }
            if (signed_) {
                V const magnitude = converted(abs(sum));
                return select(sum < V(0.0F), V(V(0.0F) - magnitude), magnitude);  // no negative zero
            }
            return converted(sum);
        }

    private:
        template <value V>
        [[nodiscard]] V converted(V sum) const {
            V code = rounded(sum);
            if (corrects_) {
                code = corrected(sum, code);
            }
            return code;
        }

        template <value V>
        [[nodiscard]] V rounded(V sum) const {
            V const code = round_half_even(V(sum * V(codes_per_sum_)));
            // Exact integer sums never leave the range.
            return integer_sums_ ? code : V(clamp(code, V(0.0F), V(highest)));
        }

        /// Moves a code that the rounded product put on the wrong side of a threshold. The distance
        /// t = sum * L - code * F is exact in wrapping 32-bit arithmetic because it is small itself.
        template <value V>
        [[nodiscard]] V corrected(V sum, V code) const {
            using word = word_of<V>;
            V const t =
                to_float(word(to_word(sum) * word(to_word(highest)) - to_word(code) * word(to_word(full_scale_))));
            V const twice = t + t;
            V const f = V(full_scale_);
            V const odd = code - V(2.0F) * round_down(V(code * V(0.5F)));
            V const up = select(twice > f, V(1.0F), select(twice == f, odd, V(0.0F)));
            V const down = select(twice < -f, V(1.0F), select(twice == -f, odd, V(0.0F)));
            return code + up - down;
        }

        /// Whether rne(float(sum) * float(L / F)) is right for every integer sum: only sums next to a threshold
        /// (code + 1/2) F / L can be wrong, so those are tried.
        [[nodiscard]] bool product_is_exact() const {
            auto const f = static_cast<std::int64_t>(full_scale_);
            auto const l = static_cast<std::int64_t>(highest);
            auto const right = [&](std::int64_t sum) {
                std::int64_t const below = sum * l / f;
                std::int64_t const twice_rest = 2 * (sum * l - below * f);
                bool const up = twice_rest > f || (twice_rest == f && below % 2 == 1);
                return rounded(static_cast<float>(sum)) == static_cast<float>(below + (up ? 1 : 0));
            };
            for (std::int64_t code = 0; code < l; ++code) {
                std::int64_t const threshold = (2 * code + 1) * f / (2 * l);
                if (!right(threshold) || !right(std::min(threshold + 1, f))) {
                    return false;
                }
            }
            return true;
        }

        float full_scale_;
        float codes_per_sum_;
        bool signed_;
        bool is_count_;  // one step per count and no noise: nothing to round
        bool integer_sums_;
        bool is_exact_;
        bool corrects_;
    };

    [[nodiscard]] int resolution(column_context const& /*context*/) const { return bits; }

    [[nodiscard]] kernel prepare(column_context const& context) const {
        int const magnitude_bits = context.signed_sums ? int{bits} - 1 : int{bits};
        if (magnitude_bits < 1) {
            throw error(errc::bits, "adc::uniform.bits is 1; columns of both signs need at least 2");
        }
        return {static_cast<std::int64_t>(context.full_scale), (std::int64_t{1} << magnitude_bits) - 1,
                context.integer_sums, context.signed_sums};
    }

    [[nodiscard]] std::string wrong() const { return outside("adc::uniform.bits", bits, 1, 16); }

    friend std::string to_string(uniform const& a) { return "uniform ADC " + std::to_string(int{a.bits}) + " bit"; }
};

template <class Bits>
uniform(Bits) -> uniform<Bits>;

}  // namespace xcim::inline XCIM_ABI::adc
