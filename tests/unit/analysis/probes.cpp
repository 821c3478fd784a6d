#include <doctest/doctest.h>

#include <xcim/analysis/column_histogram.hpp>
#include <xcim/analysis/cycle_errors.hpp>
#include <xcim/analysis/distribution.hpp>
#include <xcim/ops/conv2d.hpp>
#include <xcim/ops/linear.hpp>
#include <xcim/readout.hpp>

#include <tests/support/compositions.hpp>
#include <tests/support/tensors.hpp>

#include <cmath>
#include <cstdint>
#include <utility>

namespace {

using namespace xcim;
using analysis::column_histogram;
using analysis::cycle_errors;
using test::different;
using test::tensor;

/// Signed 6-bit weights, unsigned 6-bit inputs, 100 rows, one code per count: nothing is lost.
auto macro_6b() {
    return test::lossless_macro()
        .with(quant::operands{quant::symmetric{6}, quant::unsigned_range{6}})
        .with(mapping::bit_slice{.array = {100, 64}});
}

auto probed_inputs() { return analysis::sample(analysis::rectified_normal{}, {50, 250}, 1); }  // (M, K): three tiles
auto probed_weights() { return analysis::sample(analysis::normal{}, {40, 250}, 2); }           // (N, K)

double all_shares(cycle_errors const& e) {
    double sum = 0;
    for (std::size_t p = 0; p < e.cycles().phases(); ++p) {
        for (std::size_t q = 0; q < e.cycles().slices(); ++q) {
            sum += e.share(p, q);
        }
    }
    return sum;
}

/// Rms difference of two results in weight code times input code.
template <class Macro>
double rms_difference(Macro const& macro, tensor const& a, tensor const& b, tensor const& x, tensor const& w) {
    double const unit = macro.input_quantiser().calibrate(range_of(xcim::ref(x), "x")).step() *
                        macro.weight_quantiser().calibrate(range_of(xcim::ref(w), "w")).step();
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        double const e = (static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i])) / unit;
        sum += e * e;
    }
    return std::sqrt(sum / static_cast<double>(a.size()));
}

}  // namespace

TEST_CASE("column_histogram of a run counts the ones of quantised operands") {
    auto const macro = macro_6b().with(quant::symmetric<>{4, 7.0F});
    tensor const x{{1, 3, -1, 0}, {7, 7, 7, 7}};  // bits 0001, 0011, 1111, 0000; 0111 four times
    tensor const w{{1, 1, 1, 1}, {-7, 0, 2, 5}};  // 0001 four times; 1001, 0000, 0010, 0101
    column_histogram columns;
    auto const y = linear(macro, x, w, {.probe = &columns});
    CHECK(different(y, linear(macro, x, w)) == 0);
    auto const& cycles = columns.cycles();
    REQUIRE(cycles.phases() == 4);
    REQUIRE(cycles.slices() == 4);
    // Slice 0 holds 1111 and 1001; phase 0 drives 1110, then 1111: sums 3, 1 and 4, 2.
    CHECK(cycles.at(0, 0).sum.count == 4);
    for (std::int64_t const sum : {3, 1, 4, 2}) {
        CHECK(cycles.at(0, 0).sums[sum] == 1);
        CHECK(cycles.at(0, 0).values[sum] == 1);
    }
    // Slice 3 holds 0000 and 1000; phase 3 drives 0010, then 0000.
    CHECK(cycles.at(3, 3).sums[0] == 4);
    CHECK(cycles.at(0, 0).full_scale == 100);
    CHECK(columns.range_used() == doctest::Approx(0.04));  // cycle (2, 0): sums 0 to 4
}

TEST_CASE("behind a ReLU the top input bits use little of the range") {
    column_histogram columns;
    static_cast<void>(linear(macro_6b(), probed_inputs(), probed_weights(), {.probe = &columns}));
    auto const& cycles = columns.cycles();
    for (std::size_t q = 0; q < 6; ++q) {
        CHECK(cycles.at(5, q).range_used() < 0.15);
        CHECK(cycles.at(5, q).sum.mean() < cycles.at(0, q).sum.mean() / 4);
        CHECK(cycles.at(5, q).sum.count == 50 * 40 * 3);
        CHECK(cycles.at(5, q).optimism_db() > 20);
    }
    CHECK(columns.range_used() < 0.5);
}

