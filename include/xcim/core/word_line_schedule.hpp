#pragma once

/// \file
/// Which word lines of a bit plane are active together: groups of at most so many ones, one group an array cycle.
///
/// A column whose converter holds the counts 0 to `limit` may see `limit` ones at once. The grouping changes how many
/// cycles a plane costs, never the sum over its cycles. Cycles of a plane with p ones, p_s of them in slice s:
///
///     fixed      ceil(rows / limit)                               `limit` word lines after the other, ones or not
///     ideal      ceil(p / limit)                                  `limit` ones after the other
///     next_fit   sum_s floor(p_s / limit) + rests that are left   two levels of controllers, as below
///     first_fit  the same                                         a rest joins the earliest cycle with room
///
/// next_fit: every slice sends its ones off, `limit` at a time, while it has as many. Its rest, p_s mod limit ones, is
/// never split: it joins the rests of the slices before where the sum keeps to the limit, else opens a cycle.
///
///     ideal <= first_fit <= next_fit <= most_cycles;   a plane of zeros costs no cycle, but with `fixed`
///
/// Reference: FLARE (arXiv 2411.14733, 2024), section 4.4: local and global pop controllers. The paper gives neither
/// the length of a slice nor whether rests may be split; next_fit takes its controllers at their word: a local one is
/// gated as a whole. Benchmark: benchmarks/kernels/word_line_schedule.cpp. Tests:
/// tests/unit/core/word_line_schedule.cpp, tests/property/bit_sift.cpp.

#include <xcim/core/bit_planes.hpp>
#include <xcim/core/parameter.hpp>
#include <xcim/core/simd.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI {

enum class sift_rule { next_fit, first_fit, ideal, fixed };

[[nodiscard]] constexpr char const* to_string(sift_rule rule) {
    switch (rule) {
    case sift_rule::next_fit:
        return "next_fit";
    case sift_rule::first_fit:
        return "first_fit";
    case sift_rule::ideal:
        return "ideal";
    case sift_rule::fixed:
        return "fixed";
    }
    return "unknown";
}

/// The pop controllers between input register and word lines. `limit`: ones active at once, 1 to 64, default 8;
/// `slice`: word lines of one local controller, 1 to 4096, default 32, used by next_fit and first_fit.
struct sift_controllers {
    int limit = 8;
    int slice = 32;
    sift_rule rule = sift_rule::next_fit;

    /// A sentence where a number is outside its range, else empty.
    [[nodiscard]] std::string wrong() const {
        auto const sentence = outside("sift_controllers.limit", limit, 1, 64);
        return sentence.empty() ? outside("sift_controllers.slice", slice, 1, 4096) : sentence;
    }
    friend bool operator==(sift_controllers const&, sift_controllers const&) = default;
};

/// One bit plane as pack_planes leaves it: bit r % 32 of words[r / 32 * stride] is row r.
struct bit_plane_view {
    std::uint32_t const* words = nullptr;
    std::size_t stride = 1;  ///< planes that lie interleaved
    std::size_t rows = 0;
};

/// Rows of cells that are off, below an array: where a cycle has fewer ones than the limit, as many of them are active
/// too, so that exactly `limit` word lines load the columns. A cycle has at least one one.
[[nodiscard]] constexpr int dummy_rows(int limit) { return limit - 1; }
[[nodiscard]] constexpr int active_dummy_rows(int ones, int limit) { return limit - ones; }

/// No plane of `rows` rows takes more cycles.
[[nodiscard]] constexpr std::size_t most_cycles(std::size_t rows, sift_controllers const& c) {
    auto const limit = static_cast<std::size_t>(c.limit);
    auto const slice = static_cast<std::size_t>(c.slice);
    auto const cycles_for = [&](std::size_t ones) { return (ones + limit - 1) / limit; };
    if (c.rule == sift_rule::ideal || c.rule == sift_rule::fixed) {
        return cycles_for(rows);
    }
    if (slice <= limit) {  // as many slices as fit when they are full of ones always share a cycle
        std::size_t const slices = (rows + slice - 1) / slice;
        std::size_t const together = limit / slice;
        return (slices + together - 1) / together;
    }
    return rows / slice * cycles_for(slice) + cycles_for(rows % slice);
}

