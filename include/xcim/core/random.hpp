#pragma once

/// \file
/// Counter-based random bits: a pure function of (key, counter), so that a number belongs to a site of the macro and
/// not to the order in which sites are visited.
///
/// Threefry-2x32 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. 13 rounds is
/// the smallest number they found to pass BigCrush; keys are derived with their default of 20.
///
/// Where many numbers belong to neighbouring sites, Threefry opens sixteen short streams and xoroshiro64 of Blackman
/// and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021, continues them at a fifth of the
/// cost. Tests: tests/unit/core/random.cpp (known answers), tests/statistical/random.cpp.

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
    friend XCIM_INLINE word_group operator^(word_group a, word_group const& b) { return a ^= b; }
    friend XCIM_INLINE word_group operator<<(word_group a, int count) {
        for (auto& w : a.words) {
            w = w << count;
        }
        return a;
    }
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

/// One stream of 32-bit words: the linear engine xoroshiro64 (a, b, c = 26, 9, 13; period 2^64 - 1) with the ++
/// scrambler, which leaves no bit linear. It starts at random words, so its first output is uniform whatever follows;
/// streams are meant to be short, and a state of zeros, which would stay zeros, has probability 2^-64.
template <class Word>
struct xoroshiro {
    Word first{};
    Word second{};

    XCIM_INLINE Word next() {
        Word const out = Word(detail::rotate_left<17>(Word(first + second)) + first);
        Word const mixed = first ^ second;
        first = Word(detail::rotate_left<26>(first) ^ mixed ^ Word(mixed << 9));
        second = detail::rotate_left<13>(mixed);
        return out;
    }
};

/// Streams that run side by side, whatever the width of a batch.
inline constexpr std::size_t stream_count = 16;
using stream_words = word_group<batch<std::uint32_t>, stream_count / lanes>;

/// Stream `i` of a counter, i below stream_count: the scalar definition. The low four bits of `second` must be zero.
[[nodiscard]] inline xoroshiro<std::uint32_t> open_stream(word_pair<> key, word_pair<> counter, std::size_t i) {
    auto const start = threefry<13>(key, word_pair<>{counter.first, counter.second + static_cast<std::uint32_t>(i)});
    return {start.first, start.second};
}

/// All streams of a counter.
[[nodiscard]] XCIM_INLINE xoroshiro<stream_words> open_streams(word_pair<> key, word_pair<> counter) {
    alignas(64) static constexpr std::array<std::uint32_t, stream_count> numbers{0, 1, 2,  3,  4,  5,  6,  7,
                                                                                 8, 9, 10, 11, 12, 13, 14, 15};
    word_pair<stream_words> each{stream_words(counter.first), stream_words(counter.second)};
    for (std::size_t i = 0; i < stream_count; i += lanes) {
        each.second.words[i / lanes] += batch<std::uint32_t>::load_aligned(numbers.data() + i);
    }
    auto const start = threefry<13>(key, each);
    return {start.first, start.second};
}

/// Which source of randomness a key belongs to.
enum class stage : std::uint32_t {
    column = 0,        ///< drawn afresh for every conversion; seed: run_options.seed
    cell = 1,          ///< of one cell of a chip; seed: program_options.chip
    fixed_column = 2,  ///< of one column of a chip, the same for every conversion; seed: program_options.chip
    row_driver = 3,    ///< of one row's driver of a chip; seed: program_options.chip
    converter = 4,     ///< of one converter of a chip; seed: program_options.chip
    reading = 5,       ///< of one cell at one reading of a chip; seed: program_options.chip, .reading
    cell_read = 6,     ///< noise of the cells of one column, drawn afresh for every cycle; seed: run_options.seed
};

/// Key of one stage of one layer of a run or of a chip.
[[nodiscard]] inline word_pair<> stage_key(std::uint64_t seed, std::uint32_t layer, stage s) {
    word_pair<> const root{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
    return derive(root, (std::uint64_t{static_cast<std::uint32_t>(s)} << 32) | layer);
}

}  // namespace xcim::inline XCIM_ABI
