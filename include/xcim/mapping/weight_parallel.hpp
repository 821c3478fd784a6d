#pragma once

#include <xcim/concepts/mapper.hpp>
#include <xcim/mapping/channel_block.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::mapping {

/// All bits of a weight are summed in the analog domain: one signed column and one conversion per output and tile in
/// place of one per weight bit. Models Mapper.
///
///     code = level, one digit;     column sum = sum over rows of drive * level, from -F to F
///     F = rows * (drive levels - 1) * (2^(bits-1) - 1)
///
/// Tiles are those of channel_block. Every tile is converted by itself: tiles that share one conversion of a single
/// tile's full scale, as in ASiM's extension, clip.
/// Parameters: `array` rows x columns of one array, rows 1 to 65536, default 256 x 64. Weights of 2 to 8 bits, signed;
/// the cell needs 2^bits levels (cell::ideal). Not modelled: mismatch of the weighting between bits. Reference: the
/// w4a4 weight bit-parallel extension of ASiM (Keio-CSG/ASiM, 2024). Tests: tests/unit/mapping/weight_parallel.cpp,
/// tests/conformance/mapper.cpp, tests/golden/asim.cpp.
struct weight_parallel {
    geometry array{};

    /// The code itself.
    class whole_code {
    public:
        constexpr explicit whole_code(format f) : format_{f} {}
        [[nodiscard]] constexpr int count() const { return 1; }
        [[nodiscard]] constexpr int levels(int /*i*/) const { return 1 << format_.bits; }
        [[nodiscard]] constexpr int level(int code, int /*i*/) const { return code; }
        [[nodiscard]] constexpr int weight(int /*i*/) const { return 1; }
        [[nodiscard]] constexpr int bias() const { return 0; }
        [[nodiscard]] constexpr bool is_signed(int /*i*/) const { return format_.is_signed; }

    private:
        format format_;
    };

    [[nodiscard]] whole_code digits(format f) const { return whole_code{f}; }

    [[nodiscard]] int tile_rows(weight_shape shape) const { return channel_block{array}.tile_rows(shape); }

    friend std::string to_string(weight_parallel const& m) {
        return "weight_parallel " + std::to_string(m.array.rows) + "x" + std::to_string(m.array.columns);
    }
};

}  // namespace xcim::inline XCIM_ABI::mapping