namespace detail {

/// Division of at most 4096 ones by a limit of at most 64: exact, because ones * limit < 2^19.
class divider {
public:
    explicit divider(std::uint32_t limit) : reciprocal_{((std::uint32_t{1} << 19) + limit - 1) / limit} {}

    /// Of one number, or of the lanes of a batch.
    template <class V>
    [[nodiscard]] V operator()(V const& ones) const {
        return (ones * V(reciprocal_)) >> 19;
    }

private:
    std::uint32_t reciprocal_;
};

inline std::uint32_t count_ones(std::uint32_t word) { return static_cast<std::uint32_t>(std::popcount(word)); }
inline std::uint32_t smaller(std::uint32_t a, std::uint32_t b) { return a < b ? a : b; }
inline std::uint32_t load_word(std::uint32_t const* from, std::uint32_t) { return *from; }

using word_batch = batch<std::uint32_t>;
inline word_batch smaller(word_batch const& a, word_batch const& b) { return xsimd::min(a, b); }
inline word_batch load_word(std::uint32_t const* from, word_batch const&) { return word_batch::load_unaligned(from); }
inline word_batch count_ones(word_batch word) {
#if defined(__AVX512VPOPCNTDQ__) && defined(__AVX512BW__) && !defined(XCIM_NO_WIDE)
    return word_batch(_mm512_popcnt_epi32(word));
#else
    word = word - ((word >> 1) & word_batch(0x55555555U));
    word = (word & word_batch(0x33333333U)) + ((word >> 2) & word_batch(0x33333333U));
    word = (word + (word >> 4)) & word_batch(0x0F0F0F0FU);
    word = word + (word >> 8);
    return (word + (word >> 16)) & word_batch(0x3FU);
#endif
}

/// Cuts a plane into slices of `length` rows, the last one maybe shorter: calls take(bits, row) for every word of a
/// slice, or part of a word, whose lowest bit is `row`; then end(). V: one word, or a batch of words side by side.
template <class V = std::uint32_t, class Take, class End>
XCIM_INLINE void for_each_slice(bit_plane_view plane, std::size_t length, Take const& take, End const& end) {
    for (std::size_t first = 0; first < plane.rows; first += length) {
        std::size_t const last = std::min(first + length, plane.rows);
        for (std::size_t row = first; row < last;) {
            std::size_t const count = std::min(last - row, 32 - row % 32);
            V const bits = load_word(plane.words + row / 32 * plane.stride, V(0U)) >> static_cast<int>(row % 32);
            take(bits & V(static_cast<std::uint32_t>((std::uint64_t{1} << count) - 1)), row);
            row += count;
        }
        end();
    }
}

/// Calls use(number of ones) for every slice.
template <class V = std::uint32_t, class Use>
XCIM_INLINE void for_each_count(bit_plane_view plane, std::size_t length, Use const& use) {
    V ones(0U);
    for_each_slice<V>(
        plane, length, [&](V const& bits, std::size_t) { ones = ones + count_ones(bits); },
        [&] { use(std::exchange(ones, V(0U))); });
}

/// Cycles of next_fit, of one plane or of as many neighbours as a batch has lanes.
template <class V>
[[nodiscard]] V next_fit_cycles(bit_plane_view plane, sift_controllers const& c) {
    V const limit(static_cast<std::uint32_t>(c.limit));
    divider const over_limit{static_cast<std::uint32_t>(c.limit)};
    V cycles(0U);
    V room(0U);  // in the cycle that rests join
    for_each_count<V>(plane, static_cast<std::size_t>(c.slice), [&](V const& ones) {
        V const full = over_limit(ones);
        V const rest = ones - full * limit;
        V const left = room - rest;  // below zero it is a large number, whose top bit opens a cycle
        cycles = cycles + full + (left >> 31);
        room = smaller(left, limit - rest);
    });
    return cycles;
}

/// Adds a rest to the earliest cycle with room, or to a new one; `cycles` are their ones. Returns which.
inline std::size_t join_first(std::vector<std::uint32_t>& cycles, std::uint32_t rest, std::uint32_t limit) {
    auto const found = std::ranges::find_if(cycles, [&](std::uint32_t ones) { return ones + rest <= limit; });
    auto const at = static_cast<std::size_t>(found - cycles.begin());
    if (found == cycles.end()) {
        cycles.push_back(0);
    }
    cycles[at] += rest;
    return at;
}

/// Entries behind the last one that the functions below may touch. They write some more than they have to, because how
/// many ones a word or slice has cannot be guessed, and wrong guesses cost most of the time.
inline constexpr std::size_t sift_slack = 32;

/// Writes the rows of the ones of a word, whose lowest bit is `row`; returns the place behind the last.
XCIM_INLINE std::uint16_t* write_ones(std::uint32_t bits, std::size_t row, std::uint16_t* to) {
    auto const count = std::popcount(bits);
#if defined(__AVX512VPOPCNTDQ__) && defined(__AVX512BW__) && defined(__AVX512VBMI2__) && !defined(XCIM_NO_WIDE)
    alignas(64) static constexpr auto numbers = [] {
        std::array<std::uint16_t, 32> a{};
        std::iota(a.begin(), a.end(), std::uint16_t{0});
        return a;
    }();
    auto const rows = _mm512_add_epi16(_mm512_load_si512(numbers.data()), _mm512_set1_epi16(static_cast<short>(row)));
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi16(bits, rows));
#else
    for (int i = 0; i < count; i += 4) {
        for (int k = i; k < i + 4; ++k) {
            to[k] = static_cast<std::uint16_t>(row + static_cast<std::size_t>(std::countr_zero(bits)));
            bits &= bits - 1;
        }
    }
#endif
    return to + count;
}

