#pragma once

#include <xcim/concepts/encoder.hpp>
#include <xcim/core/error.hpp>
#include <xcim/core/word_line_schedule.hpp>

#include <cstdint>
#include <string>

namespace xcim::inline XCIM_ABI::encoding {

/// How signed codes become planes of ones. Unsigned codes are plain binary with both.
enum class negatives {
    twos_complement,  ///< `bits` planes, the top one weighs -2^(bits - 1)
    apart,            ///< magnitudes: the ones of positive codes, then those of negative codes, subtracted
};

/// The planes of one format, one bit each; digit i is bit i of word(code).
///
///     twos_complement   word = code mod 2^bits
///     apart             word = code,  code >= 0;   -code * 2^(bits - 1),  code < 0
///
/// `apart` has bits - 1 planes for positive codes and, because of -2^(bits - 1), `bits` for negative ones.
class sift_digits {
public:
    constexpr sift_digits(format f, negatives code)
        : is_apart_{f.is_signed && code == negatives::apart}, is_signed_{f.is_signed}, bits_{f.bits} {}

    [[nodiscard]] constexpr int count() const { return is_apart_ ? 2 * bits_ - 1 : bits_; }
    [[nodiscard]] constexpr int levels(int) const { return 2; }
    [[nodiscard]] constexpr int bias() const { return 0; }

    [[nodiscard]] constexpr std::uint32_t word(std::int32_t code) const {
        if (is_apart_) {
            return code < 0 ? static_cast<std::uint32_t>(-code) << (bits_ - 1) : static_cast<std::uint32_t>(code);
        }
        return static_cast<std::uint32_t>(code) & ((std::uint32_t{1} << bits_) - 1);
    }

    [[nodiscard]] constexpr int level(int code, int i) const { return static_cast<int>((word(code) >> i) & 1U); }

    [[nodiscard]] constexpr int weight(int i) const {
        if (is_apart_) {
            return i < bits_ - 1 ? 1 << i : -(1 << (i - bits_ + 1));
        }
        return is_signed_ && i == bits_ - 1 ? -(1 << i) : 1 << i;
    }

private:
    bool is_apart_;
    bool is_signed_;
    int bits_;
};

/// One input bit a phase, and only the rows that carry a one are driven: at most `controllers.limit` of them in an
/// array cycle. Models Encoder.
///
///     x = sum over planes i of weight(i) * plane_i(x)
///
/// The schedule (core/word_line_schedule.hpp) decides how many cycles a plane takes, never the sum of its cycles; a
/// plane of zeros takes none. A column returns 0 to `limit` in a cycle: limit + 1 levels, one more than a converter of
/// log2(limit) bits holds.
/// Parameters: `controllers`; `code`, default two's complement as published; `apart` sends no sign bits, which makes
/// planes of symmetric inputs sparser than half, at up to twice the planes. Planes are bounded by max_bits = 16, so
/// `apart` takes signed formats of at most 8 bits.
/// Errors: digits() throws xcim::error for a format with more planes.
/// Not modelled: the time the controllers take; -2^(bits - 1) costs `apart` a plane that hardware saves by clamping,
/// but no cycle where the code does not occur.
/// Reference: FLARE (arXiv 2411.14733, 2024), section 4.4 (BitSift-GEMV). Benchmark:
/// benchmarks/kernels/word_line_schedule.cpp. Tests: tests/unit/encoding/bit_sift.cpp, tests/conformance/encoder.cpp,
/// tests/property/bit_sift.cpp.
struct bit_sift {
    sift_controllers controllers{};
    negatives code = negatives::twos_complement;

    [[nodiscard]] sift_digits digits(format f) const {
        sift_digits const d{f, code};
        if (d.count() > max_bits) {
            throw error(errc::bits, "encoding::bit_sift: the planes of " + std::to_string(f.bits) +
                                        "-bit signed codes with negatives apart are " + std::to_string(d.count()) +
                                        "; " + std::to_string(max_bits) + " are possible, 8-bit codes have 15");
        }
        return d;
    }

    /// Rows that are driven at once.
    [[nodiscard]] int active_rows() const { return controllers.limit; }

    /// Cuts a plane into cycles.
    void schedule(bit_plane_view const& plane, word_line_schedule& cycles) const { cycles.plan(plane, controllers); }

    [[nodiscard]] std::string wrong() const {
        auto const sentence = controllers.wrong();
        return sentence.empty() ? sentence : "encoding::bit_sift: " + sentence;
    }

    friend std::string to_string(bit_sift const& e) {
        return "bit_sift " + std::to_string(e.controllers.limit) + " ones, " + to_string(e.controllers.rule) +
               (e.controllers.rule == sift_rule::next_fit || e.controllers.rule == sift_rule::first_fit
                    ? ", slices of " + std::to_string(e.controllers.slice)
                    : "") +
               (e.code == negatives::apart ? ", negatives apart" : "");
    }
};

}  // namespace xcim::inline XCIM_ABI::encoding
