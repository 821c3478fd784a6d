#pragma once

#include <xcim/concepts/mapper.hpp>
#include <xcim/core/parameter.hpp>
#include <xcim/core/signed_digits.hpp>

#include <algorithm>
#include <string>

namespace xcim::inline XCIM_ABI::mapping {

/// Where the second device of a weight is taken away from the first.
enum class subtraction {
    analog,   ///< on the column line: one signed column and one conversion a slice
    digital,  ///< after the converters: a column and a conversion for each of the two
};

/// Digits of a code that is the difference of two: even ones are added, odd ones taken away. Unsigned formats have
/// digits to add only.
///
///     code = sum_i 2^shift(i) (plus_i - minus_i),     one of the two is 0 in every pair
///
/// The code -2^(bits - 1) has no digits: its magnitude needs a bit that no other code needs.
class difference_digits {
public:
    constexpr difference_digits(format f, int width) : format_{f}, magnitudes_{f, width, width} {}

    [[nodiscard]] constexpr int count() const { return columns() * magnitudes_.count(); }
    [[nodiscard]] constexpr int levels(int i) const { return 1 << magnitudes_.magnitude_bits(i / columns()); }

    [[nodiscard]] constexpr int level(int code, int i) const {
        int const own = is_minus(i) ? -code : code;
        return own > 0 ? magnitudes_.level(own, i / columns()) : 0;
    }

    [[nodiscard]] constexpr int weight(int i) const {
        int const magnitude = magnitudes_.weight(i / columns());
        return is_minus(i) ? -magnitude : magnitude;
    }
    [[nodiscard]] constexpr int bias() const { return 0; }
    [[nodiscard]] constexpr int lowest() const { return format_.is_signed ? -format_.highest() : 0; }

private:
    [[nodiscard]] constexpr int columns() const { return format_.is_signed ? 2 : 1; }
    [[nodiscard]] constexpr bool is_minus(int i) const { return i % columns() == 1; }

    format format_;
    sign_magnitude_digits magnitudes_;
};

/// Digits of either kind, chosen at run time.
class differential_digits {
public:
    constexpr differential_digits(format f, int width, subtraction where)
        : is_analog_{where == subtraction::analog}, signed_{f, width, width}, apart_{f, width}, lowest_{f.lowest()} {}

    [[nodiscard]] constexpr int count() const { return is_analog_ ? signed_.count() : apart_.count(); }
    [[nodiscard]] constexpr int levels(int i) const { return is_analog_ ? signed_.levels(i) : apart_.levels(i); }
    [[nodiscard]] constexpr int level(int code, int i) const {
        return is_analog_ ? signed_.level(code, i) : apart_.level(code, i);
    }
    [[nodiscard]] constexpr int weight(int i) const { return is_analog_ ? signed_.weight(i) : apart_.weight(i); }
    [[nodiscard]] constexpr int bias() const { return 0; }
    [[nodiscard]] constexpr bool is_signed(int i) const { return is_analog_ && signed_.is_signed(i); }
    [[nodiscard]] constexpr int lowest() const { return is_analog_ ? lowest_ : apart_.lowest(); }

private:
    bool is_analog_;
    sign_magnitude_digits signed_;
    difference_digits apart_;
    int lowest_;
};

/// Weights as the difference of two devices, one of which is at level 0. Models Mapper.
///
///     analog    code = sum_i 2^(b i) l_i,                    -2^b < l_i < 2^b, the sign that of the code
///     digital   code = sum_i 2^(b i) (plus_i - minus_i),     0 <= plus_i, minus_i < 2^b
///
/// i: slices of b = `cell_bits` magnitude bits counted from the LSB, ceil((B - 1) / b) of them; what remains is a
/// narrower one on top. `analog` needs a cell that adds and takes away (cell::pair, cell::ideal), one conversion a
/// slice from -F to F, F = rows * top drive * (2^b - 1). `digital` stores the two in columns of their own and works
/// with any cell, two conversions a slice, plus before minus. Unsigned formats have no minus. Rows come in contiguous
/// blocks of array.rows. Parameters: `array` rows x columns of one array (a pair of `analog` is one column), rows 1 to
/// 65536, default 256 x 64; `cell_bits` 1 to 15, default 1: the levels of one device are 2^cell_bits; `subtraction`,
/// default analog. Limits: all digits take at most max_bits = 16 bits, of a signed B-bit format B - 1 and one more for
/// every slice, or 2 (B - 1) for `digital`; CimMacro refuses others. Both refuse the weight -2^(B - 1): no device has
/// that level. Not modelled: pairs of different significance, several devices for one digit. Reference: pairs of g+ and
/// g- as in IBM's tile model (seed: arXiv 2506.00004, 2025) and the balanced cores of Sandia's CrossSim 3. Tests:
/// tests/unit/mapping/differential.cpp, tests/conformance/mapper.cpp, tests/property/signed_drive.cpp.
struct differential {
    geometry array{};
    int cell_bits = 1;
    mapping::subtraction subtraction = mapping::subtraction::analog;

    [[nodiscard]] differential_digits digits(format f) const { return {f, cell_bits, subtraction}; }

    [[nodiscard]] int tile_rows(weight_shape shape) const {
        return static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(array.rows), shape.rows()));
    }

    [[nodiscard]] std::string wrong() const { return outside("mapping::differential.cell_bits", cell_bits, 1, 15); }

    friend std::string to_string(differential const& m) {
        return "differential " + std::to_string(m.array.rows) + "x" + std::to_string(m.array.columns) + ", " +
               std::to_string(m.cell_bits) + " bit/cell, subtraction " +
               (m.subtraction == mapping::subtraction::analog ? "analog" : "digital");
    }
};

}  // namespace xcim::inline XCIM_ABI::mapping
