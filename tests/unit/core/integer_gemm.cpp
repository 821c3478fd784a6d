#include <doctest/doctest.h>

#include <xcim/core/integer_gemm.hpp>

#include <cstdint>
#include <random>
#include <vector>

namespace {

constexpr std::int32_t untouched = 0x5A5A5A5A;

struct problem {
    std::size_t rows = 1;
    std::size_t inputs = 1;
    std::size_t outputs = 1;
    bool is_signed = false;
    std::size_t x_stride = inputs;
    std::size_t y_stride = outputs;
    std::vector<std::uint8_t> x = std::vector<std::uint8_t>((rows - 1) * x_stride + inputs);
    std::vector<std::int8_t> w = std::vector<std::int8_t>(outputs * inputs);

    void draw(unsigned seed) {
        std::mt19937 engine{seed};
        for (auto& v : x) {
            v = static_cast<std::uint8_t>(engine() >> 7);
        }
        for (auto& v : w) {
            v = static_cast<std::int8_t>(engine() >> 7);
        }
    }

    [[nodiscard]] std::int64_t right(std::size_t m, std::size_t n) const {
        std::int64_t sum = 0;
        for (std::size_t k = 0; k < inputs; ++k) {
            std::uint8_t const v = x[m * x_stride + k];
            sum += std::int64_t{is_signed ? static_cast<std::int8_t>(v) : std::int32_t{v}} * w[n * inputs + k];
        }
        return sum;
    }

    using kernel = void (*)(xcim::integer_weights const&, xcim::integer_rows const&,
                            xcim::detail::integer_outputs const&);

    /// Elements that are not what they should be, those outside the range of outputs included.
    [[nodiscard]] std::size_t wrong(std::size_t first, std::size_t last, kernel run) const {
        xcim::integer_weights const packed{w.data(), outputs, inputs};
        std::vector<std::int32_t> y((rows - 1) * y_stride + outputs, untouched);
        run(packed, {x.data(), x_stride, rows, is_signed}, {first, last, y.data(), y_stride});
        std::size_t count = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
            std::size_t const n = i % y_stride;
            bool const is_result = n >= first && n < last;
            count += y[i] == (is_result ? right(i / y_stride, n) : untouched) ? 0U : 1U;
        }
        return count;
    }

    [[nodiscard]] std::size_t wrong(std::size_t first, std::size_t last) const {
        std::size_t count = wrong(first, last, [](auto const& packed, auto const& in, auto const& out) {
            xcim::multiply_integers(packed, in, out.first, out.last, out.y, out.stride);
        });
        return count + wrong(first, last, xcim::detail::multiply_by_dots);
    }
    [[nodiscard]] std::size_t wrong() const { return wrong(0, outputs); }
};

}  // namespace

TEST_CASE("integer product: every number of inputs, odd rows and outputs") {
    std::size_t wrong = 0;
    for (std::size_t inputs = 1; inputs <= 130; ++inputs) {
        for (bool const is_signed : {false, true}) {
            problem p{.rows = 7, .inputs = inputs, .outputs = 19, .is_signed = is_signed};
            p.draw(static_cast<unsigned>(inputs));
            wrong += p.wrong();
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("integer product: every number of rows and outputs around the registers") {
    std::size_t wrong = 0;
    for (std::size_t rows : {1U, 2U, 5U, 6U, 15U, 16U, 17U, 31U, 32U, 33U, 257U}) {
        for (std::size_t outputs : {1U, 15U, 16U, 17U, 31U, 32U, 33U, 47U, 48U, 63U, 64U, 65U, 100U}) {
            for (bool const is_signed : {false, true}) {
                problem p{.rows = rows, .inputs = 67, .outputs = outputs, .is_signed = is_signed};
                p.draw(static_cast<unsigned>(rows + outputs));
                wrong += p.wrong();
            }
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("integer product: more inputs than one pass takes") {
    for (std::size_t inputs : {512U, 513U, 768U, 1023U, 1024U, 1599U, 1600U, 4608U, 5000U}) {
        for (bool const is_signed : {false, true}) {
            problem p{.rows = 35, .inputs = inputs, .outputs = 33, .is_signed = is_signed};
            p.draw(static_cast<unsigned>(inputs));
            CAPTURE(inputs);
            CHECK(p.wrong() == 0);
        }
    }
}

TEST_CASE("integer product: strides, and ranges of outputs") {
    for (bool const is_signed : {false, true}) {
        problem p{.rows = 37, .inputs = 200, .outputs = 120, .is_signed = is_signed, .x_stride = 211, .y_stride = 133};
        p.draw(1);
        for (std::size_t first = 0; first < p.outputs; first += xcim::integer_weights::output_multiple) {
            CHECK(p.wrong(first, p.outputs) == 0);
            CHECK(p.wrong(first, first + 1) == 0);
            CHECK(p.wrong(first, first) == 0);
        }
    }
}

TEST_CASE("integer product: the largest sums fit 32 bits") {
    std::size_t const most = xcim::integer_weights::most_inputs;
    problem p{.rows = 2, .inputs = most, .outputs = 3};
    for (int const value : {255, 128, 127, 0}) {
        p.x.assign(p.x.size(), static_cast<std::uint8_t>(value));
        for (int const weight : {-128, 127}) {
            p.w.assign(p.w.size(), static_cast<std::int8_t>(weight));
            for (bool const is_signed : {false, true}) {
                p.is_signed = is_signed;
                CHECK(p.wrong() == 0);
            }
        }
    }
    CHECK_THROWS_WITH_AS(xcim::integer_weights(p.w.data(), 1, most + 1),
                         "xcim: an integer product has 65794 inputs; 32-bit sums hold 65793 at most", xcim::error);
}

TEST_CASE("integer product: no rows, no inputs") {
    std::int8_t const weight = 1;
    xcim::integer_weights const none{&weight, 1, 0};
    std::uint8_t const x = 7;
    std::int32_t y[2] = {untouched, untouched};
    xcim::multiply_integers(none, {&x, 0, 0, false}, 0, 1, y, 1);
    CHECK(y[0] == untouched);
    xcim::multiply_integers(none, {&x, 0, 2, false}, 0, 1, y, 1);
    CHECK(y[0] == 0);
    CHECK(y[1] == 0);
    xcim::integer_weights const empty;
    xcim::multiply_integers(empty, {&x, 0, 1, true}, 0, 0, y, 1);
}

TEST_CASE("integer product: bytes held") {
    std::vector<std::int8_t> const w(100 * 576, 1);
    xcim::integer_weights const packed{w.data(), 100, 576};
    CHECK(packed.bytes() == 112 * (576 * sizeof(xcim::detail::dot_weight) + sizeof(std::int32_t)));
    CHECK(packed.outputs() == 100);
    CHECK(packed.inputs() == 576);
}