TEST_CASE("a lossless run has no errors") {
    auto const macro = macro_6b();
    auto const array = macro.program(probed_weights());
    cycle_errors errors{macro, array};
    static_cast<void>(linear(macro, probed_inputs(), array, {.probe = &errors}));
    CHECK(errors.cycles().phases() == 6);
    CHECK(errors.cycles().slices() == 6);
    CHECK(errors.cycles().at(3, 3).count == 50 * 40 * 3);
    CHECK(errors.output_rms() == 0);
    CHECK(all_shares(errors) == 0);
}

TEST_CASE("independent errors: the rms error of the output is the one measured, shares follow the weights") {
    auto const exact = macro_6b();
    auto const macro = exact.with(noise::gaussian{in_cell_lsb(0.8)}).with(adc::ideal{});
    auto const x = probed_inputs();
    auto const w = probed_weights();
    auto const array = macro.program(w);
    cycle_errors errors{macro, array};
    auto const y = linear(macro, x, array, {.seed = 3, .probe = &errors});
    CHECK(errors.output_rms() == doctest::Approx(rms_difference(macro, y, linear(exact, x, w), x, w)).epsilon(0.05));
    CHECK(all_shares(errors) == doctest::Approx(1));
    // Every cycle errs by 0.8 cell-LSB: the share is 4^(p + q) over the sum of the same.
    double const all = 1365.0 * 1365.0;  // (4^6 - 1) / 3, squared
    for (std::size_t p = 0; p < 6; ++p) {
        for (std::size_t q = 0; q < 6; ++q) {
            CHECK(errors.cycles().at(p, q).rms() == doctest::Approx(0.8).epsilon(0.05));
            CHECK(errors.share(p, q) ==
                  doctest::Approx(std::exp2(2.0 * static_cast<double>(p + q)) / all).epsilon(0.1));
        }
    }
    CHECK(errors.share(5, 5) > 0.5);
}

TEST_CASE("errors of rounding and clipping: the mean is an error that all outputs share") {
    auto const exact = macro_6b();
    auto const macro = exact.with(noise::gaussian{in_cell_lsb(1.5)}).with(adc::uniform{5});
    auto const x = probed_inputs();
    auto const w = probed_weights();
    auto const array = macro.program(w);
    cycle_errors errors{macro, array};
    auto const y = linear(macro, x, array, {.seed = 3, .probe = &errors});
    // Sums near 0 are clipped from below only.
    CHECK(errors.cycles().at(5, 0).mean() > 0.1);
    CHECK(errors.output_rms() == doctest::Approx(rms_difference(macro, y, linear(exact, x, w), x, w)).epsilon(0.15));
    CHECK(all_shares(errors) == doctest::Approx(1));
}

TEST_CASE("digital cycles are seen and do not err") {
    auto const macro = macro_6b().with(noise::gaussian{in_cell_lsb(2)}).with(readout::hybrid{2});
    auto const array = macro.program(probed_weights());
    cycle_errors errors{macro, array};
    static_cast<void>(linear(macro, probed_inputs(), array, {.probe = &errors}));
    for (auto const& [p, q] : {std::pair{5U, 5U}, {5U, 4U}, {4U, 5U}}) {
        CHECK(errors.cycles().at(p, q).count == 50 * 40 * 3);
        CHECK(errors.share(p, q) == 0);
    }
    CHECK(errors.share(4, 4) > 0.1);
    CHECK(all_shares(errors) == doctest::Approx(1));
}

TEST_CASE("probes see the same whatever the number of threads, and never change a result") {
    auto const macro = macro_6b().with(noise::gaussian{of_full_scale(0.01)}).with(adc::uniform{6});
    auto const x = analysis::sample(analysis::rectified_normal{}, {2, 8, 9, 9}, 1);
    auto const w = analysis::sample(analysis::normal{}, {24, 8, 3, 3}, 2);
    auto const array = macro.program(w);
    auto const silent = conv2d(macro, x, array, {.padding = 1}, {.seed = 2});
    column_histogram one;
    column_histogram two;
    CHECK(different(silent, conv2d(macro, x, array, {.padding = 1}, {.seed = 2, .probe = &one})) == 0);
    CHECK(different(silent, conv2d(macro, x, array, {.padding = 1}, {.seed = 2, .threads = 2, .probe = &two})) == 0);
    for (std::size_t p = 0; p < 6; ++p) {
        for (std::size_t q = 0; q < 6; ++q) {
            auto const& a = one.cycles().at(p, q);
            auto const& b = two.cycles().at(p, q);
            CHECK(a.sum.count == 2 * 81 * 24);
            CHECK(a.sums.counts() == b.sums.counts());
            CHECK(a.values.counts() == b.values.counts());
            CHECK(a.range_used() == b.range_used());
        }
    }
}
