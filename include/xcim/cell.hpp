#pragma once

/// \file
/// All models of the role `cell`.

#include <xcim/cell/capacitor.hpp>
#include <xcim/cell/current.hpp>
#include <xcim/cell/device_fits.hpp>
#include <xcim/cell/durations.hpp>
#include <xcim/cell/ideal.hpp>
#include <xcim/cell/measured.hpp>
#include <xcim/cell/pair.hpp>
#include <xcim/cell/pcm.hpp>
#include <xcim/cell/rram.hpp>
#include <xcim/cell/rram_nonlinear.hpp>
#include <xcim/cell/sram.hpp>
