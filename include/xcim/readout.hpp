#pragma once

/// \file
/// All models of the role `readout`.

#include <xcim/readout/single.hpp>
