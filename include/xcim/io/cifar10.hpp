#pragma once

/// \file
/// CIFAR-10, binary version: records of one label byte and 3 x 32 x 32 pixel bytes (red, green, blue plane; rows from
/// the top). Format: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, 2009,
/// and the description published with the data set.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include <xcim/io/detail.hpp>
#include <xcim/io/labelled_images.hpp>
#include <xcim/ops/xtensor.hpp>

namespace xcim::io {

/// Records [first, first + count) of a CIFAR-10 batch; only these are read.
///
/// returns   images (count, 3, 32, 32), bytes 0..255; labels (count), 0..9
/// throws    errc::file    the file is missing, no regular file or not readable
///           errc::format  it is empty, its size is no multiple of 3073 bytes, or a label is above 9
///           errc::range   it has fewer records than asked for
inline labelled_images load_cifar10(std::filesystem::path const& path, std::size_t first = 0, std::size_t count = all) {
    constexpr auto pixels = std::size_t{3 * 32 * 32};
    constexpr auto record = pixels + 1;
    auto file = detail::input_file{path};
    if (file.size() == 0 || file.size() % record != 0)
        detail::damaged(file.name(), "it has " + detail::number_text(file.size()) +
                                         " bytes: one or more records of 3073 bytes are needed");
    count = detail::require_records(file.name(), static_cast<std::size_t>(file.size() / record), first, count);

    auto const raw = file.read(first * record, count * record, "the records asked for");
    auto batch = labelled_images{xt::xarray<std::uint8_t>::from_shape({count, 3, 32, 32}),
                                 xt::xarray<std::uint8_t>::from_shape({count})};
    auto const images = std::as_writable_bytes(std::span{batch.images.data(), batch.images.size()});
    for (auto i = std::size_t{0}; i < count; ++i) {
        auto const source = std::span{raw}.subspan(i * record, record);
        batch.labels.data()[i] = std::to_integer<std::uint8_t>(source[0]);
        std::ranges::copy(source.subspan(1), images.subspan(i * pixels).begin());
    }
    detail::require_ten_classes(file.name(), batch.labels, first);
    return batch;
}

}  // namespace xcim::io
