/// \file
/// I-BERT's integer functions against their definitions, written down with divisions and 128-bit integers, over all or
/// many arguments.

#include <doctest/doctest.h>

#include <xcim/ops/ibert.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace {

namespace ibert = xcim::ibert;

__extension__ using wide = unsigned __int128;

/// v / 2^s, half to even.
std::int64_t rounded_quotient(wide v, int s) {
    if (s <= 0) {
        return v > 0x7FFF ? 0x7FFF : static_cast<std::int64_t>(v << -s > 0x7FFF ? 0x7FFF : v << -s);
    }
    wide const quotient = s < 128 ? v >> s : 0;
    wide const rest = v - (s < 128 ? quotient << s : 0);
    wide const half = s < 128 ? wide{1} << (s - 1) : ~wide{0};
    bool const up = rest > half || (rest == half && quotient % 2 == 1);
    return static_cast<std::int64_t>(std::min<wide>(quotient + (up ? 1 : 0), 0x7FFF));
}

std::int64_t defined_exponential(std::int64_t x, ibert::exp_constants const& k) {
    auto const t = std::max(x, -30 * k.ln2);
    auto const z = -t / k.ln2;
    auto const r = t + z * k.ln2;
    return (r * (r + k.linear) + k.constant) << (30 - z);
}

/// Logits of 8 to 20 bits and a scale that makes the row neither flat nor a single spike.
struct logits {
    std::vector<std::int32_t> x;
    double scale;
};

logits random_logits(std::mt19937& random) {
    logits l;
    int const bits = 8 + static_cast<int>(random() % 13);
    l.scale = std::clamp(std::ldexp(1.0 + static_cast<double>(random() % 1024) / 1024, 5 - bits), 3.7e-5, 1.6);
    l.x.resize(1 + random() % 70);
    for (auto& v : l.x) {
        v = static_cast<std::int32_t>(random() % (1U << bits)) - (1 << (bits - 1));
    }
    return l;
}

}  // namespace

TEST_CASE("ibert::square_root: beside every square below 2^32, at random up to 2^62") {
    for (std::uint64_t root = 1; root < 65536; ++root) {
        std::uint64_t const n = root * root;
        bool const is_right = ibert::square_root(n - 1) == root - 1 && ibert::square_root(n) == root &&
                              ibert::square_root(n + 1) == root && ibert::square_root(n + 2 * root) == root;
        CHECK(is_right);
    }
    CHECK(ibert::square_root(std::uint64_t{0xFFFFFFFF}) == 65535);
    std::mt19937_64 random{1};
    int wrong = 0;
    for (int i = 0; i < 300000; ++i) {
        auto const n = static_cast<std::int64_t>(random() >> (2 + random() % 62));
        auto const root = ibert::square_root(n);
        wrong += root * root <= n && n - root * root <= 2 * root ? 0 : 1;
        auto const square = root * root;
        wrong +=
            ibert::square_root(square) == root && (root == 0 || ibert::square_root(square - 1) == root - 1) ? 0 : 1;
    }
    CHECK(wrong == 0);
}

