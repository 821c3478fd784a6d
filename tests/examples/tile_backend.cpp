/// The backend that puts the layers of a network on analog tiles.

#include "../../examples/networks/tile_backend.hpp"
#include "../support/tensors.hpp"

#include <xcim/adc/calibrated.hpp>
#include <xcim/cell/pair.hpp>
#include <xcim/cell/pcm.hpp>
#include <xcim/encoding/pulse_width.hpp>
#include <xcim/macro.hpp>
#include <xcim/mapping/differential.hpp>
#include <xcim/noise/none.hpp>
#include <xcim/wire/paired.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <vector>

namespace {

using networks::tensor;
using xcim::test::random_tensor;

struct tile_flaws {
    double ohm = 0;
    double seconds = 0;
    bool is_programmed_badly = false;
    double pulse = 0;
};

auto tile_macro_of(tile_flaws const& flaws, int adc_bits = 16) {
    return xcim::CimMacro{xcim::quant::operands{xcim::quant::symmetric{8}, xcim::quant::symmetric{8}},
                          xcim::mapping::differential{.array = {64, 32}, .cell_bits = 7},
                          xcim::encoding::pulse_width{},
                          xcim::cell::pair{xcim::cell::pcm{.levels = 128,
                                                           .time = flaws.seconds,
                                                           .programming_noise = flaws.is_programmed_badly,
                                                           .pulse_unit = flaws.pulse}},
                          xcim::noise::none{},
                          xcim::adc::calibrated{adc_bits, xcim::adc::range_in_cell_lsb(-1e6, 1e6)},
                          xcim::wire::paired{.bit_line_resistance = flaws.ohm}};
}

using tile_macro = decltype(tile_macro_of({}));

auto tile_of(tile_flaws const& flaws, networks::tile_options const& options = {}, xcim::run_options const& run = {}) {
    auto silent = flaws;
    silent.pulse = 0;
    return networks::tile_backend<tile_macro>{
        {tile_macro_of(flaws), tile_macro_of(silent), tile_macro_of({})}, options, run};
}

/// A convolution, a linear layer and attention in a row.
struct small_network {
    networks::conv_layer conv{"conv", random_tensor({8, 3, 3, 3}, 1), random_tensor({8}, 2), 1, 1, 0, true};
    networks::attention_layer attention{"attention",
                                        random_tensor({24, 8}, 3),
                                        random_tensor({24}, 4),
                                        random_tensor({8, 8}, 5),
                                        random_tensor({8}, 6),
                                        2,
                                        0.5F,
                                        1};
    networks::linear_layer linear{"linear", random_tensor({5, 8}, 7), random_tensor({5}, 8), 5, true};

    template <class B>
    [[nodiscard]] tensor operator()(B& backend, tensor const& images) const {
        auto const y = backend.conv2d(conv, images);  // (N, 8, 4, 4)
        auto x = networks::make_tensor({y.shape(0), 16, 8});
        for (std::size_t i = 0; i < y.size(); ++i) {
            x.data()[i / 128 * 128 + i % 16 * 8 + i / 16 % 8] = y.data()[i];
        }
        return backend.linear(linear, backend.attention(attention, x));
    }
};

tensor small_images(std::size_t count) { return random_tensor({count, 3, 4, 4}, 9); }

double relative_error(tensor const& a, tensor const& b) {
    auto error = 0.0, signal = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        error += std::pow(static_cast<double>(a.data()[i] - b.data()[i]), 2);
        signal += std::pow(static_cast<double>(b.data()[i]), 2);
    }
    return std::sqrt(error / signal);
}

/// The network on a calibrated tile.
template <class B>
tensor calibrated_run(B& backend, tensor const& images) {
    auto const net = small_network{};
    backend.calibrate([&] { static_cast<void>(net(backend, images)); });
    return net(backend, images);
}

}  // namespace

TEST_CASE("a tile without flaws is the network in 8 bits") {
    auto in_float = networks::float_backend{};
    auto const images = small_images(6);
    auto const exact = small_network{}(in_float, images);
    auto backend = tile_of({});
    CHECK(relative_error(calibrated_run(backend, images), exact) < 0.05);
    networks::layer_errors errors;
    auto comparing = networks::comparing_backend{backend, errors};
    CHECK(small_network{}(comparing, images) == exact);
    // Steps of 1/127 of the largest: 48 dB for weights, evenly spread, 42 for normal inputs that reach 3.5 sigma.
    CHECK(errors.mean_snr_db() > 38);
    CHECK(backend.layers() == 4);  // of attention, two

    auto with_digital = tile_of({}, {.keeps_digital = true});
    static_cast<void>(calibrated_run(with_digital, images));
    CHECK(with_digital.layers() == 3);
}

TEST_CASE("calibration passes float on, once a layer, and layers that it has not met are refused") {
    auto in_float = networks::float_backend{};
    auto const net = small_network{};
    auto const images = small_images(2);
    auto backend = tile_of({.seconds = 1e6, .is_programmed_badly = true});
    tensor passed;
    backend.calibrate([&] { passed = net(backend, images); });
    CHECK(relative_error(passed, net(in_float, images)) < 1e-6);

    auto other = net.linear;
    other.number = 77;
    CHECK_THROWS_WITH_AS(static_cast<void>(backend.linear(other, random_tensor({1, 8}, 1))),
                         "'linear' was not met in calibration", std::logic_error);
}

