#include <doctest/doctest.h>

#include <xcim/macro/matrix_sums.hpp>

#include <algorithm>
#include <random>
#include <vector>

namespace {

/// A block of random cells and random input rows.
struct problem {
    std::size_t rows = 255;
    std::size_t columns = 64;
    std::size_t cell_bits = 1;
    bool is_signed = false;
    std::size_t inputs = 4;
    int drive_bits = 1;

    std::size_t tile_words = xcim::words_for(rows) + 1;  // a tile may be longer than what is used of it
    xcim::aligned_vector<std::uint32_t> words{};
    xcim::aligned_vector<std::uint8_t> nibbles{};
    std::vector<std::uint16_t> codes{};  // (inputs, stride): beyond the last row are those of another tile
    std::vector<xcim::digit> phases{};

    [[nodiscard]] std::size_t stride() const { return rows + 32; }

    void draw(unsigned seed) {
        std::mt19937 engine{seed};
        words.assign(cell_bits * tile_words * xcim::block_columns, 0);
        nibbles.assign(8 * words.size(), 0);
        set_columns([&](std::size_t, std::size_t) { return engine() % 2 == 1; });
        codes.resize(inputs * stride() + 32);
        std::generate(codes.begin(), codes.end(), [&] { return static_cast<std::uint16_t>(engine()); });
        phases.clear();
        for (int shift = 0; shift + drive_bits <= 8; shift += drive_bits) {
            phases.push_back({shift, drive_bits, 1 << shift, false});
        }
    }

    /// Every bit of cell (row, c) becomes bit(c, row).
    template <class Bit>
    void set_columns(Bit const& bit) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            std::size_t const k = i / xcim::block_columns % tile_words;
            std::size_t const c = i % xcim::block_columns;
            words[i] = 0;
            for (std::size_t r = 32 * k; r < std::min(rows, 32 * k + 32) && c < columns; ++r) {
                words[i] |= bit(c, r) ? std::uint32_t{1} << r % 32 : 0U;
            }
            for (std::size_t g = 0; g < 8; ++g) {
                nibbles[(i / xcim::block_columns * 8 + g) * xcim::block_columns + xcim::detail::nibble_position(c)] =
                    static_cast<std::uint8_t>((words[i] >> (4 * g)) & 15U);
            }
        }
    }

    [[nodiscard]] xcim::tile_block block() const {
        return {words.data(), nibbles.data(), nullptr, tile_words, rows, cell_bits, columns, is_signed};
    }

    /// Sums of input row m by the path for one row at a time.
    [[nodiscard]] std::vector<float> by_row(std::size_t m) const {
        xcim::aligned_vector<std::uint32_t> planes(tile_words * 8);
        std::uint16_t const* const own = codes.data() + m * stride();
        xcim::pack_planes(own, rows, 8, planes.data());
        xcim::aligned_vector<std::uint8_t> tables(xcim::look_up_table_bytes(phases, rows));
        xcim::fill_look_up_tables(own, rows, phases, tables.data());
        std::vector<float> sums(phases.size() * xcim::block_columns);
        xcim::accumulate_bits(block(), {planes.data(), 8, tables.data(), nullptr}, phases, sums.data());
        return sums;
    }

    [[nodiscard]] std::size_t wrong() const {
        std::size_t const pairs = inputs * phases.size();
        REQUIRE(pairs <= xcim::matrix_sums::rows_at_once);
        xcim::aligned_vector<std::uint8_t> levels(xcim::matrix_sums::level_bytes(pairs, rows), 0xFF);
        std::size_t const row_bytes = xcim::matrix_sums::row_bytes(rows);
        for (std::size_t m = 0; m < inputs; ++m) {
            xcim::matrix_sums::fill_levels(codes.data() + m * stride(), rows, phases,
                                           levels.data() + m * phases.size() * row_bytes);
        }
        xcim::aligned_vector<float> sums(xcim::matrix_sums::rows_at_once * xcim::block_columns, -1.0F);
        xcim::matrix_sums unit;
        unit.take_cells(block(), (1 << drive_bits) - 1);
        unit.sum(levels.data(), pairs, sums.data());
        std::size_t count = 0;
        for (std::size_t m = 0; m < inputs; ++m) {
            auto const right = by_row(m);
            for (std::size_t i = 0; i < right.size(); ++i) {
                bool const is_used = i % xcim::block_columns < columns;
                count += is_used && sums[m * right.size() + i] != right[i] ? 1U : 0U;
            }
        }
        return count;
    }
};

}  // namespace

