/// \file
/// Models as a user writes them - digit codes with a bias and odd weights, a cell that is not linear, wires that
/// attenuate, a converter of one's own - against the reference.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/testing.hpp>
#include <xcim/xcim.hpp>

#include <cmath>

namespace {

using namespace xcim;
using test::different;
using test::random_tensor;
using test::tensor;

/// Offset binary: the code minus the lowest one, in bits; the bias brings it back.
struct offset_binary_digits {
    format f;
    [[nodiscard]] int count() const { return f.bits; }
    [[nodiscard]] int levels(int) const { return 2; }
    [[nodiscard]] int level(int code, int i) const { return ((code - f.lowest()) >> i) & 1; }
    [[nodiscard]] int weight(int i) const { return 1 << i; }
    [[nodiscard]] int bias() const { return f.lowest(); }
};

/// The distance from the highest code in base three: weights 1, 3, 9, ..., all negative, levels 0 to 2 of four.
struct ternary_digits {
    format f;
    [[nodiscard]] int count() const {
        int digits = 1;
        for (int power = 3; power <= f.highest() - f.lowest(); power *= 3) {
            ++digits;
        }
        return digits;
    }
    [[nodiscard]] int levels(int) const { return 4; }
    [[nodiscard]] int level(int code, int i) const { return (f.highest() - code) / -weight(i) % 3; }
    [[nodiscard]] int weight(int i) const { return i == 0 ? -1 : 3 * weight(i - 1); }
    [[nodiscard]] int bias() const { return f.highest(); }
};

/// Digits of different widths in turn, so that phases of one width are not neighbours.
struct mixed_digits {
    format f;
    [[nodiscard]] int count() const { return 4; }
    [[nodiscard]] int levels(int i) const { return i % 2 == 0 ? 2 : 8; }
    [[nodiscard]] int level(int code, int i) const { return (code >> shift(i)) & (levels(i) - 1); }
    [[nodiscard]] int weight(int i) const { return 1 << shift(i); }
    [[nodiscard]] int bias() const { return 0; }
    [[nodiscard]] static int shift(int i) { return i / 2 * 4 + i % 2; }
};

template <class Digits>
struct own_encoder {
    [[nodiscard]] Digits digits(format f) const { return {f}; }
};

template <class Digits>
struct own_mapper {
    geometry array{40, 64};
    [[nodiscard]] Digits digits(format f) const { return {f}; }
    [[nodiscard]] int tile_rows(weight_shape shape) const {
        return static_cast<int>(std::min<std::size_t>(33, shape.rows()));  // leaves rows of the array empty
    }
};

/// Compresses: the second drive level adds less than the first, strong states leak.
struct bent_cell {
    static constexpr bool is_linear = false;
    int levels = 16;
    float bend = 0.03F;
    struct kernel {
        float bend;
        template <value V>
        V operator()(V state, V drive) const {
            V const product = unfused(V(state * drive));
            return product - unfused(V(V(bend) * unfused(V(product * drive)))) + state * V(0.125F);
        }
    };
    [[nodiscard]] kernel prepare(cell_context context) const {
        return {bend / static_cast<float>(context.drive_levels)};
    }
};

/// The farther the row, the weaker its cells.
struct attenuating_wire {
    static constexpr bool is_identity = false;
    void apply(wired_array const& a) const {
        for (std::size_t r = 0; r < a.rows; ++r) {
            float const left = 1.0F - 0.004F * static_cast<float>(r);
            for (std::size_t c = 0; c < a.columns; ++c) {
                a.effective[r * a.columns + c] *= left;
            }
        }
    }
};

/// Two slopes: fine steps below a quarter of full scale, coarse ones above.
struct two_slope_adc {
    static constexpr bool is_integer = true;
    struct kernel {
        double step;
        float knee;
        float highest;
        template <value V>
        V operator()(V sum, lane<V> const& /*l*/) const {
            V const fine = round_down(min(sum, V(knee)));
            V const coarse = round_down(V(max(V(sum - V(knee)), V(0.0F)) * V(0.25F)));
            return clamp(V(fine + V(4.0F) * coarse), V(0.0F), V(highest));
        }
    };
    [[nodiscard]] int resolution(column_context const&) const { return 12; }
    [[nodiscard]] kernel prepare(column_context const& c) const {
        auto const highest = static_cast<float>(std::min(c.full_scale, 4095.0));
        return {1, std::floor(highest / 4), highest};
    }
};

tensor const x = random_tensor({6, 150}, 11);
tensor const w = random_tensor({19, 150}, 12);

template <class Macro>
void check(Macro const& macro) {
    CHECK_LAWS(testing::check_macro(macro, xcim::ref(x), xcim::ref(w)));
}

auto base() {
    return CimMacro{quant::symmetric{6},    mapping::bit_slice{.array = {40, 64}},
                    encoding::bit_serial{}, cell::ideal{},
                    noise::none{},          adc::uniform{6}};
}

/// Elements that are not the exact integer product times the scales.
template <class Macro>
std::size_t wrong_integers(Macro const& macro) {
    auto const qx = testing::quantise(macro.input_quantiser(), xcim::ref(x));
    auto const qw = testing::quantise(macro.weight_quantiser(), xcim::ref(w));
    auto const right = testing::integer_product(qx, qw, 150);
    auto const y = linear(macro, x, w, {.every_cycle = true});
    product_scale const real_value{qw.code_scale, qx.code_scale};
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < right.size(); ++i) {
        wrong += y.data()[i] == real_value(static_cast<double>(right[i])) ? 0U : 1U;
    }
    return wrong;
}

}  // namespace

