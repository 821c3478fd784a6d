#include <doctest/doctest.h>

#include <tests/support/attention_layers.hpp>
#include <tests/support/strict_integer.hpp>

#include <string>

namespace {

using namespace xcim;
using test::codes_tensor;
using test::strict_integer;

static_assert(AttentionProducts<exact_products<strict_integer>>);
static_assert(AttentionProducts<exact_products<std::int64_t>>);
static_assert(AttentionProducts<packed_products>);
static_assert(has_narrow_scores<packed_products>);
static_assert(!has_narrow_scores<exact_products<strict_integer>>);

/// One input, one head of width 1: every number fits on the back of an envelope.
integer_attention_weights smallest_attention(int query, int key, int value, int output) {
    auto const one = [](int code) {
        integer_projection p{codes_tensor::from_shape({1, 1}), 1, {}};
        p.codes.fill(code);
        return p;
    };
    return {one(query), one(key), one(value), one(output)};
}

codes_tensor attention_codes(std::vector<std::size_t> const& shape, std::vector<int> const& values) {
    auto t = codes_tensor::from_shape(shape);
    std::copy(values.begin(), values.end(), t.begin());
    return t;
}

/// A layer of ordinary extents with something of everything.
struct ordinary_attention {
    ordinary_attention() {
        options.heads = 4;
        options.input_scale = 0x1p-6;
        options.causal = true;
        options.rotary = rotary_options{.theta = 500, .positions = 40};
        std::mt19937 random{31};
        weights = test::random_weights(random, {}, options, true);
        x = test::random_tokens(random, 2, 21, 24, 8, 3);
        call.valid.assign(42, 1);
        call.valid[3] = call.valid[20] = call.valid[21] = 0;
        call.first_position = 5;
    }

    integer_attention_options options;
    integer_attention_weights weights;
    test::token_codes x;
    integer_attention_call call;
};

/// Whether f throws an xcim::error of this kind whose sentence has these words.
template <class F>
bool attention_refuses(F const& f, errc code, std::string const& words) {
    try {
        f();
    } catch (error const& e) {
        std::string const sentence = e.what();
        CAPTURE(sentence);
        CHECK(e.code() == code);
        CHECK(sentence.find(words) != std::string::npos);
        return true;
    }
    return false;
}

}  // namespace

TEST_CASE("integer attention of one token by hand") {
    // x = 100: q = 300, K = -500, V = 700. One key has all the weight, 178 of 255 behind one shift of the reciprocal.
    integer_attention_options options;
    options.kv_bits = 16;
    auto const layer = program_integer_attention(smallest_attention(3, -5, 7, 2), options);
    std::vector<integer_attention_trace> traces;
    auto const y =
        integer_attention(layer, attention_codes({1, 1}, {100}), attention_codes({1}, {-3}), {.trace = &traces});
    auto const& t = traces.at(0);
    CHECK(t.q.at(0) == 75);  // 300 has 9 significant bits, 7 remain: 300 / 4
    CHECK(t.q_shift.at(0) == 2);
    CHECK(t.keys.at(0) == -500);  // an accumulator of 16 bits is kept as it is
    CHECK(t.key_shift == 0);
    CHECK(t.values.at(0) == 700);
    CHECK(t.logits.at(0) == -73);  // -37500, 16 bits: / 2^9 = -73.24
    CHECK(t.logit_shift.at(0) == 9);
    // The largest code is the head of c: S = 2^(-6 + 2 + 9) = 2^5 at the pre-shift's 2^-8, c = 2.790 * 2^16.
    CHECK(t.p.at(0) == 179);
    // 179 has 8 bits and the top code 179 - 128 = 51: R = round(2^8 / (179.5 / 256)) = 365.
    CHECK(t.heads.at(0) == (700 * 179 * 365 + 8) / 16);
    CHECK(t.o.at(0) == 87);  // 2858406 (22 bits) / 2^15 = 87.2
    CHECK(t.o_shift.at(0) == 15);
    CHECK(t.out.at(0) == 87);  // 174 / 2
    CHECK(y.codes.at(0) == 87);
    CHECK(y.exponents.at(0) == 15 + 1 - 12 - 3);
    CHECK(y.scale == 1);
    // 2 * 7 * 100 / 8 = 175
    CHECK(std::ldexp(87.0, 1) == doctest::Approx(175).epsilon(0.01));
    CHECK(y.report.warning().empty());
}

