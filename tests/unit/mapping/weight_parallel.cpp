#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/testing/macro.hpp>
#include <xcim/xcim.hpp>

using namespace xcim;

namespace {

/// Uses the one code that has no positive counterpart.
struct lowest_code {
    static constexpr bool is_signed = true;
    int bits = 4;
    struct kernel {
        template <value V>
        V code(V v) const {
            return min(v, V(0.0F)) * V(8.0F);
        }
        template <value V>
        V value(V code) const {
            return code * V(0.125F);
        }
    };
    [[nodiscard]] scale calibrate(range) const { return {1, 8}; }
    [[nodiscard]] kernel prepare(scale) const { return {}; }
};

template <class Converter>
auto parallel_macro(int bits, Converter adc, int drive_bits) {
    return CimMacro{quant::operands{quant::symmetric{bits}, quant::unsigned_range{4}},
                    mapping::weight_parallel{{30, 64}},
                    encoding::bit_parallel{drive_bits},
                    cell::ideal{},
                    noise::none{},
                    adc};
}

}  // namespace

TEST_CASE("mapping::weight_parallel: one signed column per output, converted tile by tile") {
    auto const x = test::random_tensor({9, 70}, 1, 0, 1);  // three tiles
    auto const w = test::random_tensor({13, 70}, 2);
    for (int const bits : {2, 4, 7, 8}) {
        for (int const drive_bits : {1, 3, 4}) {
            CAPTURE(bits);
            CAPTURE(drive_bits);
            CHECK_LAWS(testing::check_macro(parallel_macro(bits, adc::uniform{8}, drive_bits), ref(x), ref(w)));
            CHECK_LAWS(testing::check_macro(parallel_macro(bits, adc::uniform{5}, drive_bits), ref(x), ref(w)));
            CHECK_LAWS(testing::check_macro(parallel_macro(bits, adc::exact_count{}, drive_bits), ref(x), ref(w)));
        }
    }
    auto const macro = parallel_macro(4, adc::uniform{8}, 4);
    CHECK(macro.conversions_per_row(macro.program(w)) == 13 * 3);
}

TEST_CASE("mapping::weight_parallel without loss is the integer product") {
    auto const x = test::random_tensor({5, 64}, 3, 0, 1);
    auto const w = test::random_tensor({70, 64}, 4);
    auto const exact = parallel_macro(5, adc::exact_count{}, 4);
    auto const slices = exact.with(mapping::bit_slice{.array = {30, 64}});
    auto const right = linear(slices, x, w);
    CHECK(test::different(linear(exact, x, w), right) == 0);
    for (int const drive_bits : {1, 3, 4}) {
        CHECK(test::different(linear(exact.with(encoding::bit_parallel{drive_bits}), x, w, {.every_cycle = true}),
                              right) == 0);
    }
    // The same cells as currents that do not vary: negative levels take from the column.
    auto const currents = exact.with(cell::current{.levels = 32, .variation = 0}).with(adc::ideal{});
    CHECK(test::different(linear(currents, x, w), right) == 0);
}

TEST_CASE("signed digits that one kind of cell and converter cannot serve are an error") {
    tensor_ref const weights = [] {
        static float const values[] = {-1.0F, 0.0F};
        return tensor_ref{values, {1, 2}};
    }();
    auto const macro =
        parallel_macro(4, adc::exact_count{}, 4).with(quant::operands{lowest_code{}, quant::unsigned_range{4}});
    CHECK_THROWS_WITH(static_cast<void>(macro.program(weights)),
                      "xcim: weight code -8 needs level -8 of a signed cell whose levels are -7 to 7");
}

TEST_CASE("adc::uniform converts both signs alike") {
    column_context context;
    context.full_scale = 100;
    context.signed_sums = true;
    for (bool const integers : {false, true}) {
        context.integer_sums = integers;
        auto const k = adc::uniform{3}.prepare(context);  // codes -3 to 3
        CHECK(k.step == doctest::Approx(100 / 3.0));
        for (float sum = 0; sum <= 100; ++sum) {
            CHECK(k(-sum, lane<float>{}) == -k(sum, lane<float>{}));
        }
        CHECK(k(100.0F, lane<float>{}) == 3.0F);
        CHECK(k(-104.0F, lane<float>{}) == -3.0F);
        CHECK(k(-16.0F, lane<float>{}) == 0.0F);
        CHECK(k(-17.0F, lane<float>{}) == -1.0F);
    }
    CHECK_THROWS_WITH(static_cast<void>(adc::uniform{1}.prepare(context)),
                      "xcim: adc::uniform.bits is 1; columns of both signs need at least 2");
}
