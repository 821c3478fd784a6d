/// \file
/// The integer functions of I-BERT against the outputs of the authors' modules (kssteven418/I-BERT), run in float64:
/// the same integers. Every folder of a function that is not known here fails.

#include <doctest/doctest.h>

#include <tests/support/shared.hpp>

#include <xcim/io/npy.hpp>
#include <xcim/ops/ibert.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace xcim;

using integers = std::vector<std::int64_t>;

struct ibert_case {
    std::filesystem::path folder;
    nlohmann::json config;

    [[nodiscard]] double number(char const* name) const { return config.at(name).get<double>(); }
    [[nodiscard]] auto integer(char const* name) const { return static_cast<std::int64_t>(number(name)); }
    template <class T>
    [[nodiscard]] std::vector<T> load(char const* name) const {
        auto const t = io::load_npy<T>(folder / (std::string(name) + ".npy"));
        return {t.begin(), t.end()};
    }
    [[nodiscard]] integers load_integers(char const* name) const { return load<std::int64_t>(name); }
    [[nodiscard]] std::size_t extent() const { return config.at("arrays").at("x_int").at("shape").back(); }
};

std::span<std::int64_t const> ibert_view(integers const& v) { return v; }

bool within(double a, double b, double relative) { return std::abs(a - b) <= relative * std::abs(b); }

/// Real numbers that went through other operations in double.
bool same_real(double a, double b) { return within(a, b, 1e-14); }

/// What the modules give in float32: right but for its rounding.
void check_against_float32(ibert_case const& c, char const* name, integers const& right, double scale) {
    auto const rounded = c.load<float>(name);
    REQUIRE(rounded.size() == right.size());
    for (std::size_t i = 0; i < right.size(); ++i) {
        CHECK(within(static_cast<double>(rounded[i]), static_cast<double>(right[i]) * scale, 1e-6));
    }
}

void check_exponential(ibert_case const& c) {
    ibert::exp_constants const constants{c.number("scale")};
    CHECK(constants.linear == c.integer("b_int"));
    CHECK(constants.constant == c.integer("c_int"));
    CHECK(-constants.ln2 == c.integer("x0_int"));
    CHECK(constants.most_halvings == c.integer("n"));
    CHECK(same_real(constants.scale, c.number("scale_out")));
    auto const x = c.load_integers("x_int");
    integers e(x.size());
    ibert::exponential(ibert_view(x), std::span{e}, constants);
    CHECK(e == c.load_integers("exp_int"));
    check_against_float32(c, "exp_f32", e, 1);
}

void check_polynomial(ibert_case const& c) {
    ibert::exp_constants const constants{c.number("scale")};
    CHECK(same_real(constants.polynomial_scale, c.number("scale_out")));
    auto z = c.load_integers("x_int");
    for (auto& v : z) {
        v = ibert::polynomial(v, constants);
    }
    CHECK(z == c.load_integers("z_int"));
}

void check_softmax(ibert_case const& c) {
    ibert::softmax_constants const constants{c.number("scale_in"), static_cast<int>(c.integer("output_bit"))};
    CHECK(constants.scale() == c.number("scale_out"));
    // The range that the fresh module finds in this tensor, which it keeps in float32.
    CHECK(within(constants.fresh_act_scale() / constants.exponentials.scale, c.number("act_divisor"), 1e-7));
    auto const x = c.load_integers("x_int");
    integers q(x.size());
    ibert::softmax_rows(ibert_view(x), c.extent(), std::span{q}, constants);
    CHECK(q == c.load_integers("q_int"));
}

void check_gelu(ibert_case const& c) {
    ibert::gelu_constants const constants{c.number("scale_in")};
    CHECK(constants.one == c.integer("shift_int"));
    CHECK(same_real(constants.error_function.scale, c.number("erf_scale")));
    CHECK(same_real(constants.scale, c.number("scale_out")));
    auto const x = c.load_integers("x_int");
    auto erf = x;
    for (auto& v : erf) {
        v = ibert::erf(v, constants.error_function);
    }
    CHECK(erf == c.load_integers("erf_int"));
    integers y(x.size());
    ibert::gelu(ibert_view(x), std::span{y}, constants);
    CHECK(y == c.load_integers("y_int"));
    auto const real = c.load<double>("y_f64");
    for (std::size_t i = 0; i < y.size(); ++i) {
        CHECK(same_real(static_cast<double>(y[i]) * constants.scale, real[i]));
    }
    check_against_float32(c, "y_f32", y, constants.scale);
}

