/// \file
/// Macros whose encoder schedules word lines, against testing::reference_product bit for bit: whether codes are added
/// up uncounted or cycle by cycle, for every kind of cell and readout.

#include <xcim/quant/emsb.hpp>
#include <xcim/testing/macro.hpp>
#include <xcim/xcim.hpp>

#include <doctest/doctest.h>
#include <tests/support/tensors.hpp>

#include <cstdint>
#include <random>
#include <string>

namespace {

using xcim::encoding::bit_sift;
using xcim::encoding::negatives;

struct sift_problem {
    std::size_t m, k, n;
    int weight_bits, input_bits, rows, cell_bits;
    bit_sift encoder;
};

template <class Cell, class Inputs, class Converter, class Reading>
void check_sift(sift_problem const& p, Cell const& cell, Inputs const& inputs, Converter const& adc,
                Reading const& readout, std::uint32_t seed) {
    xcim::CimMacro const macro{xcim::quant::operands{xcim::quant::symmetric{p.weight_bits}, inputs},
                               xcim::mapping::bit_slice{{p.rows, 64}, p.cell_bits},
                               p.encoder,
                               cell,
                               xcim::noise::none{},
                               adc,
                               xcim::wire::ideal{},
                               readout};
    CAPTURE(describe(macro));
    CAPTURE(p.m);
    CAPTURE(p.k);
    CAPTURE(p.n);
    bool const is_signed = xcim::format_of(inputs).is_signed;
    auto const x = xcim::test::random_tensor({p.m, p.k}, seed, is_signed ? -1.0F : 0.0F, 1);
    auto const w = xcim::test::random_tensor({p.n, p.k}, seed + 1, -0.7F, 0.5F);
    auto const report = xcim::testing::check_macro(macro, xcim::ref(x), xcim::ref(w));
    CHECK_MESSAGE(report.ok(), to_string(report));
}

bit_sift sift(int limit, int slice, xcim::sift_rule rule, negatives code = negatives::twos_complement) {
    return {{limit, slice, rule}, code};
}

}  // namespace

TEST_CASE("a macro with BitSift reads what the reference reads, whatever its converter") {
    using namespace xcim;
    sift_problem const problems[] = {
        {2, 200, 70, 8, 8, 256, 1, sift(8, 32, sift_rule::next_fit)},
        {3, 100, 9, 4, 5, 64, 1, sift(8, 16, sift_rule::first_fit, negatives::apart)},
        {2, 33, 3, 3, 8, 1000, 1, sift(1, 8, sift_rule::next_fit)},
        {1, 150, 130, 5, 4, 100, 1, sift(5, 7, sift_rule::fixed)},
        {2, 90, 5, 8, 3, 90, 1, sift(16, 64, sift_rule::ideal)},
        {2, 1, 1, 2, 2, 4, 1, sift(8, 32, sift_rule::next_fit)},
        {2, 70, 33, 8, 6, 64, 3, sift(9, 32, sift_rule::next_fit)},
    };
    std::uint32_t seed = 1;
    for (auto const& p : problems) {
        for (int const bits : {1, 2, 3, 4, 6}) {
            check_sift(p, cell::ideal{}, quant::symmetric{p.input_bits}, adc::uniform{bits}, readout::single{}, ++seed);
        }
        check_sift(p, cell::ideal{}, quant::symmetric{p.input_bits}, adc::exact_count{}, readout::single{}, ++seed);
        check_sift(p, cell::ideal{}, quant::unsigned_range{p.input_bits}, adc::uniform{3}, readout::single{}, ++seed);
    }
}

TEST_CASE("BitSift with digital top cycles and with cells that are no counts") {
    using namespace xcim;
    sift_problem const p{2, 120, 20, 4, 4, 64, 1, sift(8, 32, sift_rule::next_fit)};
    check_sift(p, cell::current{2, 0.3}, quant::symmetric{4}, adc::uniform{6}, readout::single{}, 101);
    check_sift(p, cell::current{2, 0.3}, quant::symmetric{4}, adc::uniform{3}, readout::hybrid{1}, 102);
}

TEST_CASE("token by token: eMSB inputs of a macro") {
    using namespace xcim;
    sift_problem const p{5, 60, 20, 8, 8, 64, 1, sift(8, 32, sift_rule::next_fit)};
    check_sift(p, cell::ideal{}, quant::emsb{8}, adc::uniform{4}, readout::single{}, 200);
    check_sift(p, cell::ideal{}, quant::emsb{6}, adc::uniform{3}, readout::single{}, 201);

    // A token's result does not depend on its neighbours.
    CimMacro const macro{quant::operands{quant::symmetric{8}, quant::emsb{8}},
                         mapping::bit_slice{.array = {64, 64}},
                         encoding::bit_serial{},
                         cell::sram{},
                         noise::none{},
                         adc::exact_count{}};
    auto x = test::random_tensor({2, 60}, 5, -1, 1);
    auto const w = test::random_tensor({7, 60}, 6, -1, 1);
    auto const before = linear(macro, x, w);
    for (std::size_t k = 0; k < 60; ++k) {
        x(1, k) *= 1000;
    }
    auto const after = linear(macro, x, w);
    for (std::size_t n = 0; n < 7; ++n) {
        CHECK(after(0, n) == before(0, n));
    }
}

