/// \file
/// What cells, wires and converters of an analog tile may ask of a macro: pairs of devices, a whole array at a time,
/// columns that carry current without any drive, wires solved for every input, noise of single reads, converters that
/// draw and are shared, readings of one chip. With models so small that the right answer is plain arithmetic.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/testing.hpp>
#include <xcim/xcim.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <set>

namespace {

using namespace xcim;
using test::different;
using test::random_tensor;
using test::tensor;

struct tile_cell_kernel {
    static constexpr bool is_product = true;
    template <value V>
    V operator()(V state, V drive) const {
        return state * drive;
    }
};

/// Pairs of devices that both keep a quarter of a level when they are off; a reading shifts the first one.
struct plain_pair {
    static constexpr bool is_linear = false;
    static constexpr int draws = 1;
    static constexpr int reading_draws = 1;
    static constexpr int devices = 2;
    int levels = 256;
    float drift = 0;

    [[nodiscard]] tile_cell_kernel prepare(cell_context) const { return {}; }
    [[nodiscard]] static double conductance_step(int /*levels*/) { return 1e-6; }
    void program(column_of_cells const& c) const {
        for (std::size_t r = 0; r < c.states.size(); ++r) {
            float const level = c.states[r];
            c.states[r] = std::max(level, 0.0F) + 0.25F + drift * c.reading_normals[r];
            c.opposite[r] = std::max(-level, 0.0F) + 0.25F;
        }
    }
};

/// Single devices with an off state of half a level, whose reads vary by 0.1 of a level of both state and drive.
struct noisy_device {
    static constexpr bool is_linear = false;
    static constexpr int draws = 1;
    static constexpr int read_terms = 2;
    int levels = 256;
    float noise = 0;

    [[nodiscard]] tile_cell_kernel prepare(cell_context) const { return {}; }
    [[nodiscard]] static double conductance_step(int /*levels*/) { return 1e-6; }
    [[nodiscard]] static double off_state(int /*levels*/) { return 0.5; }
    void program(column_of_cells const& c) const {
        for (float& s : c.states) {
            s += 0.5F;
        }
    }
    [[nodiscard]] std::array<float, 2> read_terms_of(float state, int /*levels*/) const {
        return {noise * state * state, noise};
    }
    [[nodiscard]] static std::array<float, 2> read_drives_of(int level) {
        auto const d = static_cast<float>(level);
        return {d * d, d};
    }
};

/// Halves every current, adds a tenth of the sum of all conductances of the column, and notes the arrays it has seen.
struct noting_wire {
    static constexpr bool is_identity = false;
    struct notes {
        std::mutex lock;
        std::multiset<std::size_t> columns;
    };
    notes* seen = nullptr;
    float share = 0.5F;
    float leak = 0;

    void apply(wired_array const& a) const {
        for (std::size_t i = 0; i < a.effective.size(); ++i) {
            a.effective[i] = share * (a.minus.empty() ? a.plus[i] : a.plus[i] - a.minus[i]);
            a.attenuation[i] = share;
            a.offsets[i % a.columns] += leak * (a.minus.empty() ? a.plus[i] : a.plus[i] + a.minus[i]);
        }
        if (seen != nullptr) {
            std::lock_guard const alone{seen->lock};
            seen->columns.insert(a.columns);
        }
    }
};

/// Adds up what the switches let through; every further driven row costs a share.
struct switched_wire {
    static constexpr bool is_identity = false;
    float cost = 0;

    void sum(switched_columns const& c) const {
        for (std::size_t p = 0; p < c.phases; ++p) {
            for (std::size_t j = 0; j < c.columns; ++j) {
                float total = 0;
                float driven = 0;
                for (std::size_t r = 0; r < c.rows; ++r) {
                    float const drive = c.drives[p * c.rows + r];
                    float const state = c.plus[r * c.stride + j] - (c.minus == nullptr ? 0 : c.minus[r * c.stride + j]);
                    total += drive * state;
                    driven += drive;
                }
                c.sums[p * c.stride + j] = total * (1 - cost * driven);
            }
        }
    }
};

/// Reads sums as they are plus what belongs to the converter; draws one normal a conversion too.
struct offset_adc {
    static constexpr bool is_integer = false;
    int shared = 1;
    float static_offset = 0;
    float noise = 0;

