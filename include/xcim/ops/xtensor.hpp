#pragma once

/// \file
/// xt::xarray from wherever the installed xtensor keeps it: 0.26 moved its headers into subfolders. The library
/// includes this header instead, and only this header names one that moved.

#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xarray.hpp>
#else
#include <xtensor/xarray.hpp>
#endif

static_assert(XTENSOR_DEFAULT_LAYOUT == xt::layout_type::row_major,
              "xcim: arrays are row-major: do not define XTENSOR_DEFAULT_LAYOUT as column_major");
