#pragma once

/// \file
/// A data set that needs no download: handwriting-like digits, drawn by integer arithmetic alone.
///
/// Every image is a function of (seed, index): strokes of the digit, bent, turned, sheared, shifted, drawn with a pen
/// of random width, with stray marks and grain. No floating point and no library distribution takes part, so every
/// compiler draws the same pixels.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace explore::digits {

inline constexpr int side = 28;                    ///< pixels along each edge
inline constexpr int pixels = side * side;         ///< pixels of one image
inline constexpr std::uint64_t training_seed = 1;  ///< the split that the committed weights were trained on
inline constexpr std::uint64_t test_seed = 2;      ///< the split that the program shows

/// One grey image, row by row, 0 = paper, 255 = ink.
using image = std::array<std::uint8_t, pixels>;  // (side, side)

/// The digit on image `index` of every split: classes take turns, so that any ten images in a row hold all ten.
constexpr int label(std::uint64_t index) { return static_cast<int>(index % 10); }

namespace detail {

/// Counter-based random integers: draw n of image (seed, index) never depends on any other draw.
class dice {
public:
    constexpr dice(std::uint64_t seed, std::uint64_t index) : key_{mix(mix(seed) ^ index)} {}

    /// Uniform integer in [low, high]; the modulo bias of a 32-bit draw over such small ranges is far below a pixel.
    constexpr int between(int low, int high) {
        auto const span = static_cast<std::uint64_t>(high - low + 1);
        return low + static_cast<int>((next() >> 32) % span);
    }

    /// Bell-shaped integer in [-reach, reach]: the sum of three uniform draws.
    constexpr int around(int reach) {
        return (between(-reach, reach) + between(-reach, reach) + between(-reach, reach)) / 3;
    }

private:
    // Two rounds of multiply and shift (the finaliser of MurmurHash3): every input bit reaches every output bit.
    static constexpr std::uint64_t mix(std::uint64_t value) {
        value += 0x9e3779b97f4a7c15U;
        value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdU;
        value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53U;
        return value ^ (value >> 33);
    }

    constexpr std::uint64_t next() { return mix(key_ + 0x632be59bd9b4e019U * ++draws_); }