    struct kernel {
        static constexpr int draws = 1;
        static constexpr int column_draws = 1;
        double step = 1;
        float static_offset;
        float noise;
        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            return sum + unfused(V(static_offset) * l.column_normal()) + unfused(V(noise) * l.normal());
        }
    };
    [[nodiscard]] int columns_per_converter() const { return shared; }
    [[nodiscard]] int resolution(column_context const&) const { return 0; }
    [[nodiscard]] kernel prepare(column_context const&) const { return {1, static_offset, noise}; }
};

auto pair_macro() {
    return CimMacro{quant::symmetric{5},
                    mapping::weight_parallel{.array = {32, 24}},
                    encoding::bit_parallel{3},
                    plain_pair{},
                    noise::none{},
                    adc::ideal{},
                    noting_wire{}};
}

auto device_macro() {
    return CimMacro{quant::symmetric{5},    mapping::bit_slice{.array = {32, 24}, .cell_bits = 2},
                    encoding::bit_serial{}, noisy_device{},
                    noise::none{},          offset_adc{}};
}

}  // namespace

TEST_CASE("pairs of devices store levels of both signs and lose what both have in common") {
    auto const macro = pair_macro().with(wire::ideal{});
    auto const exact = macro.with(cell::ideal{});
    auto const x = random_tensor({5, 70}, 1);
    auto const w = random_tensor({70, 33}, 2);
    CHECK(different(gemm(macro, x, w), gemm(exact, x, w)) == 0);
    CHECK(different(gemm(macro, x, w), gemm(macro, x, w, {.threads = 3})) == 0);

    std::vector<float> transposed;
    for (std::size_t n = 0; n < 33; ++n) {
        for (std::size_t k = 0; k < 70; ++k) {
            transposed.push_back(w(k, n));
        }
    }
    CHECK_LAWS(testing::check_macro(pair_macro(), ref(x, "x"), tensor_ref{transposed.data(), {33, 70}}));
}

TEST_CASE("wires see one array at a time, with whole outputs and no more columns than it has") {
    noting_wire::notes seen;
    auto const w = random_tensor({33, 70}, 2);  // 33 outputs, 70 inputs: three tiles
    static_cast<void>(pair_macro().with(noting_wire{&seen}).program(w));
    CHECK(seen.columns == std::multiset<std::size_t>{24, 24, 24, 9, 9, 9});

    seen.columns.clear();
    // Four magnitude bits, two a cell, and the sign: three slices of 33 outputs are 99 columns.
    auto const sliced = pair_macro().with(noting_wire{&seen}).with(mapping::bit_slice{{32, 25}, 2});
    static_cast<void>(sliced.program(w, {.threads = 2}));
    CHECK(seen.columns == std::multiset<std::size_t>{24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 3, 3, 3});
}

