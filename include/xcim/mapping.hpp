#pragma once

/// \file
/// All models of the role `mapping`.

#include <xcim/mapping/bit_slice.hpp>
#include <xcim/mapping/channel_block.hpp>
#include <xcim/mapping/differential.hpp>
#include <xcim/mapping/offset.hpp>
#include <xcim/mapping/weight_parallel.hpp>