TEST_CASE("noise under a schedule: seeds reproduce it, threads and batches do not change it, its size is right") {
    using namespace xcim;
    CimMacro const macro{quant::symmetric{6}, mapping::bit_slice{.array = {128, 64}}, bit_sift{},
                         cell::sram{},        noise::gaussian{in_cell_lsb(0.5)},      adc::ideal{}};
    auto const x = test::random_tensor({40, 100}, 7, -1, 1);
    auto const w = test::random_tensor({50, 100}, 8, -1, 1);
    auto const report = testing::check_macro(macro, ref(x), ref(w), {.seed = 3});
    CHECK_MESSAGE(report.ok(), to_string(report));

    // Every cycle adds noise of variance (0.5 * weight of its phase and slice)^2: the sum over the real schedule.
    auto const array = macro.program(w);
    auto const exact = linear(macro.with(noise::none{}), x, array);
    auto const noisy = linear(macro, x, array, run_options{.seed = 4});
    quantised_inputs const q = macro.quantise_inputs(ref(x));
    double expected = 0;
    double measured = 0;
    std::vector<std::uint32_t> planes(words_for(100) * 6);
    std::vector<std::uint16_t> words(128);
    for (std::size_t m = 0; m < 40; ++m) {
        std::copy_n(q.words.begin() + static_cast<std::ptrdiff_t>(m * 100), 100, words.begin());
        pack_planes(words.data(), 100, 6, planes.data());
        for (std::size_t p = 0; p < 6; ++p) {
            double const cycles = static_cast<double>(count_cycles({planes.data() + p, 6, 100}, sift_controllers{}));
            expected += cycles * std::exp2(2.0 * static_cast<double>(p)) * (4095.0 / 3) * 0.25;  // sum of 4^q, q < 6
        }
        for (std::size_t n = 0; n < 50; ++n) {
            double const step = q.input_scale.step() * array.weight_scale.step();
            double const error = (static_cast<double>(noisy(m, n)) - static_cast<double>(exact(m, n))) / step;
            measured += error * error / 50;
        }
    }
    CHECK(measured / expected == doctest::Approx(1).epsilon(0.08));  // 2000 samples: sigma of the ratio 0.032
}

TEST_CASE("BitSift asks for weights that were programmed with a schedule") {
    using namespace xcim;
    CimMacro const serial{quant::symmetric{4},    mapping::bit_slice{.array = {64, 64}},
                          encoding::bit_serial{}, cell::sram{},
                          noise::none{},          adc::uniform{3}};
    auto const x = test::random_tensor({2, 30}, 9, -1, 1);
    auto const array = serial.program(test::random_tensor({3, 30}, 10, -1, 1));
    CHECK_NOTHROW(static_cast<void>(linear(serial, x, array)));
    try {
        static_cast<void>(linear(serial.with(bit_sift{}), x, array));
        FAIL("rows are needed one by one");
    } catch (error const& e) {
        CHECK(std::string(e.what()).find("program the weights with it") != std::string::npos);
    }
}

namespace {

/// Two bits a phase, and a schedule.
struct sifted_levels {
    int rows = 4;

    [[nodiscard]] xcim::grouped_digits digits(xcim::format f) const { return {f, 2}; }
    [[nodiscard]] int active_rows() const { return rows; }
    void schedule(xcim::bit_plane_view const& plane, xcim::word_line_schedule& cycles) const {
        cycles.plan(plane, {.limit = rows});
    }
};

}  // namespace

TEST_CASE("an encoder of one's own may schedule ones only, at least one at a time") {
    using namespace xcim;
    CimMacro const macro{quant::symmetric{5}, mapping::bit_slice{.array = {64, 64}},
                         sifted_levels{},     cell::sram{},
                         noise::none{},       adc::exact_count{}};
    CHECK(macro.check().value().find("digit 0 has 4 levels; an encoder with a schedule drives ones") !=
          std::string::npos);
    CHECK_FALSE(macro.with(quant::symmetric{2}).check().has_value());
    CHECK(macro.with(quant::symmetric{2}).with(sifted_levels{0}).check().value().find("active_rows() is 0") !=
          std::string::npos);
}
