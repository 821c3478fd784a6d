#pragma once

/// \file
/// All models of the role `wire`.

#include <xcim/wire/bit_line.hpp>
#include <xcim/wire/crossbar.hpp>
#include <xcim/wire/first_order.hpp>
#include <xcim/wire/gated.hpp>
#include <xcim/wire/ideal.hpp>
#include <xcim/wire/ladder.hpp>
#include <xcim/wire/lumped.hpp>
#include <xcim/wire/paired.hpp>
#include <xcim/wire/static_drop.hpp>