XCIM_INLINE std::uint16_t* copy_ones(std::uint16_t const* from, std::size_t count, std::uint16_t* to) {
    std::size_t i = 0;
    do {
        std::memcpy(to + i, from + i, 32 * sizeof(*to));
        i += 32;
    } while (i < count);
    return to + count;
}

/// Writes the ends of `count` full cycles behind `first`; returns the place behind the last.
XCIM_INLINE std::uint32_t* write_ends(std::uint32_t first, std::uint32_t limit, std::uint32_t count,
                                      std::uint32_t* to) {
    std::uint32_t i = 0;
    do {
        for (std::uint32_t k = i; k < i + 4; ++k) {
            to[k] = first + (k + 1) * limit;
        }
        i += 4;
    } while (i < count);
    return to + count;
}

}  // namespace detail

/// Number of cycles of a plane. Precondition: c.wrong() is empty.
[[nodiscard]] inline std::size_t count_cycles(bit_plane_view plane, sift_controllers const& c) {
    XCIM_ASSERT(c.wrong().empty(), "controllers are inside their range");
    if (c.rule == sift_rule::next_fit) {
        return detail::next_fit_cycles<std::uint32_t>(plane, c);
    }
    if (c.rule == sift_rule::fixed) {
        return most_cycles(plane.rows, c);
    }
    auto const limit = static_cast<std::uint32_t>(c.limit);
    std::size_t cycles = 0;
    if (c.rule == sift_rule::ideal) {
        detail::for_each_count(plane, plane.rows, [&](std::uint32_t ones) { cycles = (ones + limit - 1) / limit; });
        return cycles;
    }
    std::vector<std::uint32_t> merged;
    detail::for_each_count(plane, static_cast<std::size_t>(c.slice), [&](std::uint32_t ones) {
        cycles += ones / limit;
        if (ones % limit != 0) {
            detail::join_first(merged, ones % limit, limit);
        }
    });
    return cycles + merged.size();
}