TEST_CASE("matrix sums: every drive and cell width, rows around words and tiles") {
    std::size_t wrong = 0;
    for (int drive_bits = 1; drive_bits <= 8; ++drive_bits) {
        for (std::size_t cell_bits = 1; cell_bits <= 8; ++cell_bits) {
            for (bool const is_signed : {false, true}) {
                if (!xcim::matrix_sums::is_available(drive_bits, static_cast<int>(cell_bits), is_signed)) {
                    continue;
                }
                for (std::size_t const rows : {1U, 31U, 33U, 63U, 64U, 65U, 127U, 200U, 255U, 256U, 1025U}) {
                    problem p{.rows = rows, .cell_bits = cell_bits, .is_signed = is_signed, .drive_bits = drive_bits};
                    p.draw(static_cast<unsigned>(rows));
                    wrong += p.wrong();
                }
            }
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("matrix sums: every number of pairs and of columns") {
    if (!xcim::matrix_sums::is_available(1, 1, false)) {
        return;
    }
    std::size_t wrong = 0;
    for (int const drive_bits : {1, 3, 8}) {
        for (std::size_t inputs = 1; inputs * static_cast<std::size_t>(8 / drive_bits) <= 32; ++inputs) {
            for (std::size_t const columns : {1U, 15U, 16U, 17U, 32U, 33U, 48U, 49U, 63U, 64U}) {
                problem p{.columns = columns, .inputs = inputs, .drive_bits = drive_bits};
                p.draw(static_cast<unsigned>(inputs + columns));
                wrong += p.wrong();
            }
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("matrix sums: columns with as many ones as a shared byte can tell apart, and more") {
    if (!xcim::matrix_sums::is_available(1, 1, false)) {
        return;
    }
    for (std::size_t const rows : {255U, 256U, 1365U, 4097U, 65535U, 65536U}) {
        for (int const drive_bits : {1, 2}) {
            for (std::size_t const ones : {0U, 1U, 84U, 85U, 252U, 253U, 254U, 255U}) {
                problem p{.rows = rows, .drive_bits = drive_bits};
                p.draw(1);
                p.set_columns([&](std::size_t c, std::size_t row) { return c >= 32 ? c != 40 : row < ones; });
                std::fill(p.codes.begin(), p.codes.end(), std::uint16_t{0xFF});
                p.codes[0] = 0;  // one step down from the top, too
                CAPTURE(rows);
                CAPTURE(ones);
                CHECK(p.wrong() == 0);
            }
        }
    }
}

TEST_CASE("matrix sums: one unit takes one block after another, of other sizes too") {
    if (!xcim::matrix_sums::is_available(1, 1, false)) {
        return;
    }
    xcim::matrix_sums unit;
    xcim::aligned_vector<float> sums(xcim::matrix_sums::rows_at_once * xcim::block_columns);
    for (std::size_t const rows : {255U, 30U, 700U, 64U}) {
        problem p{.rows = rows, .inputs = 1};
        p.draw(static_cast<unsigned>(rows));
        xcim::aligned_vector<std::uint8_t> levels(xcim::matrix_sums::level_bytes(8, rows));
        xcim::matrix_sums::fill_levels(p.codes.data(), rows, p.phases, levels.data());
        unit.take_cells(p.block(), 1);
        unit.sum(levels.data(), 8, sums.data());
        auto const right = p.by_row(0);
        CHECK(std::equal(right.begin(), right.end(), sums.begin()));
    }
}

TEST_CASE("matrix sums: widths that bytes do not hold go elsewhere") {
    CHECK_FALSE(xcim::matrix_sums::is_available(9, 1, false));
    CHECK_FALSE(xcim::matrix_sums::is_available(1, 8, false));
    CHECK_FALSE(xcim::matrix_sums::is_available(1, 9, true));
}
