#pragma once

/// \file
/// All models of the role `adc`.

#include <xcim/adc/exact_count.hpp>
#include <xcim/adc/ideal.hpp>
#include <xcim/adc/uniform.hpp>