/// Sum over `planes` interleaved planes, of which `first` is the first and first.stride at least as many. What the last
/// word is followed by must be readable for a batch, `lanes` words; it is not used.
[[nodiscard]] inline std::size_t count_cycles(bit_plane_view first, std::size_t planes, sift_controllers const& c) {
    std::size_t cycles = 0;
    for (std::size_t p = 0; p < planes; p += c.rule == sift_rule::next_fit ? lanes : 1) {
        bit_plane_view const plane{first.words + p, first.stride, first.rows};
        if (c.rule == sift_rule::next_fit) {
            XCIM_ASSERT(c.wrong().empty(), "controllers are inside their range");
            std::array<std::uint32_t, lanes> of_lane;
            detail::next_fit_cycles<detail::word_batch>(plane, c).store_unaligned(of_lane.data());
            cycles = std::accumulate(of_lane.data(), of_lane.data() + std::min(planes - p, lanes), cycles);
        } else {
            cycles += count_cycles(plane, c);
        }
    }
    return cycles;
}

/// The cycles of a plane, as lists of rows with a one. An object is used for many planes: memory is kept.
///
/// Order: with next_fit and first_fit first what the local controllers send off, slice after slice, then the merged
/// rests. Rows inside a cycle ascend. Precondition of plan(): at most 65536 rows.
class word_line_schedule {
public:
    void plan(bit_plane_view plane, sift_controllers const& c) {
        XCIM_ASSERT(c.wrong().empty(), "controllers are inside their range");
        XCIM_ASSERT(plane.rows <= 65536, "row numbers have 16 bits");
        rows_.resize(plane.rows + detail::sift_slack);
        ends_.resize(most_cycles(plane.rows, c) + detail::sift_slack);
        auto const limit = static_cast<std::uint32_t>(c.limit);
        auto const* const end = c.rule == sift_rule::fixed || c.rule == sift_rule::ideal
                                    ? plan_in_order(plane, c.rule, limit)
                                    : plan_slices(plane, c, limit);
        cycles_ = static_cast<std::size_t>(end - ends_.data());
    }

    [[nodiscard]] std::size_t cycles() const { return cycles_; }

    /// Rows with a one of cycle i; empty only with sift_rule::fixed.
    [[nodiscard]] std::span<std::uint16_t const> operator[](std::size_t i) const {
        std::size_t const first = i == 0 ? 0 : ends_[i - 1];
        return {rows_.data() + first, ends_[i] - first};
    }

    /// Of all cycles, one after the other.
    [[nodiscard]] std::span<std::uint16_t const> rows() const {
        return {rows_.data(), cycles_ == 0 ? 0 : std::size_t{ends_[cycles_ - 1]}};
    }

private:
    /// The functions below fill rows_ and ends_ and return where the ends end.
    std::uint32_t* plan_in_order(bit_plane_view plane, sift_rule rule, std::uint32_t limit) {
        auto* row_end = rows_.data();
        auto* end = ends_.data();
        auto const take = [&](std::uint32_t bits, std::size_t row) {
            row_end = detail::write_ones(bits, row, row_end);
        };
        auto const ones = [&] { return static_cast<std::uint32_t>(row_end - rows_.data()); };
        if (rule == sift_rule::fixed) {
            detail::for_each_slice(plane, limit, take, [&] { *end++ = ones(); });
            return end;
        }
        detail::for_each_slice(plane, plane.rows, take, [] {});
        end = detail::write_ends(0, limit, ones() / limit, end);
        *end = ones();
        return end + (ones() % limit != 0 ? 1 : 0);
    }