TEST_CASE("integer attention brings keys to one exponent, of which zeros have no say") {
    integer_attention_options options;
    options.x_bits = options.w_bits = 4;
    auto const keys_with = [&](kv_window window, int kv_bits) {
        options.window = window;
        options.kv_bits = kv_bits;
        std::vector<integer_attention_trace> traces;
        static_cast<void>(integer_attention(program_integer_attention(smallest_attention(3, -5, 7, 2), options),
                                            attention_codes({4, 1}, {7, -3, 2, 0}),
                                            attention_codes({4}, {-1, 2, 4, 12}), {.trace = &traces}));
        auto keys = traces.at(0).keys;
        keys.push_back(traces.at(0).key_shift);
        return keys;
    };
    using keys = std::vector<std::int64_t>;
    // -35 2^-1, 15 2^2, -10 2^4: 9 bits above 2^-1, and a register of 8 + 13 bits for exponents from -1 to 12.
    CHECK(keys_with(kv_window::calibrated, 16) == keys{-35, 15 * 8, -10 * 32, 0, 0});
    CHECK(keys_with(kv_window::calibrated, 6) == keys{-2, 8, -20, 0, 4});
    CHECK(keys_with(kv_window::register_msb, 16) == keys{-1, 4, -10, 0, 5});
}

TEST_CASE("integer attention needs neither division nor floating-point numbers") {
    ordinary_attention const a;
    auto const strict =
        integer_attention(program_integer_attention<exact_products<strict_integer>>(a.weights, a.options), a.x.codes,
                          a.x.exponents, a.call);
    auto const packed =
        integer_attention(program_integer_attention(a.weights, a.options), a.x.codes, a.x.exponents, a.call);
    CHECK(test::same_numbers(strict, packed));
}

TEST_CASE("integer attention approaches attention in real numbers with biases, shared keys, a mask and rotation") {
    ordinary_attention a;
    a.call.valid.clear();
    auto& o = a.options;
    o.x_bits = 12;
    o.w_bits = 12;
    o.q_bits = o.kv_bits = o.logit_bits = o.p_bits = o.o_bits = o.out_bits = 15;
    o.reciprocal_bits = 12;
    o.fraction_bits = 10;
    o.softmax_scale = 0.02;
    std::mt19937 random{32};
    a.weights = test::random_weights(random, {}, o, true);
    a.x = test::random_tokens(random, 1, 21, 24, 12, 1);
    auto const x = test::real_values(a.x.codes, a.x.exponents, o.input_scale);
    auto const real = [](std::vector<double> const& in, integer_projection const& p) {
        std::vector<double> w(p.codes.begin(), p.codes.end());
        auto out = test::real_product(in, w, p.codes.shape()[1]);
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = out[i] * p.scale + p.bias[i % p.bias.size()];
        }
        return out;
    };
    auto const turned = [&](std::vector<double> v, std::size_t width) {
        for (std::size_t i = 0; i < v.size(); i += 2) {
            double const angle = static_cast<double>(i / width + 5) * std::pow(500.0, -static_cast<double>(i % 8) / 8);
            double const even = v[i] * std::cos(angle) - v[i + 1] * std::sin(angle);
            v[i + 1] = v[i] * std::sin(angle) + v[i + 1] * std::cos(angle);
            v[i] = even;
        }
        return v;
    };
    auto const error_with = [&](kv_window window) {
        o.window = window;
        auto const y = integer_attention(program_integer_attention(a.weights, o), a.x.codes, a.x.exponents, a.call);
        test::real_attention const attend{4, 2, 8, 0.02, true};
        auto const right = real(
            attend(turned(real(x, a.weights.query), 32), turned(real(x, a.weights.key), 16), real(x, a.weights.value)),
            a.weights.output);
        return test::relative_error(test::real_values(y.codes, y.exponents, y.scale), right);
    };
    // The polynomial is off by up to 0.3 %, most of which the division by the sum takes away.
    CHECK(error_with(kv_window::calibrated) < 0.001);
    CHECK(error_with(kv_window::register_msb) < 0.03);
    // Too large for the register of the product: without a wider one such values would saturate.
    for (double& b : a.weights.value.bias) {
        b *= 3000;
    }
    CHECK(error_with(kv_window::calibrated) < 0.001);
    CHECK(error_with(kv_window::register_msb) < 0.001);
}

TEST_CASE("integer attention warns of keys that the window erases") {
    ordinary_attention a;
    a.options.rotary.reset();
    a.weights = [&] {
        std::mt19937 random{33};
        return test::random_weights(random, {}, a.options, false);
    }();
    auto const report_of = [&](int kv_bits, kv_window window) {
        auto o = a.options;
        o.kv_bits = kv_bits;
        o.window = window;
        return integer_attention(program_integer_attention(a.weights, o), a.x.codes, a.x.exponents).report;
    };
    CHECK(report_of(16, kv_window::register_msb).warning().empty());
    CHECK(report_of(8, kv_window::calibrated).warning().empty());
    auto const erased = report_of(6, kv_window::register_msb);
    CHECK(erased.zero_keys > 0.9);
    CHECK(erased.warning().find("% of the keys") != std::string::npos);
}

