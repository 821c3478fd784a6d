#pragma once

/// \file
/// All models of the role `wire`.

#include <xcim/wire/ideal.hpp>
