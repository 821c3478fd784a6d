#include <doctest/doctest.h>

#include <xcim/analysis/distribution.hpp>
#include <xcim/analysis/snr.hpp>

#include <tests/support/compositions.hpp>
#include <tests/support/tensors.hpp>

#include <cmath>
#include <limits>
#include <vector>

namespace {

using namespace xcim;
using analysis::decibel;
using analysis::snr_of;
using test::tensor;

/// 8-bit operands, 255 rows counted exactly, bit by bit.
auto lossless_8b() {
    return test::lossless_macro()
        .with(quant::operands{quant::symmetric{8}, quant::unsigned_range{8}})
        .with(mapping::bit_slice{.array = {255, 64}})
        .with(adc::uniform{8});
}

auto layer_inputs() { return analysis::sample(analysis::rectified_normal{}, {40, 300}, 1); }
auto layer_weights() { return analysis::sample(analysis::normal{}, {30, 300}, 2); }

}  // namespace

TEST_CASE("snr_db is Eq. 4 of numbers written down") {
    tensor const ideal{3, -4, 0};
    CHECK(analysis::snr_db(ideal, tensor{3, -3, 0.5F}) == doctest::Approx(10 * std::log10(25 / 1.25)));
    CHECK(analysis::snr_db(ideal, std::vector<float>{3.5F, -4, 0}) == doctest::Approx(20));
    CHECK(std::isinf(analysis::snr_db(ideal, ideal)));
    CHECK_THROWS_AS(static_cast<void>(analysis::snr_db(ideal, tensor{1, 2})), error);
}

TEST_CASE("snr_of a lossless macro: what is lost is the operands' quantisation") {
    auto const r = snr_of(lossless_8b(), layer_inputs(), layer_weights());
    CHECK(r.powers.signal > 100);
    CHECK(r.powers.output_quantisation < 1e-10 * r.powers.signal);  // float32 against double
    CHECK(r.powers.analog == 0);
    CHECK(r.sqnr_db == doctest::Approx(r.input_sqnr_db).epsilon(1e-4));
    CHECK(r.csnr_db == r.sqnr_db);
    CHECK(r.input_sqnr_db > 35);
    CHECK(r.input_sqnr_db < 50);
}

TEST_CASE("snr_of: the input part is the theory of uniform rounding errors") {
    // x and w uniform: error variances step^2 / 12, so y = sum x w errs by K (vx dw + vw dx + dx dw).
    auto const x = analysis::sample(analysis::uniform{0, 1}, {60, 512}, 3);
    auto const w = analysis::sample(analysis::uniform{-1, 1}, {60, 512}, 4);
    auto const r = snr_of(lossless_8b(), x, w);
    double const dx = 1.0 / 255 / 255 / 12;
    double const dw = 1.0 / 127 / 127 / 12;
    double const vx = 1.0 / 3;
    double const vw = 1.0 / 3;
    CHECK(r.powers.input_quantisation == doctest::Approx(512 * (vx * dw + vw * dx + dx * dw)).epsilon(0.05));
    CHECK(r.powers.signal == doctest::Approx(512 * vx * vw).epsilon(0.1));
}

TEST_CASE("snr_of: noise powers add, and every seed is one sample of them") {
    auto const macro = lossless_8b().with(adc::uniform{6}).with(noise::gaussian{of_full_scale(0.01)});
    auto const r = snr_of(macro, layer_inputs(), layer_weights(), {.seed = 5, .seeds = 4});
    CHECK(r.input_sqnr_db > r.sqnr_db + 3);
    CHECK(r.sqnr_db > r.csnr_db + 1);
    // The converter's error and what the noise adds to it are only nearly independent.
    CHECK(decibel(analysis::sqnr(r.powers)) == doctest::Approx(r.sqnr_db).epsilon(0.02));
    CHECK(std::fabs(decibel(analysis::csnr(r.powers)) - r.csnr_db) < 3);

    double power = 0;
    for (std::uint64_t seed = 5; seed < 9; ++seed) {
        auto const one = snr_of(macro, layer_inputs(), layer_weights(), {.seed = seed});
        CHECK(one.sqnr_db == r.sqnr_db);
        power += one.powers.signal / std::pow(10, one.csnr_db / 10) / 4;
    }
    CHECK(decibel(r.powers.signal / power) == doctest::Approx(r.csnr_db));
    CHECK(snr_of(macro, layer_inputs(), layer_weights(), {.seed = 5, .seeds = 4, .threads = 2}).csnr_db == r.csnr_db);
}

