/// The built-in digits and the network that comes with the program.

#include "../../../examples/explore/digits.hpp"
#include "../../../examples/explore/evaluate.hpp"
#include "../../../examples/explore/model.hpp"
#include "../../../examples/networks/digits_cnn.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

namespace {

namespace digits = explore::digits;

xt::xarray<std::uint8_t> draw(std::size_t count) {
    auto const pixels = digits::draw_many(digits::test_seed, 0, count);
    auto images = xt::xarray<std::uint8_t>::from_shape({count, 1, digits::side, digits::side});
    std::copy(pixels.begin(), pixels.end(), images.data());
    return images;
}

std::vector<int> labels(std::size_t count) {
    std::vector<int> result;
    for (std::size_t i = 0; i < count; ++i) {
        result.push_back(digits::label(i));
    }
    return result;
}

/// Correct answers to the first `count` digits.
std::size_t correct(explore::any_backend& backend, std::size_t count) {
    auto const net = networks::digits_cnn{explore::embedded_digits_weights()};
    auto const images = net.prepare(draw(count));
    auto const logits = net(backend, images);  // (count, 10)
    return networks::count_equal(networks::argmax(logits), labels(count));
}

}  // namespace

TEST_CASE("digits are the same pixels on every compiler") {
    CHECK(digits::checksum(digits::draw_many(digits::test_seed, 0, 1000)) == 0x37e5a7538bedac56U);
    CHECK(digits::checksum(digits::draw_many(digits::training_seed, 0, 1000)) == 0x42a4cdbfcf056d41U);
}

TEST_CASE("a digit depends on its seed and index only") {
    auto const many = digits::draw_many(7, 100, 3);
    auto const third = digits::draw(7, 102);
    CHECK(std::equal(third.begin(), third.end(), many.begin() + 2 * digits::pixels));
    CHECK(digits::draw(8, 102) != third);
    CHECK(digits::draw(7, 112) != third);  // the same digit, written anew
}

TEST_CASE("any ten digits in a row are all ten digits") {
    std::set<int> seen;
    for (std::uint64_t i = 35; i < 45; ++i) {
        seen.insert(digits::label(i));
    }
    CHECK(seen.size() == 10);
}

TEST_CASE("the embedded network reads digits in float") {
    auto backend = explore::backend_box{networks::float_backend{2}};
    auto const hits = correct(backend, 1000);
    CHECK(hits >= 965);
    CHECK(hits <= 995);  // harder than that, or a design would not show
}

TEST_CASE("the embedded network loses little on a good macro and nearly all on a bad one") {
    explore::settings chosen;
    chosen.threads = 2;
    CHECK(correct(*explore::make_macro_backend({8, 1, 0.0}, chosen), 200) >= 190);
    CHECK(correct(*explore::make_macro_backend({4, 4, 0.0}, chosen), 200) <= 80);
    CHECK(correct(*explore::make_macro_backend({8, 1, 5.0}, chosen), 200) <= 80);
}
