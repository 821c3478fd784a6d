#pragma once

/// \file
/// The images of a run.

#include "settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <xtensor/xarray.hpp>

namespace explore {

struct data_set {
    std::string title;                ///< for tables and pictures
    xt::xarray<std::uint8_t> images;  // (N, channels, height, width)
    std::vector<int> labels;          // (N)
};

/// Images first .. first + images - 1 of the chosen set.
///
///     digits              drawn by the program
///     mnist               the MNIST test images
///     test, lossless      CIFAR-10 test images, as JPEG left them or as they were
///     asim500             500 of `test`: files 0000 to 0049 of every class, the classes taking turns
///     NAME                DIR/cifar10/NAME.bin or DIR/mnist/NAME
///     PATH                a CIFAR-10 batch (.bin), or IDX images whose name holds "images-idx3"
///
/// Throws usage_error where there is no such set or it has fewer images, xcim::error where a file is damaged.
data_set load_data(settings const& chosen);

/// Writes digits_{train,test}_{images,labels}.npy, from which weights/train.py makes the weights.
void dump_digits(std::filesystem::path const& folder);

}  // namespace explore
