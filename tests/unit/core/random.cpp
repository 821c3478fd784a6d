#include <doctest/doctest.h>

#include <xcim/core/random.hpp>

#include <array>
#include <cstdint>
#include <set>
#include <utility>

namespace {

using xcim::threefry;
using xcim::word_pair;

using words = std::pair<std::uint32_t, std::uint32_t>;

template <int Rounds>
words bits(word_pair<> key, word_pair<> counter) {
    auto const r = threefry<Rounds>(key, counter);
    return {r.first, r.second};
}

constexpr word_pair<> zeros{0, 0};
constexpr word_pair<> all_ones{0xFFFFFFFFU, 0xFFFFFFFFU};
constexpr word_pair<> pi_counter{0x243F6A88U, 0x85A308D3U};
constexpr word_pair<> pi_key{0x13198A2EU, 0x03707344U};

}  // namespace

TEST_CASE("Threefry-2x32 gives the known answers of its authors") {
    CHECK(bits<20>(zeros, zeros) == words{0x6B200159U, 0x99BA4EFEU});
    CHECK(bits<20>(all_ones, all_ones) == words{0x1CB996FCU, 0xBB002BE7U});
    CHECK(bits<20>(pi_key, pi_counter) == words{0xC4923A9CU, 0x483DF7A0U});
    CHECK(bits<13>(zeros, zeros) == words{0x9D1C5EC6U, 0x8BD50731U});
    CHECK(bits<13>(all_ones, all_ones) == words{0xFD36D048U, 0x2D17272CU});
    CHECK(bits<13>(pi_key, pi_counter) == words{0xBA3E4725U, 0xF27D669EU});
}

TEST_CASE("Threefry on batches and groups of batches is Threefry on every lane") {
    using word = xcim::batch<std::uint32_t>;
    using xcim::lanes;
    std::array<std::uint32_t, 2 * lanes> ids{};
    for (std::size_t i = 0; i < ids.size(); ++i) {
        ids[i] = static_cast<std::uint32_t>(i * 0x9E3779B9U);
    }
    using group = xcim::word_group<word, 2>;
    word_pair<group> counter{group{}, group(77)};
    counter.first.words[0] = word::load_unaligned(ids.data());
    counter.first.words[1] = word::load_unaligned(ids.data() + lanes);
    auto const random = threefry<13>(pi_key, counter);
    for (std::size_t g = 0; g < 2; ++g) {
        std::array<std::uint32_t, lanes> first{};
        std::array<std::uint32_t, lanes> second{};
        random.first.words[g].store_unaligned(first.data());
        random.second.words[g].store_unaligned(second.data());
        for (std::size_t i = 0; i < lanes; ++i) {
            CHECK(words{first[i], second[i]} == bits<13>(pi_key, {ids[g * lanes + i], 77}));
        }
    }
}

TEST_CASE("derived keys differ in every argument") {
    std::set<words> keys;
    for (std::uint64_t const seed : {0ULL, 1ULL, 1ULL << 32, 0xFFFFFFFFFFFFFFFFULL}) {
        for (std::uint32_t const layer : {0U, 1U, 0xFFFFFFFFU}) {
            auto const key = xcim::stage_key(seed, layer, xcim::stage::column);
            keys.insert({key.first, key.second});
            for (std::uint64_t const index : {0ULL, 1ULL, 1ULL << 32}) {
                auto const next = xcim::derive(key, index);
                keys.insert({next.first, next.second});
            }
        }
    }
    CHECK(keys.size() == 4 * 3 * 4);
}

TEST_CASE("xoroshiro64 runs through the states of its linear engine and scrambles them") {
    // Blackman and Vigna: s1 ^= s0; s0 = rotl(s0, 26) ^ s1 ^ (s1 << 9); s1 = rotl(s1, 13).
    auto const rotate = [](std::uint64_t v, int count) {
        return static_cast<std::uint32_t>((v << count) | (v >> (32 - count)));
    };
    xcim::xoroshiro<std::uint32_t> stream{1, 0};
    std::uint32_t s0 = 1;
    std::uint32_t s1 = 0;
    for (int step = 0; step < 1000; ++step) {
        CHECK(stream.next() == rotate(s0 + s1, 17) + s0);
        s1 ^= s0;
        s0 = rotate(s0, 26) ^ s1 ^ (s1 << 9);
        s1 = rotate(s1, 13);
        REQUIRE(words{stream.first, stream.second} == words{s0, s1});
    }
}

TEST_CASE("streams of a counter are those of the scalar definition, started by Threefry") {
    word_pair<> const counter{77, 0x30040};
    auto streams = xcim::open_streams(pi_key, counter);
    std::array<xcim::xoroshiro<std::uint32_t>, xcim::stream_count> each;
    for (std::size_t i = 0; i < each.size(); ++i) {
        each[i] = xcim::open_stream(pi_key, counter, i);
        CHECK(words{each[i].first, each[i].second} ==
              bits<13>(pi_key, {counter.first, counter.second + static_cast<std::uint32_t>(i)}));
    }
    for (int step = 0; step < 20; ++step) {
        auto const random = streams.next();
        std::array<std::uint32_t, xcim::stream_count> found{};
        for (std::size_t i = 0; i < found.size(); i += xcim::lanes) {
            random.words[i / xcim::lanes].store_unaligned(found.data() + i);
        }
        for (std::size_t i = 0; i < found.size(); ++i) {
            CHECK(found[i] == each[i].next());
        }
    }
}