TEST_CASE("integer attention: tokens whose padding leaves nothing") {
    ordinary_attention a;
    a.call.valid.assign(42, 0);
    a.call.valid[25] = 1;  // the first item is empty, the second has one token
    auto const y = integer_attention(program_integer_attention(a.weights, a.options), a.x.codes, a.x.exponents, a.call);
    CHECK(std::count(y.codes.begin(), y.codes.begin() + 25 * 20, 0) == 25 * 20);
    CHECK(std::count(y.codes.begin() + 25 * 20, y.codes.begin() + 26 * 20, 0) < 20);
    CHECK(std::count(y.codes.begin() + 26 * 20, y.codes.end(), 0) == 16 * 20);
    CHECK(y.exponents.shape() == a.x.exponents.shape());
}

TEST_CASE("integer attention: the outputs of rows_in_flight and threads are checked, their numbers do not matter") {
    ordinary_attention const a;
    auto const layer = program_integer_attention(a.weights, a.options);
    auto const right = integer_attention(layer, a.x.codes, a.x.exponents, a.call);
    for (std::size_t const rows : {1U, 2U, 5U, 100U}) {
        for (int const threads : {1, 2, 4}) {
            auto call = a.call;
            call.rows_in_flight = rows;
            call.threads = threads;
            CHECK(test::same_numbers(integer_attention(layer, a.x.codes, a.x.exponents, call), right));
        }
    }
}

TEST_CASE("integer attention refuses shapes that do not fit") {
    ordinary_attention const a;
    auto const plan_with = [&](auto const& change) {
        return [&, change] {
            auto w = a.weights;
            auto o = a.options;
            change(w, o);
            static_cast<void>(program_integer_attention(w, o));
        };
    };
    using weights = integer_attention_weights;
    using options = integer_attention_options;
    auto const refused = [&](errc code, std::string const& words, auto const& change) {
        CAPTURE(words);
        CHECK(attention_refuses(plan_with(change), code, words));
    };
    refused(errc::shape, "weights.query.codes has shape (32, 24)", [](weights&, options& o) { o.heads = 5; });
    refused(errc::shape, "0 heads", [](weights&, options& o) { o.heads = 0; });
    refused(errc::shape, "weights.key.codes", [](weights& w, options&) {
        w.key.codes = codes_tensor::from_shape({12, 24});
    });
    refused(errc::shape, "a divisor of 4 heads", [](weights& w, options&) {
        w.key.codes = codes_tensor::from_shape({24, 24});
    });
    refused(errc::shape, "weights.value.codes has shape (8, 24); (16, 24)", [](weights& w, options&) {
        w.value.codes = codes_tensor::from_shape({8, 24});
    });
    refused(errc::shape, "weights.output.codes", [](weights& w, options&) {
        w.output.codes = codes_tensor::from_shape({20, 33});
    });
    refused(errc::shape, "weights.value.bias has 3", [](weights& w, options&) { w.value.bias.resize(3); });
    refused(errc::value, "weights.key.codes: code 128 at flat index 7",
            [](weights& w, options&) { w.key.codes.data()[7] = 128; });
    refused(errc::value, "weights.output.bias", [](weights& w, options&) { w.output.bias[0] = 1 / 0.0; });
    refused(errc::range, "weights.query.scale", [](weights& w, options&) { w.query.scale = 0; });
    refused(errc::range, "input_scale", [](weights&, options& o) { o.input_scale = -1; });
    refused(errc::range, "softmax_scale", [](weights&, options& o) { o.softmax_scale = 0; });
    refused(errc::bits, "kv_bits is 17", [](weights&, options& o) { o.kv_bits = 17; });
    refused(errc::bits, "logit_bits is 1", [](weights&, options& o) { o.logit_bits = 1; });
    refused(errc::bits, "fraction_bits", [](weights&, options& o) { o.fraction_bits = 20; });
    refused(errc::bits, "reciprocal_table", [](weights&, options& o) { o.reciprocal_bits = 0; });
    refused(errc::range, "theta", [](weights&, options& o) { o.rotary->theta = 1; });
    refused(errc::bits, "rotary_options.fraction_bits", [](weights&, options& o) { o.rotary->fraction_bits = 15; });
    refused(errc::range, "rotary_options.positions", [](weights&, options& o) { o.rotary->positions = 0; });
    CHECK(attention_refuses([] { static_cast<void>(rotary_table{7, {}}); }, errc::shape, "7 elements"));

    auto const layer = program_integer_attention(a.weights, a.options);
    auto const call_refused = [&](errc code, std::string const& words, auto const& change) {
        CAPTURE(words);
        auto x = a.x;
        auto call = a.call;
        change(x, call);
        CHECK(attention_refuses([&] { static_cast<void>(integer_attention(layer, x.codes, x.exponents, call)); }, code,
                                words));
    };
    using tokens = test::token_codes;
    using call = integer_attention_call;
    call_refused(errc::shape, "the input has shape (2, 21, 25)", [](tokens& x, call&) {
        x.codes = codes_tensor::from_shape({2, 21, 25});
    });
    call_refused(errc::shape, "the input has shape (0, 24)", [](tokens& x, call&) {
        x.codes = codes_tensor::from_shape({0, 24});
    });
    call_refused(errc::shape, "the exponents have shape (2, 20)", [](tokens& x, call&) {
        x.exponents = codes_tensor::from_shape({2, 20});
    });
    call_refused(errc::shape, "valid has 41", [](tokens&, call& c) { c.valid.resize(41); });
    call_refused(errc::range, "rows_in_flight", [](tokens&, call& c) { c.rows_in_flight = 0; });
    call_refused(errc::range, "the rotary table, which holds 40", [](tokens&, call& c) { c.first_position = 30; });
    call_refused(errc::range, "the rotary table, which holds 40",
                 [](tokens&, call& c) { c.first_position = ~std::size_t{0}; });
    call_refused(errc::range, "threads is 0", [](tokens&, call& c) { c.threads = 0; });
    call_refused(errc::value, "token 0 of the input: code 128", [](tokens& x, call&) { x.codes.data()[0] = 128; });
    call_refused(errc::value, "the exponent of token 0",
                 [](tokens& x, call&) { x.exponents.data()[0] = (1 << 24) + 1; });
    call_refused(errc::range, ".bias is 2^", [](tokens& x, call&) { x.exponents.data()[0] = -60; });
}

