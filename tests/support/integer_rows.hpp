#pragma once

/// \file
/// What eMSB-Q is, from its definition, in arithmetic wide enough for everything; and integers that try it.

#include <xcim/quant/emsb_group.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <vector>

namespace xcim::test {

inline constexpr auto every_rounding = {rounding::floor, rounding::trunc, rounding::half_up, rounding::half_even};

/// v / 2^s by division, with the remainder deciding.
inline std::int64_t divided(std::int64_t v, int s, rounding how) {
    __extension__ using wide = __int128;
    wide const divisor = wide{1} << s;
    wide const remainder = ((v % divisor) + divisor) % divisor;
    wide const below = (v - remainder) / divisor;
    bool goes_up = false;
    switch (how) {
    case rounding::floor:
        break;
    case rounding::trunc:
        goes_up = v < 0 && remainder != 0;
        break;
    case rounding::half_up:
        goes_up = 2 * remainder >= divisor;
        break;
    case rounding::half_even:
        goes_up = 2 * remainder > divisor || (2 * remainder == divisor && below % 2 != 0);
        break;
    }
    return static_cast<std::int64_t>(below) + (goes_up ? 1 : 0);
}

inline std::int64_t code_by_division(std::int64_t v, int s, emsb_format f) {
    return std::clamp<std::int64_t>(divided(v, s, f.round), f.lowest(), f.highest());
}

/// Smallest L with every v in [-2^L, 2^L): by trying.
template <class N>
int smallest_length(std::span<N const> v) {
    int length = 0;
    for (N const x : v) {
        while (length < 63 && (static_cast<std::int64_t>(x) >> length) != 0 &&
               (static_cast<std::int64_t>(x) >> length) != -1) {
            ++length;
        }
    }
    return length;
}

/// Integers of all sizes with the extremes of the type among them; not negative where asked for.
template <class N>
class integer_source {
public:
    explicit integer_source(std::uint64_t seed) : engine_{seed} {}

    [[nodiscard]] std::size_t below(std::size_t end) { return engine_() % end; }

    /// An integer of about `bits` significant bits, or now and then one at an edge.
    [[nodiscard]] N one(int bits, bool is_signed) {
        constexpr int most = std::numeric_limits<N>::digits;
        bits = std::min(bits, most);
        auto v = static_cast<std::int64_t>(bits > 0 ? engine_() >> (64 - bits) : 0);
        if (below(8) == 0) {
            v = static_cast<std::int64_t>(bits > 0 ? std::uint64_t{1} << (bits - 1) : 0) -
                static_cast<std::int64_t>(below(2));
        }
        if (is_signed && below(2) == 0) {
            v = ~v;
        }
        return static_cast<N>(std::max<std::int64_t>(v, is_signed ? v : 0));
    }

    /// A group of one of the kinds that occur: alike, one outlier, zeros, minus ones, extremes.
    [[nodiscard]] std::vector<N> group(std::size_t length, bool is_signed) {
        constexpr int most = std::numeric_limits<N>::digits;
        int const bits = static_cast<int>(below(static_cast<std::size_t>(most) + 1));
        std::vector<N> v(length);
        std::ranges::generate(v, [&] { return one(bits, is_signed); });
        N const extreme = is_signed && below(2) == 0 ? std::numeric_limits<N>::min() : std::numeric_limits<N>::max();
        switch (below(8)) {
        case 0:
            std::ranges::fill(v, one(bits, is_signed));
            break;
        case 1:
            std::ranges::fill(v, static_cast<N>(0));
            break;
        case 2:
            std::ranges::fill(v, is_signed ? static_cast<N>(-1) : static_cast<N>(1));
            break;
        case 3:
            std::ranges::fill(v, extreme);
            break;
        case 4:
            if (length > 0) {
                v[below(length)] = extreme;
            }
            break;
        default:
            break;
        }
        return v;
    }

private:
    std::mt19937_64 engine_;
};

}  // namespace xcim::test