TEST_CASE("digit codes with a bias and odd weights, as encoder, as mapper and as both") {
    using offset = offset_binary_digits;
    using ternary = ternary_digits;
    CHECK_LAWS(testing::check_digit_code(own_encoder<offset>{}));
    CHECK_LAWS(testing::check_digit_code(own_encoder<ternary>{}));
    CHECK_LAWS(testing::check_mapper(own_mapper<ternary>{}));
    check(base().with(own_encoder<offset>{}));
    check(base().with(own_mapper<offset>{}));
    check(base().with(own_encoder<offset>{}).with(own_mapper<offset>{}));
    check(base().with(own_encoder<ternary>{}));
    check(base().with(own_mapper<ternary>{}));
    check(base().with(own_encoder<ternary>{}).with(own_mapper<ternary>{}));
    check(base().with(own_encoder<ternary>{}).with(own_mapper<offset>{}));
}

TEST_CASE("the same codes through a converter that loses nothing give the integer product") {
    auto const exact = base().with(adc::exact_count{});
    CHECK(wrong_integers(exact.with(own_encoder<offset_binary_digits>{})) == 0);
    CHECK(wrong_integers(exact.with(own_mapper<offset_binary_digits>{})) == 0);
    CHECK(wrong_integers(exact.with(own_encoder<offset_binary_digits>{}).with(own_mapper<offset_binary_digits>{})) ==
          0);
    CHECK(wrong_integers(exact.with(own_encoder<ternary_digits>{}).with(own_mapper<ternary_digits>{})) == 0);
}

TEST_CASE("phases of several widths in any order") {
    auto const macro = base().with(quant::operands{quant::symmetric{6}, quant::unsigned_range{8}.clipping_negatives()});
    check(macro.with(own_encoder<mixed_digits>{}));
    check(macro.with(own_encoder<mixed_digits>{}).with(adc::exact_count{}));
    check(macro.with(encoding::bit_parallel{3}));
}

TEST_CASE("a cell that is not linear, with integer and with real codes, one and several bits a cell") {
    CHECK_LAWS(testing::check_cell_type(bent_cell{}, 40));
    for (int cell_bits = 1; cell_bits <= 3; ++cell_bits) {
        for (int const drive_bits : {1, 2, 5}) {
            CAPTURE(cell_bits);
            CAPTURE(drive_bits);
            auto const macro = base()
                                   .with(bent_cell{})
                                   .with(mapping::bit_slice{{40, 64}, cell_bits})
                                   .with(encoding::bit_parallel{drive_bits});
            check(macro);
            check(macro.with(adc::ideal{}));
        }
    }
}

TEST_CASE("wires of one's own, with linear and other cells") {
    CHECK_LAWS(testing::check_interconnect(attenuating_wire{}));
    for (int cell_bits = 1; cell_bits <= 2; ++cell_bits) {
        auto const macro = base().with(attenuating_wire{}).with(mapping::bit_slice{{40, 64}, cell_bits});
        check(macro);
        check(macro.with(adc::ideal{}));
        check(macro.with(bent_cell{}).with(encoding::bit_parallel{3}));
    }
}

TEST_CASE("a converter of one's own") {
    CHECK_LAWS(testing::check_adc(two_slope_adc{}));
    check(base().with(two_slope_adc{}));
    check(base().with(two_slope_adc{}).with(encoding::bit_parallel{3}));
}
