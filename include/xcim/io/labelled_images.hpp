#pragma once

/// \file
/// What the loaders of image classification data return, and which records of a file they return.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include <xcim/core/error.hpp>
#include <xcim/io/detail.hpp>
#include <xcim/ops/xtensor.hpp>

namespace xcim::io {

/// Images with one label each, as they are stored: bytes, nothing normalised.
struct labelled_images {
    xt::xarray<std::uint8_t> images;  // (N, channels, height, width), 0..255
    xt::xarray<std::uint8_t> labels;  // (N), 0..9
};

/// As a number of records: all from the first one asked for to the end of the file.
inline constexpr auto all = std::numeric_limits<std::size_t>::max();

namespace detail {

/// How many records [first, first + count) are of `total`; errc::range where the file has fewer.
inline std::size_t require_records(std::string const& origin, std::size_t total, std::size_t first, std::size_t count) {
    if (first > total || (count != all && count > total - first))
        throw error(errc::range, origin + ": " + (count == all ? "all" : number_text(count)) + " records from record " +
                                     number_text(first) + " on are asked for, but it has " + number_text(total) +
                                     ": first + count must not pass the end");
    return count == all ? total - first : count;
}

/// Throws errc::format for a label that is no class of ten; `first` is the record of the first label.
inline void require_ten_classes(std::string const& origin, xt::xarray<std::uint8_t> const& labels, std::size_t first) {
    for (auto i = std::size_t{0}; i < labels.size(); ++i)
        if (auto const label = labels.data()[i]; label > 9)
            damaged(origin, "record " + number_text(first + i) + " has label " + number_text(unsigned{label}) +
                                ": a label from 0 to 9 is needed");
}

}  // namespace detail
}  // namespace xcim::io
