#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <tests/support/shared.hpp>
#include <xcim/io/cifar10.hpp>

namespace io = xcim::io;
using xcim::errc;
using xcim::test::error_of;
using xcim::test::fails;

namespace {

/// Record i has label i and pixel value i + position, modulo 256.
std::string records(std::size_t count) {
    auto out = std::string{};
    for (auto i = std::size_t{0}; i < count; ++i) {
        out += static_cast<char>(i);
        for (auto pixel = std::size_t{0}; pixel < 3072; ++pixel)
            out += static_cast<char>(i + pixel);
    }
    return out;
}

using shape = std::vector<std::size_t>;

shape shape_of(xt::xarray<std::uint8_t> const& array) { return {array.shape().begin(), array.shape().end()}; }

}  // namespace

TEST_CASE("cifar10: values and ranges of records") {
    auto const folder = xcim::test::temporary_folder{};
    auto const path = folder / "batch.bin";
    xcim::test::write(path, records(5));
    auto const whole = io::load_cifar10(path);
    CHECK(shape_of(whole.images) == shape{5, 3, 32, 32});
    CHECK(shape_of(whole.labels) == shape{5});
    for (auto i = 0U; i < 5; ++i) {
        CHECK(whole.labels(i) == i);
        CHECK(whole.images(i, 2, 31, 7) == (i + 2 * 1024 + 31 * 32 + 7) % 256);
    }
    auto const part = io::load_cifar10(path, 1, 3);
    CHECK(shape_of(part.images) == shape{3, 3, 32, 32});
    CHECK(part.labels(0) == 1);
    CHECK(part.images(2, 1, 4, 5) == (3 + 1024 + 4 * 32 + 5) % 256);
    CHECK(io::load_cifar10(path, 3).labels.size() == 2);
    CHECK(io::load_cifar10(path, 5).images.size() == 0);
    CHECK(shape_of(io::load_cifar10(path, 2, 0).images) == shape{0, 3, 32, 32});
    CHECK(fails([&] { io::load_cifar10(path, 6); }, errc::range));
    CHECK(fails([&] { io::load_cifar10(path, 0, 6); }, errc::range));
    CHECK(fails([&] { io::load_cifar10(path, 3, io::all - 1); }, errc::range));
}

TEST_CASE("cifar10: damage") {
    auto const load = [](auto const& path) { io::load_cifar10(path); };
    xcim::test::check_no_file(load);
    xcim::test::check_every_truncation(records(1), load);
    auto const folder = xcim::test::temporary_folder{};
    auto const path = folder / "batch.bin";
    xcim::test::write(path, records(2) + "x");
    CHECK(error_of([&] { load(path); }).says("3073"));
    auto content = records(3);
    content[2 * 3073] = 10;
    xcim::test::write(path, content);
    CHECK(error_of([&] { load(path); }).says("record 2 has label 10"));
    CHECK(error_of([&] { io::load_cifar10(path, 1); }).says("record 2 has label 10"));
    CHECK(io::load_cifar10(path, 0, 2).labels.size() == 2);
    xcim::test::check_flipped_bytes(records(1), 3, load, 200);
}

TEST_CASE("cifar10: the test batch has 1000 images of each class") {
    auto const file = xcim::test::shared_or_skip("data/cifar10/test_batch.bin");
    if (!file)
        return;
    auto const batch = io::load_cifar10(*file);
    CHECK(shape_of(batch.images) == shape{10000, 3, 32, 32});
    auto histogram = std::array<int, 10>{};
    for (auto const label : batch.labels.storage())
        ++histogram.at(label);
    CHECK(std::ranges::count(histogram, 1000) == 10);
    auto const part = io::load_cifar10(*file, 9990, 10);
    CHECK(std::ranges::equal(part.images.storage(), std::span{batch.images.storage()}.last(10 * 3072)));
    CHECK(std::ranges::equal(part.labels.storage(), std::span{batch.labels.storage()}.last(10)));
}