/// The module divides its real input by the scale and does not round: an "integer" may be an ulp below one, and a floor
/// then goes one lower. What it gives is right for those numbers; ours are the integers', and equal where nothing is
/// off.
void check_layer_norm(ibert_case const& c) {
    auto const weights = c.load<double>("weight");
    auto const biases = c.load<double>("bias");
    auto const shift = static_cast<int>(c.integer("shift"));
    ibert::layer_norm_constants const constants{weights, biases, shift};
    auto const x = c.load_integers("x_int");
    auto const variance = c.load_integers("var_int");
    auto const root = c.load_integers("isqrt_int");
    auto const real = c.load<double>("y_f64");
    auto const scale = c.load<double>("scale_out");
    std::size_t const n = c.extent();
    std::size_t equal = 0;
    for (std::size_t row = 0; row < x.size() / n; ++row) {
        auto const in = ibert_view(x).subspan(row * n, n);
        integers y(n);
        auto const spread = ibert::layer_norm(in, std::span{y}, constants);
        CHECK(spread.variance == variance[row]);
        CHECK(ibert::square_root(spread.variance) == root[row]);
        auto const sum = std::accumulate(in.begin(), in.end(), std::int64_t{0});
        if (2 * std::abs(sum - spread.mean * static_cast<std::int64_t>(n)) == static_cast<std::int64_t>(n)) {
            continue;  // the module's mean may go to either side
        }

        std::vector<double> difference(n);
        std::int64_t squares = 0;
        for (std::size_t i = 0; i < n; ++i) {
            double const recovered = static_cast<double>(in[i]) * c.number("scale_in") / c.number("scale_in");
            difference[i] = recovered - static_cast<double>(spread.mean);
            auto const shifted = static_cast<std::int64_t>(std::floor(std::ldexp(difference[i], -shift)));
            squares += shifted * shifted;
        }
        auto const deviation = ibert::square_root(squares) << shift;
        auto const factor = static_cast<double>((std::int64_t{1} << 31) / deviation);
        for (std::size_t i = 0; i < n; ++i) {
            CHECK(within(constants.scale[i], scale[i], 1e-7));  // sqrt(n) in float32 or in double
            double const unbiased = scale[i] / weights[i];
            auto const right = std::llround(real[row * n + i] / scale[i]);
            auto const bias = static_cast<std::int64_t>(std::floor(biases[i] / weights[i] / unbiased));
            CHECK(right == static_cast<std::int64_t>(std::floor(difference[i] * factor / 2)) + bias);

            auto const ours = y[i] - constants.bias[i] + bias;
            bool const is_integer = difference[i] == static_cast<double>(in[i] - spread.mean);
            if (deviation == spread.deviation) {
                CHECK(std::abs(ours - right) <= (is_integer ? 0 : 1));
                equal += ours == right ? 1U : 0U;
            } else {
                CHECK(std::abs(ours - right) <= std::abs(right - bias) / std::min(deviation, spread.deviation) + 2);
            }
        }
    }
    CHECK(2 * equal > x.size());
}

void check_square_root(ibert_case const& c) {
    auto n = c.load_integers("n_int");
    for (auto& v : n) {
        v = ibert::square_root(v);
    }
    CHECK(n == c.load_integers("root_int"));
}

}  // namespace

TEST_CASE("I-BERT's integer functions give the integers of the authors' modules") {
    auto const folder = test::shared_or_skip("golden/ibert");
    if (!folder) {
        return;
    }
    int tested = 0;
    for (auto const& entry : std::filesystem::directory_iterator{*folder}) {
        std::ifstream file{entry.path() / "case.json"};
        if (!file) {
            continue;
        }
        ibert_case const c{entry.path(), nlohmann::json::parse(file)};
        CAPTURE(c.folder.filename().string());
        auto const function = c.config.at("function").get<std::string>();
        ++tested;
        if (function == "IntSoftmax.int_exp") {
            check_exponential(c);
        } else if (function == "IntSoftmax.int_polynomial") {
            check_polynomial(c);
        } else if (function == "IntSoftmax.forward") {
            check_softmax(c);
        } else if (function == "IntGELU.forward") {
            check_gelu(c);
        } else if (function == "IntLayerNorm.forward") {
            check_layer_norm(c);
        } else if (function.find("sqrt") != std::string::npos) {
            check_square_root(c);
        } else {
            FAIL_CHECK("no test knows the function " << function);
        }
    }
    CHECK(tested > 0);
}