    std::uint32_t* plan_slices(bit_plane_view plane, sift_controllers const& c, std::uint32_t limit) {
        auto const slice = static_cast<std::size_t>(c.slice);
        std::size_t const slices = (plane.rows + slice - 1) / slice;
        inside_.resize(slice + detail::sift_slack);
        rests_.resize(slices * std::min<std::size_t>(slice, limit) + detail::sift_slack);
        rest_ones_.resize(slices);
        detail::divider const over_limit{limit};
        auto* inside_end = inside_.data();
        auto* rests_end = rests_.data();
        auto* rest_ones = rest_ones_.data();
        auto* end = ends_.data();
        std::uint32_t sent = 0;
        detail::for_each_slice(
            plane, slice,
            [&](std::uint32_t bits, std::size_t row) { inside_end = detail::write_ones(bits, row, inside_end); },
            [&] {
                auto const ones = static_cast<std::uint32_t>(inside_end - inside_.data());
                auto const full = over_limit(ones);
                auto const whole = full * limit;
                detail::copy_ones(inside_.data(), whole, rows_.data() + sent);
                end = detail::write_ends(sent, limit, full, end);
                sent += whole;
                rests_end = detail::copy_ones(inside_.data() + whole, ones - whole, rests_end);
                *rest_ones++ = ones - whole;
                inside_end = inside_.data();
            });
        return c.rule == sift_rule::first_fit ? merge_first_fit(sent, limit, end) : merge_next_fit(sent, limit, end);
    }

    std::uint32_t* merge_next_fit(std::uint32_t sent, std::uint32_t limit, std::uint32_t* end) {
        std::uint32_t room = limit;
        std::uint32_t ones = sent;
        for (std::uint32_t const rest : rest_ones_) {
            std::uint32_t const left = room - rest;  // below zero it is a large number
            *end = ones;
            end += left >> 31;
            room = detail::smaller(left, limit - rest);
            ones += rest;
        }
        std::copy_n(rests_.data(), ones - sent, rows_.data() + sent);
        *end = ones;
        return end + (ones > sent ? 1 : 0);
    }

    std::uint32_t* merge_first_fit(std::uint32_t sent, std::uint32_t limit, std::uint32_t* end) {
        std::erase(rest_ones_, 0U);
        merged_.clear();
        joins_.clear();
        for (std::uint32_t const rest : rest_ones_) {
            joins_.push_back(detail::join_first(merged_, rest, limit));
        }
        // From the number of ones of a cycle to where it starts, and on to its end while it is filled.
        for (std::uint32_t& cycle : merged_) {
            sent += std::exchange(cycle, sent);
        }
        auto const* from = rests_.data();
        for (std::size_t i = 0; i < joins_.size(); ++i) {
            std::copy_n(from, rest_ones_[i], rows_.data() + merged_[joins_[i]]);
            merged_[joins_[i]] += rest_ones_[i];
            from += rest_ones_[i];
        }
        return std::copy(merged_.begin(), merged_.end(), end);
    }

    std::vector<std::uint16_t> rows_;
    std::vector<std::uint32_t> ends_;  // of the cycles in rows_
    std::size_t cycles_ = 0;
    std::vector<std::uint16_t> inside_;     // ones of one slice
    std::vector<std::uint16_t> rests_;      // of all slices
    std::vector<std::uint32_t> rest_ones_;  // of each slice
    std::vector<std::uint32_t> merged_;     // first_fit: ones of the cycles made of rests
    std::vector<std::size_t> joins_;        // first_fit: the cycle of each rest
};

/// Calls take(std::span<std::uint16_t const> rows with a one) once a cycle, in the order of word_line_schedule.
template <class Take>
void for_each_cycle(bit_plane_view plane, sift_controllers const& c, Take const& take) {
    word_line_schedule schedule;
    schedule.plan(plane, c);
    for (std::size_t i = 0; i < schedule.cycles(); ++i) {
        take(schedule[i]);
    }
}

}  // namespace xcim::inline XCIM_ABI