TEST_CASE("results on tiles do not depend on batches or threads, and belong to a chip") {
    auto const net = small_network{};
    auto const images = small_images(5);
    auto const flaws = tile_flaws{.ohm = 1, .seconds = 3600, .is_programmed_badly = true, .pulse = 1e-9};
    auto const run = [&](std::uint64_t chip, int threads) {
        auto backend = tile_of(flaws, {.chip = chip}, {.seed = 3, .threads = threads});
        return calibrated_run(backend, images);
    };
    auto const whole = run(1, 1);
    CHECK(whole == run(1, 2));
    CHECK(relative_error(run(2, 1), whole) > 1e-3);

    auto backend = tile_of(flaws, {.chip = 1}, {.seed = 3});
    backend.calibrate([&] { static_cast<void>(net(backend, images)); });
    for (std::size_t first : {0U, 2U}) {
        auto const last = first == 0 ? std::size_t{2} : images.shape(0);
        backend.begin_batch(first);
        CHECK(net(backend, networks::slice(images, first, last)) == networks::slice(whole, first, last));
    }
}

TEST_CASE("outputs of a tile may have scales of their own") {
    auto layer = networks::linear_layer{"linear", random_tensor({4, 30}, 1), {}, 0, true};
    for (std::size_t k = 0; k < 30; ++k) {
        layer.weight.data()[k] *= 1e-3F;
        layer.weight.data()[30 + k] = 0;
    }
    auto const x = random_tensor({20, 30}, 2);
    auto const exact = networks::float_backend{}.linear(layer, x);
    auto const first_output_error = [&](bool scales) {
        auto backend = tile_of({}, {.scales_outputs = scales});
        backend.calibrate([&] { static_cast<void>(backend.linear(layer, x)); });
        auto const y = backend.linear(layer, x);
        auto error = 0.0, signal = 0.0;
        for (std::size_t m = 0; m < 20; ++m) {
            CHECK(std::abs(y(m, 1)) < 1e-3F);  // zero is no level of the converter
            error += std::pow(static_cast<double>(y(m, 0) - exact(m, 0)), 2);
            signal += std::pow(static_cast<double>(exact(m, 0)), 2);
        }
        return std::sqrt(error / signal);
    };
    CHECK(first_output_error(true) < 0.02);
    CHECK(first_output_error(false) > 0.5);
}

TEST_CASE("gains take back what drift and wires have in common for a layer or an output") {
    auto const layer = networks::linear_layer{"linear", random_tensor({16, 60}, 1), {}, 0, true};
    auto const x = random_tensor({40, 60}, 2);
    auto const exact = networks::float_backend{}.linear(layer, x);
    auto const error = [&](std::optional<xcim::compensated> what) {
        auto backend = tile_of({.ohm = 5, .seconds = 1e6}, {.compensation = what});
        backend.calibrate([&] { static_cast<void>(backend.linear(layer, x)); });
        return relative_error(backend.linear(layer, x), exact);
    };
    auto const none = error(std::nullopt), all = error(xcim::compensated::all),
               each = error(xcim::compensated::each_output);
    CHECK(none > 0.4);
    CHECK(all < none / 2);
    CHECK(each < all);
}

TEST_CASE("converters are set layer by layer from what the columns carried, on arrays as they are") {
    auto const net = small_network{};
    auto const images = small_images(4);
    auto backend = tile_of({});
    auto const fine = calibrated_run(backend, images);
    auto const with_bits = [&](int bits) {
        std::vector<double> ranges;
        backend.set_converters([&](tile_macro const& macro, networks::column_sums const& seen) {
            ranges.push_back(seen.holding(1));
            return macro.with(xcim::adc::calibrated{bits, xcim::adc::range_in_cell_lsb(-ranges.back(), ranges.back())});
        });
        CHECK(ranges.size() == 4);
        std::sort(ranges.begin(), ranges.end());
        CHECK(std::adjacent_find(ranges.begin(), ranges.end()) == ranges.end());
        return relative_error(net(backend, images), fine);
    };
    auto const of_four = with_bits(4), of_eight = with_bits(8);
    CHECK(of_four > 0.02);
    CHECK(of_eight < of_four / 4);
}

TEST_CASE("column sums are kept evenly, and their shares found among them") {
    networks::column_sums seen;
    CHECK(seen.holding(0.5) == 0);
    auto const count = std::size_t{300000};
    for (std::size_t i = 0; i < count; ++i) {
        seen.add(static_cast<float>(i * 7919 % count));
    }
    CHECK(seen.seen() == count);
    CHECK(seen.holding(1) == count - 1);
    CHECK(seen.holding(0.9) == doctest::Approx(0.9 * count).epsilon(0.01));
    CHECK(seen.holding(0.1) == doctest::Approx(0.1 * count).epsilon(0.05));
}

TEST_CASE("layers are compared one by one, gains apart from the rest") {
    /// Doubles output 0 and adds what is not in the input.
    struct wrong_backend {
        [[nodiscard]] tensor conv2d(networks::conv_layer const& layer, tensor const& x) const {
            return changed(networks::float_backend{}.conv2d(layer, x), 16);
        }
        [[nodiscard]] tensor linear(networks::linear_layer const& layer, tensor const& x) const {
            return changed(networks::float_backend{}.linear(layer, x), 1);
        }
        [[nodiscard]] static tensor changed(tensor y, std::size_t inner) {
            auto const outputs = inner == 1 ? y.shape(y.dimension() - 1) : y.shape(1);
            for (std::size_t i = 0; i < y.size(); ++i) {
                y.data()[i] *= i / inner % outputs == 0 ? 2.0F : 1.01F;
            }
            return y;
        }
    } wrong;
    auto const net = small_network{};
    auto const images = small_images(3);
    auto in_float = networks::float_backend{};
    networks::layer_errors errors;
    auto comparing = networks::comparing_backend{wrong, errors};
    CHECK(net(comparing, images) == net(in_float, images));
    CHECK(errors.layers.size() == 4);
    CHECK(errors.mean_snr_db() < 30);
    CHECK(errors.mean_snr_db_without_gain() > 80);
}