TEST_CASE("snr_of: what differs from chip to chip counts as analog, in cells, drivers and comparators alike") {
    auto const ideal = lossless_8b().with(encoding::bit_parallel{2}).with(adc::uniform{7});
    auto const sqnr = snr_of(ideal, layer_inputs(), layer_weights()).sqnr_db;
    auto const check_chip = [&](auto const& macro) {
        auto const one = snr_of(macro, layer_inputs(), layer_weights(), {.chip = 1});
        auto const two = snr_of(macro, layer_inputs(), layer_weights(), {.chip = 2});
        CHECK(one.sqnr_db == sqnr);
        CHECK(one.csnr_db < sqnr - 0.5);
        CHECK(two.csnr_db != one.csnr_db);
        CHECK(snr_of(macro, layer_inputs(), layer_weights(), {.chip = 1, .seed = 9}).csnr_db == one.csnr_db);
    };
    check_chip(ideal.with(cell::current{.variation = 0.1}));
    check_chip(ideal.with(noise::comparator_offset{in_adc_lsb(0.5)}));
    check_chip(ideal.with(encoding::mismatched_dac{.bits = 2, .unit_deviation = 0.3}));
}

TEST_CASE("snr_of: uniform operands promise more than a layer behind a ReLU keeps") {
    auto const macro = lossless_8b().with(noise::gaussian{of_full_scale(0.002)});
    auto const uniform = analysis::uniform{0, 1};
    auto const promised =
        snr_of(macro, analysis::sample(uniform, {40, 300}, 1), analysis::sample(analysis::uniform{}, {30, 300}, 2));
    auto const kept = snr_of(
        macro, analysis::sample(analysis::sparse{analysis::rectified_normal{}, 0.4F}, {40, 300}, 1), layer_weights());
    CHECK(promised.csnr_db > kept.csnr_db + 6);
}

TEST_CASE("snr_of a convolution is that of the same product written as a matrix") {
    // A 1x1 convolution of one pixel is a matrix product.
    auto const macro = lossless_8b().with(adc::uniform{6});
    auto const x = layer_inputs();
    auto const w = layer_weights();
    tensor image = x;
    image.reshape({40, 300, 1, 1});
    tensor filters = w;
    filters.reshape({30, 300, 1, 1});
    auto const a = snr_of(macro, x, w);
    auto const b = snr_of(macro, image, filters);
    CHECK(a.powers.signal == b.powers.signal);
    CHECK(a.sqnr_db == b.sqnr_db);
    CHECK(a.csnr_db == b.csnr_db);
}

TEST_CASE("snr_of a convolution: strides, padding, dilation, groups and windows fit those of conv2d") {
    for (auto const& conv : {conv_options{}, conv_options{.stride = 2, .padding = 1},
                             conv_options{.stride = {1, 2}, .padding = {0, 2}, .dilation = {2, 1}},
                             conv_options{.padding = 1, .groups = 2}}) {
        auto const x = analysis::sample(analysis::rectified_normal{}, {2, 6, 7, 8}, 1);
        auto const w = analysis::sample(analysis::normal{}, {4, 6 / static_cast<std::size_t>(conv.groups), 3, 2}, 2);
        auto const r = snr_of(lossless_8b(), x, w, {.conv = conv});
        CHECK(r.powers.output_quantisation < 1e-10 * r.powers.signal);
        CHECK(r.input_sqnr_db > 30);
    }
}

TEST_CASE("snr_of: a zero point, which padding drives too, is no error") {
    auto const macro = lossless_8b().with(quant::operands{quant::symmetric{8}, quant::affine{8}});
    auto const x = analysis::sample(analysis::uniform{-0.5F, 2}, {2, 6, 7, 8}, 1);
    auto const w = analysis::sample(analysis::normal{}, {4, 6, 3, 3}, 2);
    auto const r = snr_of(macro, x, w, {.conv = {.padding = 1}});
    CHECK(r.powers.output_quantisation < 1e-10 * r.powers.signal);
    CHECK(r.input_sqnr_db > 30);
}

TEST_CASE("snr_of says what is wrong") {
    auto const macro = lossless_8b();
    CHECK_THROWS_AS(static_cast<void>(snr_of(macro, layer_inputs(), layer_weights(), {.seeds = 0})), error);
    CHECK_THROWS_AS(static_cast<void>(snr_of(macro, layer_inputs(), analysis::sample(analysis::normal{}, {3, 4}, 1))),
                    error);
    auto x = layer_inputs();
    x(0, 0) = std::numeric_limits<float>::infinity();
    CHECK_THROWS_AS(static_cast<void>(snr_of(macro, x, layer_weights())), error);
}
