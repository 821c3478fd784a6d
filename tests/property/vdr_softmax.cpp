/// \file
/// How far VDR-Softmax is from the exact softmax, against measurements of the specification, an integer softmax with
/// 8-bit probabilities, and probabilities rounded to 8 bits.

#include <doctest/doctest.h>

#include <xcim/ops/ibert/softmax.hpp>
#include <xcim/ops/vdr_softmax.hpp>
#include <xcim/quant/emsb.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numbers>
#include <numeric>
#include <random>
#include <vector>

namespace {

using xcim::rounding;
using xcim::vdr_options;

using vdr_reals = std::vector<double>;

template <class T>
vdr_reals vdr_exact_softmax(std::vector<T> const& x, double scale) {
    auto const highest = static_cast<double>(*std::max_element(x.begin(), x.end()));
    vdr_reals e(x.size());
    std::transform(x.begin(), x.end(), e.begin(),
                   [&](T v) { return std::exp(scale * (static_cast<double>(v) - highest)); });
    double const sum = std::accumulate(e.begin(), e.end(), 0.0);
    std::for_each(e.begin(), e.end(), [sum](double& v) { v /= sum; });
    return e;
}

/// Normal deviates that are the same with every standard library.
class vdr_normals {
public:
    double operator()() {
        double const radius = std::sqrt(-2 * std::log(uniform()));
        return radius * std::cos(2 * std::numbers::pi * uniform());
    }

    double uniform() { return (static_cast<double>(random_()) + 0.5) * 0x1p-32; }

private:
    std::mt19937 random_{1};
};

/// Distances of weights, divided by their sum, to the exact softmax; means over rows.
struct vdr_distance {
    double variation = 0;   // total variation: half the L1 distance
    double largest = 0;     // of all elements and rows
    double divergence = 0;  // Kullback-Leibler, zero codes as a quarter of a unit
    double agreement = 0;   // rows whose first maximum is the same
    double ties = 0;        // rows where the exact maximum has the largest code, perhaps with others

    template <class T>
    void add(vdr_reals const& exact, std::vector<T> const& codes, double share) {
        double sum = 0;
        double filled_sum = 0;
        for (T const v : codes) {
            sum += static_cast<double>(v);
            filled_sum += v == 0 ? 0.25 : static_cast<double>(v);
        }
        for (std::size_t i = 0; i < exact.size(); ++i) {
            auto const code = static_cast<double>(codes[i]);
            double const error = std::abs(exact[i] - code / sum);
            variation += share * error / 2;
            largest = std::max(largest, error);
            divergence += share * exact[i] * std::log(exact[i] * filled_sum / std::max(code, 0.25));
        }
        auto const maximum = std::max_element(exact.begin(), exact.end()) - exact.begin();
        auto const found = std::max_element(codes.begin(), codes.end()) - codes.begin();
        agreement += maximum == found ? share : 0;
        ties += codes[static_cast<std::size_t>(maximum)] == codes[static_cast<std::size_t>(found)] ? share : 0;
    }
};

struct vdr_distances {
    vdr_distance vdr;
    vdr_distance exact_of_codes;  // float softmax of the quantised logits
    vdr_distance ibert;           // i-softmax with 8-bit results
    vdr_distance rounded;         // round(255 p)
};

/// Rows of n logits from N(0, sigma), kept as Q_I-bit eMSB codes of wider integers. Their unit is another one in every
/// row, up to twice 2^-16: the code of the maximum, between 128 and 255, and with it every distance depends on its
/// mantissa.
vdr_distances vdr_measure(std::size_t n, double sigma, vdr_options const& o, int rows = 300) {
    vdr_normals normal;
    vdr_distances found;
    double const share = 1.0 / rows;
    vdr_reals y(n);
    std::vector<std::int64_t> wide(n);
    std::vector<std::int32_t> x(n);
    std::vector<std::int32_t> q(n);
    for (int row = 0; row < rows; ++row) {
        double const unit = std::exp2(normal.uniform() - 16);
        std::generate(y.begin(), y.end(), [&] { return sigma * normal(); });
        std::transform(y.begin(), y.end(), wide.begin(), [unit](double v) { return std::llround(v / unit); });
        int const shift = xcim::emsb_group<std::int64_t, std::int32_t>(
            wide, x, {.bits = o.in_bits, .is_signed = true, .round = o.round});
        double const scale = std::ldexp(unit, shift);
        xcim::vdr_softmax_row<std::int32_t, std::int32_t>(x, q, xcim::make_vdr_entry(scale, o), o);
        auto const exact = vdr_exact_softmax(y, 1);
        found.vdr.add(exact, q, share);
        found.exact_of_codes.add(exact, vdr_exact_softmax(x, scale), share);
        if (o.in_bits == 8) {
            xcim::ibert::softmax_row<std::int32_t, std::int32_t>(x, q, xcim::ibert::softmax_constants{scale, 8});
            found.ibert.add(exact, q, share);
        }
        vdr_reals rounded(n);
        std::transform(exact.begin(), exact.end(), rounded.begin(), [](double p) { return std::floor(255 * p + 0.5); });
        found.rounded.add(exact, rounded, share);
    }
    return found;
}

vdr_options vdr_rounded(rounding how) {
    vdr_options o;
    o.round = how;
    return o;
}

}  // namespace