    std::uint64_t key_;
    std::uint64_t draws_ = 0;
};

/// A point on the glyph grid (0..100, y downwards) or on the image (1/256 of a pixel).
struct point {
    int x;
    int y;
};

/// One stroke: a start point, then (control, end) pairs of quadratic curves. A straight line has its control on it.
using stroke = std::vector<point>;
using glyph = std::vector<stroke>;

inline stroke line(std::vector<point> const& corners) {
    stroke result{corners.front()};
    for (std::size_t i = 1; i < corners.size(); ++i) {
        auto const a = corners[i - 1];
        auto const b = corners[i];
        result.push_back({(a.x + b.x) / 2, (a.y + b.y) / 2});
        result.push_back(b);
    }
    return result;
}

/// The ways to write each digit.
inline std::array<std::vector<glyph>, 10> const& alphabet() {
    static std::array<std::vector<glyph>, 10> const glyphs{{
        {{{{50, 8}, {82, 8}, {82, 50}, {82, 92}, {50, 92}, {18, 92}, {18, 50}, {18, 8}, {50, 8}}}},
        {{line({{30, 28}, {52, 8}, {52, 92}})},
         {line({{50, 8}, {50, 92}})},
         {line({{32, 26}, {52, 8}, {52, 92}}), line({{32, 92}, {72, 92}})}},
        {{{{22, 28}, {26, 8}, {50, 8}, {80, 8}, {78, 32}, {76, 50}, {50, 66}, {30, 78}, {20, 92}},
          line({{20, 92}, {82, 92}})}},
        {{{{24, 14}, {48, 2}, {68, 12}, {84, 26}, {70, 40}, {62, 48}, {44, 48}},
          {{44, 48}, {80, 48}, {80, 70}, {80, 94}, {48, 92}, {30, 92}, {20, 80}}}},
        {{line({{62, 92}, {62, 8}, {18, 66}, {84, 66}})},
         {line({{26, 8}, {22, 54}, {78, 54}}), line({{66, 8}, {64, 92}})}},
        {{line({{76, 8}, {30, 8}, {26, 46}}),
          {{26, 46}, {44, 36}, {60, 42}, {82, 50}, {78, 70}, {72, 94}, {46, 92}, {30, 92}, {20, 80}}}},
        {{{{70, 10},
           {40, 10},
           {28, 40},
           {16, 74},
           {34, 88},
           {56, 98},
           {72, 80},
           {84, 60},
           {64, 50},
           {40, 42},
           {26, 64}}}},
        {{line({{20, 8}, {80, 8}}), {{80, 8}, {56, 50}, {42, 92}}},
         {line({{20, 8}, {80, 8}}), {{80, 8}, {56, 50}, {42, 92}}, line({{34, 50}, {74, 50}})}},
        {{{{50, 48}, {20, 40}, {24, 24}, {30, 6}, {50, 8}, {72, 8}, {76, 24}, {76, 40}, {50, 48}},
          {{50, 48}, {16, 58}, {20, 76}, {26, 94}, {50, 92}, {76, 94}, {80, 76}, {82, 58}, {50, 48}}}},
        {{{{74, 34}, {70, 56}, {48, 54}, {22, 52}, {24, 30}, {28, 8}, {52, 8}, {78, 8}, {76, 40}, {76, 70}, {62, 92}}}},
    }};
    return glyphs;
}

inline constexpr int unit = 256;  ///< steps in one pixel

/// From the glyph grid to the image: a random matrix and shift.
class affine {
public:
    explicit affine(dice& roll) {
        auto const size = roll.between(62, 104);  // percent of 20 pixels for the height of a digit
        auto const turn = roll.around(48);        // percent, small angle: a rotation and an opposite pair are the same
        auto const shear = roll.around(55);
        auto const squeeze = roll.between(60, 105);
        xx_ = size * squeeze;
        xy_ = size * (shear - turn);
        yx_ = size * turn;
        yy_ = size * 100;
        shift_ = {side * unit / 2 + roll.around(5 * unit), side * unit / 2 + roll.around(5 * unit)};
    }

    point operator()(point p) const {
        constexpr std::int64_t denominator = 100 * 100 * 100;  // two percentages and a grid of 100
        auto const x = std::int64_t{p.x - 50} * 20 * unit;
        auto const y = std::int64_t{p.y - 50} * 20 * unit;
        return {shift_.x + static_cast<int>((x * xx_ + y * xy_) / denominator),
                shift_.y + static_cast<int>((x * yx_ + y * yy_) / denominator)};
    }

private:
    int xx_, xy_, yx_, yy_;
    point shift_;
};

inline std::int64_t squared_distance(point p, point a, point b) {
    std::int64_t const dx = p.x - a.x, dy = p.y - a.y;
    std::int64_t const ex = b.x - a.x, ey = b.y - a.y;
    auto const along = dx * ex + dy * ey;
    auto const length2 = ex * ex + ey * ey;
    if (along <= 0) {
        return dx * dx + dy * dy;
    }
    if (along >= length2) {
        return (dx - ex) * (dx - ex) + (dy - ey) * (dy - ey);
    }
    auto const cross = dx * ey - dy * ex;
    return cross * cross / length2;
}

/// The integer part of the square root.
inline int root(std::int64_t value) {
    std::int64_t result = 0;
    for (std::int64_t bit = std::int64_t{1} << 20; bit > 0; bit >>= 1) {
        if ((result + bit) * (result + bit) <= value) {
            result += bit;
        }
    }
    return static_cast<int>(result);
}

/// Squared distance of every pixel centre to the nearest ink.
class distance_map {
public:
    distance_map() { nearest_.fill(std::int64_t{1} << 40); }

    void add_line(point a, point b) {
        constexpr int reach = 3;  // pixels; no pen is wider
        auto const [left, right] = std::minmax(a.x, b.x);
        auto const [top, bottom] = std::minmax(a.y, b.y);
        for (int y = clip(top / unit - reach); y <= clip(bottom / unit + reach); ++y) {
            for (int x = clip(left / unit - reach); x <= clip(right / unit + reach); ++x) {
                auto const centre = point{x * unit + unit / 2, y * unit + unit / 2};
                auto& nearest = nearest_[static_cast<std::size_t>(y * side + x)];
                nearest = std::min(nearest, squared_distance(centre, a, b));
            }
        }
    }

