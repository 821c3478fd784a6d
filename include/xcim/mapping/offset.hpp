#pragma once

#include <xcim/concepts/mapper.hpp>
#include <xcim/core/digits.hpp>
#include <xcim/core/parameter.hpp>

#include <algorithm>
#include <string>

namespace xcim::inline XCIM_ABI::mapping {

/// Binary digits of a code that was moved up to start at 0.
class offset_digits {
public:
    constexpr offset_digits(format f, int width) : lowest_{f.lowest()}, digits_{{f.bits, false}, width} {}

    [[nodiscard]] constexpr int count() const { return digits_.count(); }
    [[nodiscard]] constexpr int levels(int i) const { return digits_.levels(i); }
    [[nodiscard]] constexpr int level(int code, int i) const { return digits_.level(code - lowest_, i); }
    [[nodiscard]] constexpr int weight(int i) const { return digits_.weight(i); }
    [[nodiscard]] constexpr int bias() const { return lowest_; }

private:
    int lowest_;
    grouped_digits digits_;
};

/// Signed weights in cells that only add: the lowest code is level 0. Models Mapper.
///
///     code + 2^(B - 1) = sum_i 2^(b i) level_i,     0 <= level_i < 2^b
///     sum w x = sum (w + 2^(B - 1)) x - 2^(B - 1) sum x
///
/// b = `cell_bits`; ceil(B / b) slices counted from the LSB, the bits that remain form a narrower one on top. The last
/// term is taken away digitally; with weights around zero the columns carry it in full: half of their range is common
/// to all of them. Unsigned weights are stored as they are. Rows come in contiguous blocks of array.rows.
/// Parameters: `array` rows x columns of one array, rows 1 to 65536, default 256 x 64; `cell_bits` 1 to 16, default 1.
/// Not modelled: a reference column that measures sum x in the array, with its own errors.
/// Reference: the offset core of Sandia's CrossSim 3 with digital subtraction. Tests: tests/unit/mapping/offset.cpp,
/// tests/conformance/mapper.cpp, tests/property/signed_drive.cpp.
struct offset {
    geometry array{};
    int cell_bits = 1;

    [[nodiscard]] offset_digits digits(format f) const { return {f, cell_bits}; }

    [[nodiscard]] int tile_rows(weight_shape shape) const {
        return static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(array.rows), shape.rows()));
    }

    [[nodiscard]] std::string wrong() const { return outside("mapping::offset.cell_bits", cell_bits, 1, 16); }

    friend std::string to_string(offset const& m) {
        return "offset " + std::to_string(m.array.rows) + "x" + std::to_string(m.array.columns) + ", " +
               std::to_string(m.cell_bits) + " bit/cell";
    }
};

}  // namespace xcim::inline XCIM_ABI::mapping
