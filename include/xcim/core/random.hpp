#pragma once

/// \file
/// Counter-based random bits: a pure function of (key, counter), so that a number belongs to a site of the macro and
/// not to the order in which sites are visited.
///
/// Threefry-2x32 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. 13 rounds is
/// the smallest number they found to pass BigCrush; keys are derived with their default of 20.
/// Tests: tests/unit/core/random.cpp (known answers).

#include <xcim/core/simd.hpp>

#include <array>
#include <cstdint>

#if defined(__AVX512F__) && !defined(XCIM_NO_WIDE)
#include <immintrin.h>
#endif

namespace xcim::inline XCIM_ABI {

/// 64 bits as two words: a key, a counter or a result.
template <class Word = std::uint32_t>
struct word_pair {
    Word first{};
    Word second{};
};

/// Several words that go through the same operations: independent chains keep the processor busy.
template <class Word, std::size_t Count>
struct word_group {
    Word words[Count];

    word_group() = default;
    XCIM_INLINE explicit word_group(std::uint32_t v) {
        for (auto& w : words) {
            w = Word(v);
        }
    }
    XCIM_INLINE word_group& operator+=(word_group const& other) {
        for (std::size_t i = 0; i < Count; ++i) {
            words[i] += other.words[i];
        }
        return *this;
    }
    XCIM_INLINE word_group& operator^=(word_group const& other) {
        for (std::size_t i = 0; i < Count; ++i) {
            words[i] ^= other.words[i];
        }
        return *this;
    }
    friend XCIM_INLINE word_group operator+(word_group a, word_group const& b) { return a += b; }
};

namespace detail {

template <int Count, class Word>
XCIM_INLINE Word rotate_left(Word const& v) {
#if defined(__AVX512F__) && !defined(XCIM_NO_WIDE)
    if constexpr (std::same_as<Word, batch<std::uint32_t>>) {
        return Word(_mm512_rol_epi32(v.data, Count));
    } else
#endif
    {
        return (v << Count) | (v >> (32 - Count));
    }
}

template <int Count, class Word, std::size_t Size>
XCIM_INLINE word_group<Word, Size> rotate_left(word_group<Word, Size> v) {
    for (auto& w : v.words) {
        w = rotate_left<Count>(w);
    }
    return v;
}

template <int Round, int Rounds, class Word>
XCIM_INLINE void threefry_rounds(Word& a, Word& b, std::array<std::uint32_t, 3> const& key) {
    if constexpr (Round < Rounds) {
        constexpr std::array<int, 8> rotation{13, 15, 26, 6, 17, 29, 16, 24};
        a += b;
        b = rotate_left<rotation[Round % 8]>(b);
        b ^= a;
        if constexpr (Round % 4 == 3) {
            constexpr std::uint32_t injection = Round / 4 + 1;
            a += Word(key[injection % 3]);
            b += Word(key[(injection + 1) % 3] + injection);
        }
        threefry_rounds<Round + 1, Rounds>(a, b, key);
    }
}

}  // namespace detail

/// Threefry-2x32: 64 random bits for every lane of the counter.
template <int Rounds, class Word>
XCIM_INLINE word_pair<Word> threefry(word_pair<> key, word_pair<Word> counter) {
    std::array<std::uint32_t, 3> const schedule{key.first, key.second, key.first ^ key.second ^ 0x1BD11BDAU};
    Word a = counter.first + Word(schedule[0]);
    Word b = counter.second + Word(schedule[1]);
    detail::threefry_rounds<0, Rounds>(a, b, schedule);
    return {a, b};
}

/// Key for one more index under `key`: streams of different indices are independent.
[[nodiscard]] inline word_pair<> derive(word_pair<> key, std::uint64_t index) {
    return threefry<20>(key, word_pair<>{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32)});
}

/// Which source of randomness a key belongs to.
enum class stage : std::uint32_t {
    column = 0,        ///< drawn afresh for every conversion; seed: run_options.seed
    cell = 1,          ///< of one cell of a chip; seed: program_options.chip
    fixed_column = 2,  ///< of one column of a chip, the same for every conversion; seed: program_options.chip
    row_driver = 3,    ///< of one row's driver of a chip; seed: program_options.chip
};

/// Key of one stage of one layer of a run or of a chip.
[[nodiscard]] inline word_pair<> stage_key(std::uint64_t seed, std::uint32_t layer, stage s) {
    word_pair<> const root{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
    return derive(root, (std::uint64_t{static_cast<std::uint32_t>(s)} << 32) | layer);
}

}  // namespace xcim::inline XCIM_ABI
