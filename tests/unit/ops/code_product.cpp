#include <xcim/ops/code_product.hpp>
#include <xcim/xcim.hpp>

#include <doctest/doctest.h>

#include <random>

namespace {

xt::xarray<std::int32_t> random_codes(std::vector<std::size_t> const& shape, xcim::format f, unsigned seed) {
    std::mt19937 draw{seed};
    xt::xarray<std::int32_t> codes = xt::xarray<std::int32_t>::from_shape(shape);
    auto const span = static_cast<unsigned>(f.highest() - f.lowest() + 1);
    for (auto& code : codes) {
        code = f.lowest() + static_cast<std::int32_t>(draw() % span);
    }
    codes.flat(0) = f.lowest();
    codes.flat(codes.size() - 1) = f.highest();
    return codes;
}

/// The sums of a lossless macro, by both of its paths, against the definition.
template <class WeightQuantiser, class InputQuantiser>
void check_code_product(WeightQuantiser weights, InputQuantiser inputs) {
    xcim::CimMacro const macro{xcim::quant::operands{weights, inputs},
                               xcim::mapping::bit_slice{.array = {64, 32}},
                               xcim::encoding::bit_serial{},
                               xcim::cell::sram{},
                               xcim::noise::none{},
                               xcim::adc::exact_count{}};
    CAPTURE(describe(macro));
    auto const w = random_codes({21, 100}, xcim::format_of(weights), 1);
    auto const x = random_codes({7, 100}, xcim::format_of(inputs), 2);
    for (bool const every_cycle : {false, true}) {
        CAPTURE(every_cycle);
        auto const sums = code_product(macro, x, w, {.every_cycle = every_cycle});
        for (std::size_t m = 0; m < 7; ++m) {
            for (std::size_t n = 0; n < 21; ++n) {
                std::int64_t sum = 0;
                for (std::size_t k = 0; k < 100; ++k) {
                    sum += std::int64_t{x(m, k)} * w(n, k);
                }
                REQUIRE(sums(m, n) == sum);
            }
        }
    }
}

}  // namespace

TEST_CASE("code_product: integers of every width come out as the integer product") {
    using xcim::quant::symmetric;
    using xcim::quant::unsigned_range;
    check_code_product(symmetric{8}, symmetric{8});
    check_code_product(symmetric{16}, symmetric{8});
    check_code_product(symmetric{16}, unsigned_range{16});
    check_code_product(symmetric{9}, symmetric{12});
    check_code_product(unsigned_range{8}, symmetric{2});
    check_code_product(unsigned_range{16}, unsigned_range{8});
    check_code_product(symmetric{2}, unsigned_range{1});
}

TEST_CASE("code_product: codes that are no codes, shapes that do not fit, converters that do not count") {
    xcim::CimMacro const macro{xcim::quant::symmetric{4},    xcim::mapping::bit_slice{.array = {64, 32}},
                               xcim::encoding::bit_serial{}, xcim::cell::sram{},
                               xcim::noise::none{},          xcim::adc::exact_count{}};
    xt::xarray<std::int32_t> const w{{1, 2, 3}, {-4, -5, -6}};
    xt::xarray<std::int32_t> const x{{1, 2, 3}};
    auto const error_of = [&](auto const& m, auto const& inputs, auto const& weights) -> std::string {
        try {
            static_cast<void>(code_product(m, inputs, weights));
        } catch (xcim::error const& e) {
            return e.what();
        }
        return "";
    };
    CHECK(error_of(macro, x, w).empty());
    xt::xarray<std::int32_t> const high{{1, 8, 3}};
    CHECK(error_of(macro, high, w) ==
          "xcim: the input of shape (1, 3): code 8 at flat index 1 is outside the 4-bit signed format, -8 to 7");
    CHECK(error_of(macro, x, xt::xarray<std::int32_t>{{1, 2, -9}})
              .find("the weights of shape (1, 3): code -9 at flat index 2") == 6);
    CHECK(error_of(macro, xt::xarray<std::int32_t>{{1, 2}}, w).find("(rows, 3) is needed") != std::string::npos);
    auto const coarse = macro.with(xcim::adc::uniform{4});
    CHECK(error_of(coarse, x, w).find("whose code stands for 4.26") != std::string::npos);
}
