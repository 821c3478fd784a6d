#include <doctest/doctest.h>

#include <xcim/ops/plane_product.hpp>

#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace {

using namespace xcim;

template <class T>
T plane_test_code(std::mt19937& random, int bits) {
    int const above = std::is_signed_v<T> ? 1 << (bits - 1) : 0;
    switch (random() % 8) {  // the ends of the range are where planes go wrong
    case 0:
        return static_cast<T>(-above);
    case 1:
        return static_cast<T>((1 << bits) - 1 - above);
    default:
        return static_cast<T>(static_cast<int>(random() % (1U << bits)) - above);
    }
}

struct plane_test_extents {
    std::size_t rows;
    std::size_t outputs;
    std::size_t inputs;
};

template <class Code, class Sum>
std::size_t wrong_plane_sums(plane_test_extents const& e, int x_bits, int w_bits) {
    std::mt19937 random{static_cast<std::uint32_t>(100 * x_bits + w_bits)};
    std::vector<Code> x(e.rows * e.inputs);
    std::vector<std::int16_t> w(e.outputs * e.inputs);  // (inputs, outputs)
    for (auto& v : x) {
        v = plane_test_code<Code>(random, x_bits);
    }
    for (auto& v : w) {
        v = plane_test_code<std::int16_t>(random, w_bits);
    }
    plane_weights const packed{w.data(), e.outputs, e.inputs, 1, e.outputs};
    std::size_t const stride = e.outputs + 3;
    std::size_t wrong = 0;
    for (std::size_t const part : {1U, 2U}) {  // all outputs and inputs, then the first half
        std::size_t const outputs = (e.outputs + part - 1) / part;
        std::size_t const inputs = (e.inputs + part - 1) / part;
        std::vector<Sum> y(e.rows * stride, 77);
        packed.multiply(x.data(), e.inputs, e.rows, outputs, inputs, y.data(), stride);
        for (std::size_t r = 0; r < e.rows; ++r) {
            for (std::size_t n = 0; n < stride; ++n) {
                std::int64_t right = n < outputs ? 0 : 77;
                for (std::size_t k = 0; k < inputs && n < outputs; ++k) {
                    right += std::int64_t{x[r * e.inputs + k]} * w[k * e.outputs + n];
                }
                wrong += y[r * stride + n] != right ? 1U : 0U;
            }
        }
    }
    return wrong;
}

}  // namespace

TEST_CASE("plane_weights: products of wide integers are exact") {
    for (auto const& extents : std::vector<plane_test_extents>{{1, 1, 1}, {17, 20, 30}, {3, 300, 70}, {2, 5, 2100}}) {
        CAPTURE(extents.outputs);
        for (int const x_bits : {2, 8, 9, 16}) {
            for (int const w_bits : {2, 8, 9, 16}) {
                CAPTURE(x_bits);
                CAPTURE(w_bits);
                CHECK(wrong_plane_sums<std::int16_t, std::int64_t>(extents, x_bits, w_bits) == 0);
                CHECK(wrong_plane_sums<std::uint16_t, std::int64_t>(extents, x_bits, w_bits) == 0);
                if (x_bits + w_bits <= 18) {
                    CHECK(wrong_plane_sums<std::int16_t, std::int32_t>(extents, x_bits, w_bits) == 0);
                }
            }
        }
    }
}
