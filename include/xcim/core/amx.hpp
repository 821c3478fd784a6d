#pragma once

/// \file
/// The matrix unit of x86-64 (AMX): eight tiles of 16 rows of 64 bytes, and products of tiles of bytes with sums of 32
/// bits. Linux lends it to a process that asks; where it does not, `amx::is_allowed()` is false and the caller takes
/// another path. Written as instructions, not as the compiler's intrinsics: g++ 12 does not tell the optimiser that
/// those read memory.
/// Tests: tests/unit/core/integer_gemm.cpp.

#include <xcim/config.hpp>

#if !defined(XCIM_NO_WIDE) && defined(__AMX_TILE__) && defined(__AMX_INT8__) && defined(__AVX512VNNI__) &&             \
    defined(__linux__)
#define XCIM_HAS_AMX 1

#include <array>
#include <cstddef>
#include <cstdint>

#include <sys/syscall.h>
#include <unistd.h>

namespace xcim::inline XCIM_ABI::amx {

/// Asks the kernel once per process; the permission holds for all its threads.
inline bool is_allowed() {
    constexpr long request_permission = 0x1023;
    constexpr long tile_data = 18;
    static bool const allowed = ::syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
    return allowed;
}

/// Shapes of the tiles: rows and bytes per row of each. A tile that is not used keeps zeros.
struct alignas(64) configuration {
    std::uint8_t palette = 1;
    std::uint8_t start_row = 0;
    std::array<std::uint8_t, 14> reserved{};
    std::array<std::uint16_t, 16> row_bytes{};
    std::array<std::uint8_t, 16> rows{};

    void set(std::size_t tile, std::size_t tile_rows, std::size_t bytes) {
        rows[tile] = static_cast<std::uint8_t>(tile_rows);
        row_bytes[tile] = static_cast<std::uint16_t>(bytes);
    }
    bool operator==(configuration const&) const = default;
};

/// The tiles belong to the caller from `configure` to the end of the session; all are zero after `configure`.
class session {
public:
    session() = default;
    session(session const&) = delete;
    session& operator=(session const&) = delete;
    ~session() {
        if (is_configured_) {
            asm volatile("tilerelease");
        }
    }

    void configure(configuration const& c) {
        if (!is_configured_ || !(c == current_)) {
            current_ = c;
            is_configured_ = true;
            asm volatile("ldtilecfg\t%0" ::"m"(current_));
        }
    }

private:
    configuration current_;
    bool is_configured_ = false;
};

template <int Tile>
XCIM_INLINE void zero() {
    asm volatile("tilezero\t%%tmm%c0" ::"i"(Tile));
}

template <int Tile>
XCIM_INLINE void load(void const* from, std::size_t row_stride) {
    asm volatile("{tileloadd\t(%0,%1,1), %%tmm%c2|tileloadd\t%%tmm%c2, [%0+%1*1]}" ::"r"(from), "r"(row_stride),
                 "i"(Tile)
                 : "memory");
}

template <int Tile>
XCIM_INLINE void store(void* to, std::size_t row_stride) {
    asm volatile("{tilestored\t%%tmm%c2, (%0,%1,1)|tilestored\t[%0+%1*1], %%tmm%c2}" ::"r"(to), "r"(row_stride),
                 "i"(Tile)
                 : "memory");
}

/// Signs of the bytes of a product, a then b.
enum class signs { unsigned_signed, signed_signed, unsigned_unsigned };

/// sums[m][n] += sum over k and i < 4 of a[m][4 k + i] * b[k][4 n + i].
template <int Sums, int A, int B, signs Signs>
XCIM_INLINE void add_product() {
    if constexpr (Signs == signs::unsigned_signed) {
        asm volatile("{tdpbusd\t%%tmm%c2, %%tmm%c1, %%tmm%c0|tdpbusd\t%%tmm%c0, %%tmm%c1, %%tmm%c2}" ::"i"(Sums),
                     "i"(A), "i"(B));
    } else if constexpr (Signs == signs::signed_signed) {
        asm volatile("{tdpbssd\t%%tmm%c2, %%tmm%c1, %%tmm%c0|tdpbssd\t%%tmm%c0, %%tmm%c1, %%tmm%c2}" ::"i"(Sums),
                     "i"(A), "i"(B));
    } else {
        asm volatile("{tdpbuud\t%%tmm%c2, %%tmm%c1, %%tmm%c0|tdpbuud\t%%tmm%c0, %%tmm%c1, %%tmm%c2}" ::"i"(Sums),
                     "i"(A), "i"(B));
    }
}

}  // namespace xcim::inline XCIM_ABI::amx

#endif