TEST_CASE("integer_bias follows the exponent of a token by shifts") {
    std::vector<double> const real{1.0, -0.7, 0.001, 0};
    double const unit = 0x1p-10;
    integer_bias const bias{real, unit, "bias"};
    CHECK(bias.magnitude_bits() == 11);
    for (int const exponent : {-30, -3, 0, 5, 9, 12, 100}) {
        CAPTURE(exponent);
        std::vector<std::int64_t> sums(4, 5);
        bias.add_to<std::int64_t>(sums, exponent, rounding::half_up);
        for (std::size_t i = 0; i < real.size(); ++i) {
            double const steps = std::ldexp(real[i] / unit, -exponent);
            double const tolerance = std::max(0.5, std::ldexp(1 / unit, -exponent) * 0x1p-30);
            CHECK(std::abs(static_cast<double>(sums[i] - 5) - steps) <= tolerance);
        }
    }
    CHECK(attention_refuses(
        [&] {
            std::vector<std::int64_t> sums(4);
            bias.add_to<std::int64_t>(sums, -36, rounding::floor);
        },
        errc::range, "bias is 2^47 steps"));
    CHECK(integer_bias{}.is_absent());
    CHECK(integer_bias{std::vector<double>{0, 0}, 1, "bias"}.is_absent());
}

TEST_CASE("rotary_table turns neighbours by the angle of their position") {
    rotary_table const table{6, {.theta = 100, .positions = 9}};
    std::vector<std::int64_t> const before{1000, -2000, 300, 0, -77, 5000, 1, 2, 3, 4, 5, 100000};
    for (std::size_t position = 0; position < 9; ++position) {
        auto row = before;
        table.turn<std::int64_t>(row, position, rounding::half_even);
        for (std::size_t i = 0; i < row.size(); i += 2) {
            double const angle = static_cast<double>(position) * std::pow(100.0, -static_cast<double>(i % 6) / 6);
            auto const a = static_cast<double>(before[i]);
            auto const b = static_cast<double>(before[i + 1]);
            double const tolerance = 0.5 + (std::abs(a) + std::abs(b)) * 0x1p-15;
            CHECK(std::abs(static_cast<double>(row[i]) - (a * std::cos(angle) - b * std::sin(angle))) <= tolerance);
            CHECK(std::abs(static_cast<double>(row[i + 1]) - (a * std::sin(angle) + b * std::cos(angle))) <= tolerance);
        }
        CHECK((row == before) == (position == 0));
    }
}
