#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <tests/support/shared.hpp>
#include <xcim/io/idx.hpp>

namespace io = xcim::io;
using namespace std::string_literals;
using xcim::errc;
using xcim::test::error_of;
using xcim::test::fails;

namespace {

using shape = std::vector<std::size_t>;

shape shape_of(xt::xarray<std::uint8_t> const& array) { return {array.shape().begin(), array.shape().end()}; }

std::string idx(std::vector<std::uint32_t> const& extents, std::string const& data, char type = 8) {
    auto out = "\0\0"s + type + static_cast<char>(extents.size());
    for (auto const extent : extents)
        for (auto const shift : {24U, 16U, 8U, 0U})
            out += static_cast<char>(extent >> shift);
    return out + data;
}

}  // namespace

TEST_CASE("idx: arrays of any rank") {
    auto const folder = xcim::test::temporary_folder{};
    auto const path = folder / "array";
    xcim::test::write(path, idx({2, 3}, "\1\2\3\4\5\xff"));
    auto const matrix = io::load_idx(path);
    CHECK(shape_of(matrix) == shape{2, 3});
    CHECK(matrix(0, 1) == 2);
    CHECK(matrix(1, 2) == 255);
    xcim::test::write(path, idx({}, "\7"));
    CHECK(io::load_idx(path)() == 7);
    xcim::test::write(path, idx({1, 1, 2, 1, 2}, "abcd"));
    CHECK(shape_of(io::load_idx(path)) == shape{1, 1, 2, 1, 2});
    xcim::test::write(path, idx({0, 28, 28}, ""));
    CHECK(shape_of(io::load_idx(path)) == shape{0, 28, 28});
    xcim::test::write(path, idx({300}, std::string(300, 'x')));
    CHECK(shape_of(io::load_idx(path)) == shape{300});
}

TEST_CASE("idx: damage") {
    auto const load = [](auto const& path) { io::load_idx(path); };
    xcim::test::check_no_file(load);
    xcim::test::check_every_truncation(idx({2, 3}, "abcdef"), load);
    xcim::test::check_flipped_bytes(idx({2, 3}, "abcdef"), 12, load);
    auto const folder = xcim::test::temporary_folder{};
    auto const path = folder / "array";
    for (auto const& content : {
             idx({6}, "abcdefg"),
             idx({0xffffffff, 0xffffffff}, "abcdef"),
             idx({0xffffffff, 0xffffffff, 0xffffffff, 0}, ""),
             idx({0x80000000, 0x80000000, 4}, ""),
             idx({6}, "abcdef", 9),
             "\1"s + idx({6}, "abcdef").substr(1),
         }) {
        xcim::test::write(path, content);
        CHECK(fails([&] { load(path); }, errc::format));
    }
}

TEST_CASE("idx: MNIST pairs") {
    auto const folder = xcim::test::temporary_folder{};
    auto const images = folder / "images";
    auto const labels = folder / "labels";
    auto const pixels = std::string(784, 'a') + std::string(784, 'b') + std::string(784, 'c');
    xcim::test::write(images, idx({3, 28, 28}, pixels));
    xcim::test::write(labels, idx({3}, "\7\0\x9"s));
    auto const set = io::load_mnist(images, labels, 1);
    CHECK(shape_of(set.images) == shape{2, 1, 28, 28});
    CHECK(set.images(1, 0, 27, 27) == 'c');
    CHECK(set.labels(1) == 9);
    CHECK(io::load_mnist(images, labels, 0, 1).labels(0) == 7);
    CHECK(fails([&] { io::load_mnist(images, labels, 2, 2); }, errc::range));
    CHECK(fails([&] { io::load_mnist(labels, images); }, errc::format));
    xcim::test::write(labels, idx({3}, "\7\0\xa"s));
    CHECK(error_of([&] { io::load_mnist(images, labels); }).says("record 2 has label 10"));
    xcim::test::write(labels, idx({2}, "\7\0"s));
    CHECK(error_of([&] { io::load_mnist(images, labels); }).says("3 images"));
    xcim::test::write(labels, idx({3}, "\7\0\x9"s));
    xcim::test::write(images, idx({3, 784}, pixels));
    CHECK(error_of([&] { io::load_mnist(images, labels); }).says("(3, 784)"));
}

TEST_CASE("idx: the MNIST test set") {
    auto const images = xcim::test::shared_or_skip("data/mnist/t10k-images-idx3-ubyte");
    auto const labels = xcim::test::shared_or_skip("data/mnist/t10k-labels-idx1-ubyte");
    if (!images || !labels)
        return;
    auto const set = io::load_mnist(*images, *labels);
    CHECK(shape_of(set.images) == shape{10000, 1, 28, 28});
    auto histogram = std::array<int, 10>{};
    for (auto const label : set.labels.storage())
        ++histogram.at(label);
    CHECK(histogram == std::array{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009});  // published counts
    auto const part = io::load_mnist(*images, *labels, 5000, 100);
    CHECK(std::ranges::equal(part.images.storage(), std::span{set.images.storage()}.subspan(5000 * 784, 100 * 784)));
    CHECK(shape_of(io::load_idx(*labels)) == shape{10000});
}
