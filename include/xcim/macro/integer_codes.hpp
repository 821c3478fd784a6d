#pragma once

/// \file
/// Codes as the bytes that integer products multiply: weights of any format as one signed byte or two, inputs as one
/// byte or two.

#include <xcim/macro/programmed.hpp>

#include <cstdint>
#include <vector>

namespace xcim::inline XCIM_ABI::detail {

/// One byte of a code: code = sum over its bytes of (byte + offset) << shift.
struct code_byte {
    int shift = 0;
    std::int32_t offset = 0;
};

/// Signed bytes of weight codes.
[[nodiscard]] inline std::vector<code_byte> weight_bytes(format f) {
    if (f.lowest() >= -128 && f.highest() <= 127) {
        return {{0, 0}};
    }
    return {{0, 128}, {8, f.is_signed ? 0 : 128}};
}

/// Collects weight codes on their way into an array, and packs them.
class integer_packer {
public:
    integer_packer(programmed_array const& a, bool packs)
        : bytes_of_code_{packs ? weight_bytes(a.slices.code_format) : std::vector<code_byte>{}},
          bytes_(bytes_of_code_.size(), std::vector<std::int8_t>(a.outputs() * a.shape.rows())) {}

    void take(std::size_t i, std::int32_t code) {
        if (bytes_.size() == 1) {
            bytes_[0][i] = static_cast<std::int8_t>(code);
        } else if (bytes_.size() == 2) {
            bytes_[0][i] = static_cast<std::int8_t>((code & 0xFF) - bytes_of_code_[0].offset);
            bytes_[1][i] = static_cast<std::int8_t>((code >> 8) - bytes_of_code_[1].offset);
        }
    }

    void pack(programmed_array& a) const {
        std::size_t const size = a.shape.outputs * a.shape.rows();
        for (std::size_t g = 0; g < a.groups; ++g) {
            for (auto const& bytes : bytes_) {
                a.integers.emplace_back(bytes.data() + g * size, a.shape.outputs, a.shape.rows());
            }
        }
    }

private:
    std::vector<code_byte> bytes_of_code_;
    std::vector<std::vector<std::int8_t>> bytes_;  // (bytes of a code)(outputs, rows)
};

/// Input words to bytes of the codes, whose digits may have been packed in another order. A code is
/// low byte + 256 * high byte; only the top byte has a sign, if any.
class code_bytes {
public:
    explicit code_bytes(digit_plan const& inputs)
        : is_signed_{inputs.code_format.is_signed}, count_{inputs.code_format.bits > 8 ? 2U : 1U} {
        int const bits = inputs.code_format.bits;
        sign_ = static_cast<std::uint16_t>(is_signed_ ? 1U << (bits - 1) : 0U);
        is_plain_ = inputs.is_plain;
        if (!is_plain_) {
            table_.resize(std::size_t{1} << inputs.planes);
            for (std::int32_t code = inputs.code_format.lowest(); code <= inputs.code_format.highest(); ++code) {
                table_[inputs.word(code)] = static_cast<std::uint16_t>(code);
            }
        }
    }

    /// Bytes of a code.
    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] bool is_signed(std::size_t byte) const { return is_signed_ && byte + 1 == count_; }

    /// Byte `byte` of `count` codes.
    void operator()(std::uint16_t const* words, std::size_t count, std::size_t byte, std::uint8_t* to) const {
        auto const shift = static_cast<int>(8 * byte);
        if (is_plain_) {
            for (std::size_t k = 0; k < count; ++k) {  // the sign bit extended
                to[k] = static_cast<std::uint8_t>(static_cast<std::uint16_t>((words[k] ^ sign_) - sign_) >> shift);
            }
        } else {
            for (std::size_t k = 0; k < count; ++k) {
                to[k] = static_cast<std::uint8_t>(table_[words[k]] >> shift);
            }
        }
    }

    /// Sum of byte `byte` of the codes of one row.
    [[nodiscard]] std::int64_t sum(std::uint8_t const* bytes, std::size_t count, std::size_t byte) const {
        std::int64_t total = 0;
        for (std::size_t k = 0; k < count; ++k) {
            total += is_signed(byte) ? static_cast<std::int8_t>(bytes[k]) : bytes[k];
        }
        return total;
    }

private:
    bool is_signed_;
    std::size_t count_;
    std::uint16_t sign_ = 0;
    bool is_plain_ = true;
    std::vector<std::uint16_t> table_;
};

}  // namespace xcim::inline XCIM_ABI::detail
