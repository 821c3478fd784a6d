#pragma once

/// \file
/// All models of the role `cell`.

#include <xcim/cell/capacitor.hpp>
#include <xcim/cell/current.hpp>
#include <xcim/cell/ideal.hpp>
#include <xcim/cell/sram.hpp>