TEST_CASE("ibert::exponential: the reciprocal gives every quotient, the row its definition") {
    std::mt19937 random{2};
    for (int i = 0; i < 60; ++i) {
        double const scale = std::exp(-10.9 + 0.19 * i);  // 1.85e-5 to 1.37
        ibert::exp_constants const k{scale};
        std::int64_t const last = 30 * k.ln2;
        std::int64_t const step = last < 200000 ? 1 : 1 + static_cast<std::int64_t>(random() % 7);
        int wrong = 0;
        for (std::int64_t distance = 0; distance <= last + 2; distance += step) {
            wrong += ibert::exponential(-distance, k) == defined_exponential(-distance, k) ? 0 : 1;
        }
        for (std::int64_t z = 1; z <= 30; ++z) {
            auto const at = static_cast<std::uint64_t>(z * k.ln2);
            wrong +=
                k.halvings(at) == static_cast<std::uint64_t>(z) && k.halvings(at - 1) + 1 == k.halvings(at) ? 0 : 1;
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("ibert: no exponential is 0 at the scales that softmax takes") {
    int zeros = 0;
    for (double scale = 0.002; scale < 1.67; scale += 0.0001) {
        ibert::exp_constants const k{scale};
        for (std::int64_t r = 1 - k.ln2; r <= 0; ++r) {
            zeros += ibert::polynomial(r, k) > 0 ? 0 : 1;
        }
    }
    CHECK(zeros == 0);
}

TEST_CASE("ibert::exponential never rises as x falls, within one halving") {
    for (double const scale : {0.3, 0.05, 0.011, 0.0017}) {
        ibert::exp_constants const k{scale};
        int rises = 0;
        for (std::int64_t x = 0; x > -k.ln2 + 1; --x) {
            rises += ibert::exponential(x - 1, k) > ibert::exponential(x, k) ? 1 : 0;
        }
        CHECK(rises == 0);
        CHECK(ibert::exponential(0, k) == 2 * ibert::exponential(-k.ln2, k));
    }
}

/// The requantisation from its real scales: mantissa and shift as the authors compute them, then exact integers.
TEST_CASE("ibert::softmax_row equals its definition in 128-bit integers, fresh and with trained ranges") {
    std::mt19937 random{3};
    int wrong = 0;
    for (int i = 0; i < 20000; ++i) {
        auto const [x, scale] = random_logits(random);
        int const bits = 4 + static_cast<int>(random() % 17);
        double const fresh = ibert::softmax_constants{scale}.fresh_act_scale();
        double const range = i % 2 == 0 ? fresh
                                        : fresh * std::ldexp(1.0 + static_cast<double>(random() % 512) / 512,
                                                             static_cast<int>(random() % 17) - 4);
        ibert::softmax_constants const k{scale, bits, range};

        int exponent = 0;
        double const mantissa =
            std::frexp(k.exponentials.scale / static_cast<double>(static_cast<float>(range)), &exponent);
        auto const multiplier = static_cast<std::uint64_t>(std::floor(mantissa * 0x1p31 + 0.5));
        std::vector<std::int64_t> right;
        std::int64_t sum = 0;
        auto const largest = *std::max_element(x.begin(), x.end());
        for (auto const v : x) {
            auto const e = static_cast<wide>(defined_exponential(std::int64_t{v} - largest, k.exponentials));
            right.push_back(rounded_quotient(e * multiplier, 31 - exponent));
            sum += right.back();
        }
        for (auto& e : right) {
            e = (e * ((std::int64_t{1} << 32) / sum)) >> (32 - bits);
        }
        std::vector<std::int64_t> q(x.size());
        ibert::softmax_row(std::span<std::int32_t const>{x}, std::span{q}, k);
        wrong += q == right ? 0 : 1;
    }
    CHECK(wrong == 0);
}

TEST_CASE("ibert::softmax_row: the order of the logits is kept, rows add up to nearly 1, a constant may be added") {
    std::mt19937 random{4};
    for (int i = 0; i < 500; ++i) {
        auto const [x, scale] = random_logits(random);
        ibert::softmax_constants const k{scale, 16};
        std::vector<std::int32_t> q(x.size());
        ibert::softmax_row(std::span<std::int32_t const>{x}, std::span{q}, k);
        auto shifted = x;
        for (auto& v : shifted) {
            v += 1000003;
        }
        ibert::softmax_row(std::span<std::int32_t const>{shifted}, std::span{shifted}, k);
        CHECK(shifted == q);
        std::int64_t sum = 0;
        for (auto const v : q) {
            sum += v;
        }
        CHECK(sum <= 65536);
        // Each floor of a code costs less than 1, that of the factor its share of 2^32.
        CHECK(static_cast<double>(sum) >
              65536 * (1 - static_cast<double>(x.size()) * 32767 * 0x1p-32) - static_cast<double>(x.size()));
        auto const top = static_cast<std::size_t>(std::max_element(x.begin(), x.end()) - x.begin());
        CHECK(q[top] == *std::max_element(q.begin(), q.end()));
    }
}

TEST_CASE("ibert::normalise: rows are centred, of unit spread, and follow x") {
    std::mt19937 random{5};
    for (int i = 0; i < 300; ++i) {
        std::size_t const n = 2 + random() % 800;
        int const bits = 10 + static_cast<int>(random() % 12);
        std::vector<std::int32_t> x(n);
        for (auto& v : x) {
            v = static_cast<std::int32_t>(random() % (1U << bits)) - 300;
        }
        std::vector<std::int64_t> y(n);
        auto const spread = ibert::normalise(std::span<std::int32_t const>{x}, std::span{y});
        double sum = 0;
        double squares = 0;
        double const scale = std::sqrt(static_cast<double>(n)) * 0x1p-30;
        for (std::size_t j = 0; j < n; ++j) {
            double const v = static_cast<double>(y[j]) * scale;
            sum += v;
            squares += v * v;
            CHECK((x[j] < spread.mean ? y[j] <= 0 : y[j] >= 0));
        }
        // The mean is off by half an LSB at most, deviation and factor are floors.
        double const lsb =
            static_cast<double>(n) / static_cast<double>(spread.deviation) / std::sqrt(static_cast<double>(n));
        CHECK(std::abs(sum) <= 0.5 * static_cast<double>(n) * lsb + 1e-3);
        double const floors =
            2.0 / static_cast<double>(spread.deviation) + static_cast<double>(spread.deviation) * 0x1p-30;
        CHECK(std::abs(squares / static_cast<double>(n) - 1) < 2 * floors + 1e-6);
    }
}
