#pragma once

/// \file
/// Durations in seconds: `cell::pcm{.time = 3 * cell::day}`. A month has 30 days, a year 365.

#include <xcim/config.hpp>

namespace xcim::inline XCIM_ABI::cell {

inline constexpr double nanosecond = 1e-9;
inline constexpr double microsecond = 1e-6;
inline constexpr double second = 1;
inline constexpr double minute = 60;
inline constexpr double hour = 3600;
inline constexpr double day = 86400;
inline constexpr double month = 30 * day;
inline constexpr double year = 365 * day;

}  // namespace xcim::inline XCIM_ABI::cell