    /// `curve` in image coordinates; each quadratic piece becomes eight lines.
    void add(stroke const& curve) {
        constexpr int steps = 8;
        for (std::size_t i = 0; i + 2 < curve.size(); i += 2) {
            auto previous = curve[i];
            for (int t = 1; t <= steps; ++t) {
                auto const blend = [&](int a, int b, int c) {
                    return ((steps - t) * (steps - t) * a + 2 * t * (steps - t) * b + t * t * c) / (steps * steps);
                };
                auto const next = point{blend(curve[i].x, curve[i + 1].x, curve[i + 2].x),
                                        blend(curve[i].y, curve[i + 1].y, curve[i + 2].y)};
                add_line(previous, next);
                previous = next;
            }
        }
    }

    /// 0..256: how much of a pixel a pen of this radius (1/256 pixel) covers, with an edge one pixel soft.
    [[nodiscard]] int coverage(std::size_t pixel, int radius) const {
        return std::clamp(radius + unit / 2 - root(nearest_[pixel]), 0, unit);
    }

private:
    static int clip(int pixel) { return std::clamp(pixel, 0, side - 1); }

    std::array<std::int64_t, pixels> nearest_{};
};

inline void draw_digit(distance_map& ink, int digit, dice& roll) {
    auto const& ways = alphabet()[static_cast<std::size_t>(digit)];
    auto const& way = ways[static_cast<std::size_t>(roll.between(0, static_cast<int>(ways.size()) - 1))];
    auto const place = affine{roll};
    for (auto bent : way) {
        for (auto& p : bent) {
            p = place({p.x + roll.around(14), p.y + roll.around(14)});
        }
        ink.add(bent);
    }
}

/// A short line somewhere on the paper.
inline void draw_stray_mark(distance_map& ink, dice& roll) {
    auto const start = point{roll.between(0, side * unit), roll.between(0, side * unit)};
    ink.add_line(start, {start.x + roll.between(-8 * unit, 8 * unit), start.y + roll.between(-8 * unit, 8 * unit)});
}

}  // namespace detail

/// Image `index` of the split `seed`; it shows the digit label(index).
inline image draw(std::uint64_t seed, std::uint64_t index) {
    auto roll = detail::dice{seed, index};
    detail::distance_map digit, mark;
    detail::draw_digit(digit, label(index), roll);
    detail::draw_stray_mark(mark, roll);
    detail::draw_stray_mark(mark, roll);

    auto const digit_pen = roll.between(110, 360);  // radius, 1/256 pixel
    auto const mark_pen = roll.between(40, 200);
    auto const ink = roll.between(70, 225);  // grey level of a full stroke
    auto const mark_ink = roll.between(0, ink);
    auto const grain = roll.between(10, 90);
    image result{};  // (side, side)
    for (std::size_t i = 0; i < result.size(); ++i) {
        auto const stroke = std::max(ink * digit.coverage(i, digit_pen), mark_ink * mark.coverage(i, mark_pen));
        result[i] = static_cast<std::uint8_t>(std::clamp(stroke / detail::unit + 16 + roll.around(grain), 0, 255));
    }
    return result;
}

/// Images first .. first + count - 1 of a split, one after the other.
inline std::vector<std::uint8_t> draw_many(std::uint64_t seed, std::uint64_t first, std::size_t count) {
    std::vector<std::uint8_t> result;  // (count, side, side)
    result.reserve(count * static_cast<std::size_t>(pixels));
    for (std::size_t i = 0; i < count; ++i) {
        auto const one = draw(seed, first + i);
        result.insert(result.end(), one.begin(), one.end());
    }
    return result;
}

/// FNV-1a hash of pixels, for tests of determinism.
inline std::uint64_t checksum(std::span<std::uint8_t const> bytes) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (auto const byte : bytes) {
        hash = (hash ^ byte) * 0x100000001b3U;
    }
    return hash;
}

}  // namespace explore::digits
