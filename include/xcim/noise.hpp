#pragma once

/// \file
/// All models of the role `noise`.

#include <xcim/noise/elementwise.hpp>
#include <xcim/noise/gaussian.hpp>
#include <xcim/noise/none.hpp>
#include <xcim/noise/stack.hpp>
