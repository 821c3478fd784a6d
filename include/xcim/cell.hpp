#pragma once

/// \file
/// All models of the role `cell`.

#include <xcim/cell/ideal.hpp>
#include <xcim/cell/sram.hpp>