TEST_CASE("wires of groups, of several panels and of arrays narrower than an output") {
    // 70 outputs a group are two panels; four magnitude bits and the sign are five slices, two to an array.
    noting_wire::notes seen;
    auto const macro = CimMacro{
        quant::symmetric{5}, mapping::bit_slice{{32, 2}}, encoding::bit_serial{}, noisy_device{}, noise::none{},
        adc::ideal{},        noting_wire{&seen}};
    auto const filters = random_tensor({140, 3, 2, 2}, 21);
    auto const both = macro.program(filters, {.groups = 2, .weight_range = range{-1, 1}});
    CHECK(seen.columns.size() == 2 * 175);
    CHECK(seen.columns.count(2) == 2 * 175);

    // Each group by itself; images of full scale, so that all have one.
    auto image = random_tensor({1, 6, 4, 4}, 22);
    image(0, 0, 0, 0) = 1;
    image(0, 3, 0, 0) = 1;
    auto const y = conv2d(macro, image, both, {.groups = 2});  // (1, 140, 3, 3)
    for (std::size_t g = 0; g < 2; ++g) {
        tensor own = tensor::from_shape({std::size_t{70}, std::size_t{3}, std::size_t{2}, std::size_t{2}});
        std::copy_n(filters.data() + g * own.size(), own.size(), own.data());
        tensor part = tensor::from_shape({std::size_t{1}, std::size_t{3}, std::size_t{4}, std::size_t{4}});
        std::copy_n(image.data() + g * part.size(), part.size(), part.data());
        auto const z = conv2d(macro, part, macro.program(own, {.weight_range = range{-1, 1}}));
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < z.size(); ++i) {
            wrong += z.data()[i] != y.data()[g * z.size() + i] ? 1U : 0U;
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("what a column carries without any drive is counted once per unit of time") {
    auto const x = random_tensor({3, 20}, 3);
    auto const w = random_tensor({7, 20}, 4);
    auto const tight = pair_macro();
    auto const leaking = tight.with(noting_wire{nullptr, 0.5F, 0.125F});
    auto const a = tight.program(w);
    auto const b = leaking.program(w);
    auto const y = linear(tight, x, a);
    auto const z = linear(leaking, x, b);
    // Signed 5-bit inputs, three bits a phase: a phase of 7 units, one of 1 unit weighing 8, the sign of 1 unit, -16.
    double const units = 7 * 1 + 1 * 8 - 1 * 16;
    product_scale const real{a.weight_scale, tight.quantise_inputs(ref(x, "x")).input_scale};
    for (std::size_t n = 0; n < 7; ++n) {
        double conductance = 0;
        for (std::size_t k = 0; k < 20; ++k) {
            auto const level = std::abs(std::nearbyint(static_cast<double>(w(n, k)) / a.weight_scale.step()));
            conductance += level + 0.5;
        }
        float const extra = real(units * 0.125 * conductance);
        for (std::size_t m = 0; m < 3; ++m) {
            CHECK(z(m, n) - y(m, n) == doctest::Approx(extra).epsilon(1e-4));
        }
    }
}

TEST_CASE("wires that are solved for every input see the devices and the rows that are driven") {
    auto const x = random_tensor({6, 70}, 5, 0, 1);
    auto const w = random_tensor({70, 40}, 6);
    auto const macro = device_macro().with(adc::ideal{});
    auto const pairs = pair_macro().with(quant::operands{quant::symmetric{5}, quant::unsigned_range{5}});
    CHECK(different(gemm(macro.with(switched_wire{}), x, w), gemm(macro, x, w)) == 0);
    CHECK(different(gemm(pairs.with(switched_wire{}), x, w), gemm(pairs.with(wire::ideal{}), x, w)) == 0);
    CHECK(different(gemm(macro.with(switched_wire{0.01F}), x, w), gemm(macro, x, w)) > 0);
    CHECK(different(gemm(macro.with(switched_wire{0.01F}), x, w),
                    gemm(macro.with(switched_wire{0.01F}), x, w, {.threads = 2})) == 0);

    auto const noisy = macro.with(noisy_device{256, 0.1F});
    CHECK_THROWS_WITH_AS(static_cast<void>(gemm(noisy.with(switched_wire{}), x, w)), doctest::Contains("single reads"),
                         error);
}

TEST_CASE("noise of single reads has the variance of the cells that are driven") {
    std::size_t const reads = 20000;
    auto const w = random_tensor({9, 40}, 7);  // two tiles
    tensor x = tensor::from_shape({reads, 40});
    auto const one = random_tensor({1, 40}, 8);
    for (std::size_t m = 0; m < reads; ++m) {
        for (std::size_t k = 0; k < 40; ++k) {
            x(m, k) = one(0, k);
        }
    }
    float const noise = 0.02F;
    auto const macro = CimMacro{quant::symmetric{5},
                                mapping::offset{.array = {32, 24}, .cell_bits = 5},
                                encoding::bit_parallel{3},
                                noisy_device{256, noise},
                                noise::none{},
                                adc::ideal{},
                                noting_wire{}};
    auto const array = macro.program(w);
    auto const inputs = macro.quantise_inputs(ref(one, "x"));
    product_scale const real{array.weight_scale, inputs.input_scale};
    auto const y = linear(macro, x, array, {.seed = 3, .threads = 2});
    for (std::size_t n = 0; n < 9; ++n) {
        double variance = 0;
        for (std::size_t k = 0; k < 40; ++k) {
            double const state = std::nearbyint(static_cast<double>(w(n, k)) / array.weight_scale.step()) + 16 + 0.5;
            for (auto const& d : inputs.digits.digits) {
                double const drive = d.level(inputs.words[k]);
                variance += 0.25 * double{noise} * (state * state * drive * drive + drive) * d.weight * d.weight;
            }
        }
        double sum = 0;
        double squares = 0;
        for (std::size_t m = 0; m < reads; ++m) {
            sum += static_cast<double>(y(m, n));
            squares += static_cast<double>(y(m, n)) * static_cast<double>(y(m, n));
        }
        double const mean = sum / reads;
        double const measured = squares / reads - mean * mean;
        double const expected = variance * std::pow(static_cast<double>(real(1.0)), 2);
        CHECK(std::abs(measured / expected - 1) < 5 * std::sqrt(2.0 / reads));
    }
    auto const again = linear(macro, x, array, {.seed = 3, .threads = 1});
    CHECK(different(y, again) == 0);
    tensor tail = tensor::from_shape({std::size_t{3}, std::size_t{40}});
    std::copy_n(x.data(), tail.size(), tail.data());
    auto const z = linear(macro, tail, array, {.seed = 3, .first_item = 1001});
    for (std::size_t n = 0; n < 9; ++n) {
        CHECK(z(2, n) == y(1003, n));
    }
}

TEST_CASE("what belongs to a converter is shared by the columns it serves and drawn once for a chip") {
    // No weights: what comes out is the converters alone. Eleven outputs of three slices stand eight to an array.
    tensor const nothing = xt::zeros<float>({std::size_t{11}, std::size_t{20}});
    tensor const zero = xt::zeros<float>({std::size_t{2}, std::size_t{20}});
    for (int const shared : {1, 4, 24}) {
        CAPTURE(shared);
        std::map<std::pair<std::size_t, std::size_t>, float> found;
        struct observer : column_probe {
            explicit observer(std::map<std::pair<std::size_t, std::size_t>, float>& to) : all{to} {}
            void observe(observed_strip const& s) override {
                for (std::size_t c = 0; c < s.columns; ++c) {
                    auto const id = s.column_ids[c];
                    auto const [at, is_new] = all.insert({{id / 32, id % 32}, s.values[c]});
                    CHECK((is_new || at->second == s.values[c]));
                }
            }
            std::map<std::pair<std::size_t, std::size_t>, float>& all;
        } probe{found};
        auto const macro = device_macro().with(offset_adc{shared, 2.0F});
        auto const array = macro.program(nothing, {.chip = 5});
        static_cast<void>(linear(macro, zero, array, {.probe = &probe}));
        CHECK(found.size() == 33);
        std::map<std::size_t, std::set<float>> by_converter;
        std::set<float> different_offsets;
        for (auto const& [site, offset] : found) {
            std::size_t const place = site.first * 3 + site.second;
            std::size_t const converters =
                (24 + static_cast<std::size_t>(shared) - 1) / static_cast<std::size_t>(shared);
            by_converter[place / 24 * converters + place % 24 / static_cast<std::size_t>(shared)].insert(offset);
            different_offsets.insert(offset);
        }
        for (auto const& [converter, offsets] : by_converter) {
            CHECK(offsets.size() == 1);
        }
        CHECK(different_offsets.size() == by_converter.size());
    }
    auto const drawing = device_macro().with(offset_adc{1, 0.0F, 0.5F});
    auto const array = drawing.program(random_tensor({11, 20}, 9));
    auto const some = random_tensor({2, 20}, 10);
    CHECK(different(linear(drawing, some, array, {.seed = 1}), linear(drawing, some, array, {.seed = 2})) == 22);
    CHECK(different(linear(drawing, some, array, {.seed = 1}), linear(drawing, some, array, {.seed = 1})) == 0);
}

TEST_CASE("readouts of other kinds use the same converters") {
    tensor const nothing = xt::zeros<float>({std::size_t{11}, std::size_t{20}});
    tensor const zero = xt::zeros<float>({std::size_t{2}, std::size_t{20}});
    using by_site = std::map<std::pair<std::uint32_t, std::size_t>, std::set<float>>;
    struct observer : column_probe {
        void observe(observed_strip const& s) override {
            for (std::size_t p = 0; p < s.phases; ++p) {
                for (std::size_t c = 0; c < s.columns; ++c) {
                    all[{s.column_ids[c], s.first_phase + p}].insert(s.values[p * s.stride + c]);
                }
            }
        }
        by_site all;
    };
    auto const values = [&](auto const& macro) {
        observer probe;
        static_cast<void>(linear(macro, zero, macro.program(nothing, {.chip = 5}), {.probe = &probe}));
        return probe.all;
    };
    // What belongs to the column comes first, what belongs to its converter behind it.
    auto const macro = device_macro().with(offset_adc{4, 2.0F}).with(noise::comparator_offset{in_cell_lsb(0.5)});
    auto const single = values(macro);
    auto const without = values(macro.with(noise::none{}));
    auto const hybrid = values(macro.with(readout::hybrid{2, readout::top_cycles::without_noise}));
    auto const voting = values(macro.with(readout::majority{2, 3, readout::vote::median}));
    CHECK(single.size() == 33 * 5);
    CHECK(voting == single);
    std::size_t top = 0;
    for (auto const& [site, codes] : hybrid) {
        cycle const c{static_cast<int>(site.first % 32), 3, static_cast<int>(site.second), 5};
        CHECK(codes == (c.is_top(2) ? without.at(site) : single.at(site)));
        top += c.is_top(2) ? 1U : 0U;
    }
    CHECK(top == 33);
}

TEST_CASE("converters with mismatch are not taken for ideal ones under a schedule") {
    auto const macro =
        CimMacro{quant::symmetric{4}, mapping::bit_slice{.array = {64, 64}}, encoding::bit_sift{}, cell::sram{},
                 noise::none{},       adc::sar{6, {.comparator = 0.05}}};
    auto const x = random_tensor({4, 64}, 15);
    auto const w = random_tensor({9, 64}, 16);
    auto const on_chip = [&](std::uint64_t chip, column_probe* probe) {
        return linear(macro, x, macro.program(w, {.chip = chip}), {.probe = probe});
    };
    struct blind : column_probe {
        void observe(observed_strip const& /*s*/) override {}
    } probe;
    CHECK(different(on_chip(0, nullptr), on_chip(1, nullptr)) > 0);
    CHECK(different(on_chip(0, nullptr), on_chip(0, &probe)) == 0);
}

TEST_CASE("a converter may cover a small part of what its columns can reach, in fine steps") {
    // Full scale 65536 * 7 * 15 cell-LSB, in steps of 1/32768: as codes beyond what floats hold, were they not clipped.
    auto const macro = pair_macro()
                           .with(wire::ideal{})
                           .with(mapping::weight_parallel{.array = {65536, 64}})
                           .with(adc::calibrated{16, adc::range_in_cell_lsb(-1, 1)});
    CHECK(!macro.check().has_value());
    tensor const w = xt::ones<float>({std::size_t{1}, std::size_t{4}});
    tensor x = xt::zeros<float>({std::size_t{2}, std::size_t{4}});
    x(0, 0) = 1;
    x(1, 0) = -1;
    auto const y = linear(macro, x, macro.program(w));
    CHECK(y(0, 0) == doctest::Approx(-y(1, 0)).epsilon(0.2));
    CHECK(std::abs(y(0, 0)) < 0.1F);  // clipped
}

TEST_CASE("another reading of a chip changes what belongs to readings and nothing else") {
    auto const x = random_tensor({2, 70}, 11);
    auto const w = random_tensor({9, 70}, 12);
    auto const steady = pair_macro().with(wire::ideal{});
    auto const drifting = steady.with(plain_pair{256, 0.5F});
    auto const result = [&](auto const& macro, std::uint64_t chip, std::uint32_t reading) {
        return linear(macro, x, macro.program(w, {.chip = chip, .reading = reading}));
    };
    CHECK(different(result(steady, 1, 0), result(steady, 1, 1)) == 0);
    CHECK(different(result(drifting, 1, 0), result(drifting, 1, 0)) == 0);
    CHECK(different(result(drifting, 1, 0), result(drifting, 1, 1)) == 18);
    CHECK(different(result(drifting, 1, 0), result(drifting, 2, 0)) == 18);
}

TEST_CASE("gains multiply the outputs, whatever path computes them") {
    auto const x = random_tensor({2, 20}, 13);
    auto const w = random_tensor({3, 20}, 14);
    auto const macro = pair_macro().with(wire::ideal{}).with(cell::ideal{});
    auto array = macro.program(w);
    auto const y = linear(macro, x, array);
    array.gains = {1, 2, 0.5F};
    auto const z = linear(macro, x, array);
    for (std::size_t m = 0; m < 2; ++m) {
        for (std::size_t n = 0; n < 3; ++n) {
            CHECK(z(m, n) == y(m, n) * array.gains[n]);
        }
    }
    array.gains.pop_back();
    CHECK_THROWS_WITH_AS(static_cast<void>(linear(macro, x, array)), doctest::Contains("2 gains for 3 outputs"), error);
}