TEST_CASE("VDR-Softmax is as far from the exact softmax as measured before, within 15 percent") {
    std::map<double, double> const parsed{{0.5, 0.0037}, {1, 0.0128}, {2, 0.0506}, {4, 0.0349}, {8, 0.0196}};
    std::map<double, double> const nearest{{0.5, 0.0032}, {1, 0.0083}, {2, 0.0273}, {4, 0.0243}, {8, 0.0165}};
    for (auto const& bar : parsed) {
        double const sigma = bar.first;
        auto const found = vdr_measure(197, sigma, vdr_rounded(rounding::floor)).vdr;
        CAPTURE(sigma);
        CHECK(found.variation == doctest::Approx(bar.second).epsilon(0.15).scale(0));
        CHECK(found.ties == doctest::Approx(1));
        CHECK(found.agreement > 0.95);
    }
    for (auto const& bar : nearest) {
        double const sigma = bar.first;
        auto const found = vdr_measure(197, sigma, vdr_rounded(rounding::half_up)).vdr;
        CAPTURE(sigma);
        CHECK(found.variation == doctest::Approx(bar.second).epsilon(0.15).scale(0));
        CHECK(found.ties == doctest::Approx(1));
    }
    struct length_bar {
        std::size_t n;
        double parsed;
        double nearest;
    };
    for (auto const& bar : {length_bar{64, 0.0282, 0.0153}, length_bar{512, 0.0785, 0.0431}}) {
        CAPTURE(bar.n);
        CHECK(vdr_measure(bar.n, 2, vdr_rounded(rounding::floor)).vdr.variation ==
              doctest::Approx(bar.parsed).epsilon(0.15).scale(0));
        CHECK(vdr_measure(bar.n, 2, vdr_rounded(rounding::half_up)).vdr.variation ==
              doctest::Approx(bar.nearest).epsilon(0.15).scale(0));
    }
}

TEST_CASE("VDR-Softmax: codes that are rounded halve the distance where tails matter") {
    for (double const sigma : {1.0, 2.0}) {
        auto const parsed = vdr_measure(197, sigma, vdr_rounded(rounding::floor)).vdr;
        auto const nearest = vdr_measure(197, sigma, vdr_rounded(rounding::half_up)).vdr;
        double const ratio = parsed.variation / nearest.variation;
        CAPTURE(sigma);
        CHECK(ratio > 1.5);
        CHECK(ratio < 2.2);
        CHECK(parsed.divergence > 1.5 * nearest.divergence);
        CHECK(parsed.largest > 1.5 * nearest.largest);
    }
}

TEST_CASE("VDR-Softmax with 8 bits is nearer than 8-bit probabilities, which spend their bits on the sum") {
    for (auto const& bar : std::map<double, double>{{0.5, 50}, {1, 20}, {2, 3.5}, {4, 1.3}}) {
        double const sigma = bar.first;
        auto const found = vdr_measure(197, sigma, {});
        CAPTURE(sigma);
        CHECK(found.ibert.variation > bar.second * found.vdr.variation);
        CHECK(found.ibert.divergence > found.vdr.divergence);
        if (sigma < 4) {
            CHECK(found.rounded.variation > 2 * found.vdr.variation);
        }
    }
}

TEST_CASE("VDR-Softmax: more bits of codes help until the logits' own bits limit") {
    for (double const sigma : {0.5, 1.0, 2.0, 4.0, 8.0}) {
        CAPTURE(sigma);
        double before = 1;
        for (int const out_bits : {4, 6, 8, 10, 12}) {
            vdr_options o;
            o.out_bits = out_bits;
            auto const found = vdr_measure(197, sigma, o, 100);
            CHECK(found.vdr.variation < before);
            CHECK(found.vdr.variation > 0.9 * found.exact_of_codes.variation);
            before = found.vdr.variation;
        }
        vdr_options fine;
        fine.in_bits = 16;
        fine.out_bits = 16;
        CHECK(vdr_measure(197, sigma, fine, 100).vdr.variation < 0.002);
    }
}

TEST_CASE("VDR-Softmax: fraction bits from 8 on and the direction make no difference to the distance") {
    for (double const sigma : {1.0, 4.0}) {
        double const usual = vdr_measure(197, sigma, {}, 100).vdr.variation;
        for (int const fraction_bits : {8, 10, 13}) {
            for (auto const direction : {xcim::vdr_direction::down, xcim::vdr_direction::up}) {
                vdr_options o;
                o.fraction_bits = fraction_bits;
                o.direction = direction;
                CHECK(vdr_measure(197, sigma, o, 100).vdr.variation == doctest::Approx(usual).epsilon(0.05).scale(0));
            }
        }
    }
}
