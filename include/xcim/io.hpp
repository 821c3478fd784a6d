#pragma once

/// \file
/// Reading and writing of arrays, weights, data sets and tables.
///
///   npy.hpp, npz.hpp        numpy arrays and archives of them (npz needs libzip)
///   safetensors.hpp         weights of a network, by name (needs nlohmann-json)
///   cifar10.hpp, idx.hpp    CIFAR-10 batches; IDX files, MNIST
///   table.hpp               results as CSV and JSON (needs nlohmann-json)
///
/// A loader believes nothing a file says about itself: sizes, types and offsets are compared with the real size of the
/// file before anything of that size is allocated. What does not fit throws xcim::error, errc::file where the file
/// cannot be opened, read or written, errc::format where its content is damaged or of another kind. Numbers are
/// converted to the element type asked for only where nothing is lost but the rounding of a wider real.
///
/// Every file is written beside its destination and then renamed: an interrupted run leaves the old one.

#include <xcim/io/cifar10.hpp>
#include <xcim/io/idx.hpp>
#include <xcim/io/npy.hpp>
#include <xcim/io/npz.hpp>
#include <xcim/io/safetensors.hpp>
#include <xcim/io/table.hpp>
