#pragma once

/// \file
/// IDX, the format of MNIST: two zero bytes, a type byte, a rank byte, one big-endian 32-bit extent per axis, then the
/// elements in row-major order. Format: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".

#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <xcim/io/detail.hpp>
#include <xcim/io/labelled_images.hpp>
#include <xcim/ops/xtensor.hpp>

namespace xcim::io {

namespace detail {

/// An IDX file of bytes whose header is read and agrees with the size of the file.
class idx_file {
public:
    explicit idx_file(std::filesystem::path const& path) : file_{path} {
        auto const magic = file_.read(0, 4, "the IDX magic number");
        if (load<std::uint16_t>(magic, 0, std::endian::big) != 0 || magic[2] != std::byte{0x08})
            damaged(name(), "its magic number is " + number_text(load<std::uint32_t>(magic, 0, std::endian::big)) +
                                ": two zero bytes and the type 0x08 (unsigned bytes) are needed");
        auto const rank = std::to_integer<std::size_t>(magic[3]);
        auto const extents = file_.read(4, 4 * rank, "the IDX header");
        for (auto axis = std::size_t{0}; axis < rank; ++axis)
            shape_.push_back(load<std::uint32_t>(extents, 4 * axis, std::endian::big));
        start_ = 4 + 4 * rank;
        static_cast<void>(require_elements(name(), shape_, 1, file_.size() - start_));
    }

    [[nodiscard]] std::string const& name() const noexcept { return file_.name(); }
    [[nodiscard]] std::vector<std::size_t> const& shape() const noexcept { return shape_; }

    /// Fills an array from element `first` on.
    void read(std::size_t first, xt::xarray<std::uint8_t>& into) {
        file_.read(start_ + first, std::as_writable_bytes(std::span{into.data(), into.size()}), "the IDX data");
    }

private:
    input_file file_;
    std::vector<std::size_t> shape_;
    std::size_t start_ = 0;
};

}  // namespace detail

/// An IDX file of unsigned bytes (type 0x08), of any rank.
///
/// returns   the array in the shape of the header
/// throws    errc::file    the file is missing, no regular file or not readable
///           errc::format  another type, or a header that does not agree with the size of the file
inline xt::xarray<std::uint8_t> load_idx(std::filesystem::path const& path) {
    auto file = detail::idx_file{path};
    auto array = xt::xarray<std::uint8_t>::from_shape(file.shape());
    file.read(0, array);
    return array;
}

/// Records [first, first + count) of a pair of MNIST files; only these are read.
///
/// returns   images (count, 1, 28, 28), bytes 0..255; labels (count), 0..9
/// throws    as load_idx; errc::format also where the images are not 28 x 28, the two files have different numbers of
///           records, or a label is above 9; errc::range where they have fewer records than asked for
inline labelled_images load_mnist(std::filesystem::path const& images, std::filesystem::path const& labels,
                                  std::size_t first = 0, std::size_t count = all) {
    auto image_file = detail::idx_file{images};
    auto label_file = detail::idx_file{labels};
    auto const& shape = image_file.shape();
    if (shape.size() != 3 || shape[1] != 28 || shape[2] != 28)
        detail::damaged(image_file.name(), "its shape is " + detail::shape_text(shape) + ": (N, 28, 28) is needed");
    if (label_file.shape() != std::vector{shape[0]})
        detail::damaged(label_file.name(), "its shape is " + detail::shape_text(label_file.shape()) +
                                               ": one label for each of the " + detail::number_text(shape[0]) +
                                               " images is needed");
    count = detail::require_records(image_file.name(), shape[0], first, count);

    auto batch = labelled_images{xt::xarray<std::uint8_t>::from_shape({count, 1, 28, 28}),
                                 xt::xarray<std::uint8_t>::from_shape({count})};
    image_file.read(first * 28 * 28, batch.images);
    label_file.read(first, batch.labels);
    detail::require_ten_classes(label_file.name(), batch.labels, first);
    return batch;
}

}  // namespace xcim::io
