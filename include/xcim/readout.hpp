#pragma once

/// \file
/// All models of the role `readout`.

#include <xcim/readout/hybrid.hpp>
#include <xcim/readout/majority.hpp>
#include <xcim/readout/single.hpp>
