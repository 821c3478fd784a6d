#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <tests/support/shared.hpp>
#include <xcim/io/npy.hpp>

namespace io = xcim::io;
using namespace std::string_literals;
using xcim::errc;
using xcim::test::error_of;
using xcim::test::fails;

namespace {

std::string npy(std::string const& dictionary, std::string const& data, char version = 1) {
    auto const length = dictionary.size();
    auto out = "\x93NUMPY"s + version + '\0';
    for (auto byte = 0U; byte < (version == 1 ? 2U : 4U); ++byte)
        out += static_cast<char>(length >> (8U * byte));
    return out + dictionary + data;
}

std::string header(std::string const& descr, std::string const& shape, bool fortran = false) {
    return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape +
           ", }\n";
}

template <class T>
xt::xarray<T> parse(std::string const& content) {
    return io::parse_npy<T>(io::detail::bytes_of(content));
}

template <class T>
xt::xarray<T> parse(std::string const& descr, std::string const& shape, std::string const& data) {
    return parse<T>(npy(header(descr, shape), data));
}

std::string image(double value) { return {std::bit_cast<std::array<char, 8>>(value).data(), 8}; }

using shape = std::vector<std::size_t>;

/// Equal shape and elements. CHECK(a == b) would be the same, but costs a second of compile time a pair of types.
template <class T>
bool same(xt::xarray<T> const& a, xt::xarray<T> const& b) {
    return a.shape() == b.shape() && std::ranges::equal(a.storage(), b.storage());
}

template <class T>
shape shape_of(xt::xarray<T> const& array) {
    return {array.shape().begin(), array.shape().end()};
}

}  // namespace

TEST_CASE_TEMPLATE("npy: what is saved loads again", T, bool, signed char, std::uint16_t, std::int64_t, float) {
    auto const folder = xcim::test::temporary_folder{};
    for (auto const& extents : {shape{2, 3}, shape{5}, shape{}, shape{0, 4}, shape{1, 2, 3, 1}, shape(20, 1)}) {
        auto array = xt::xarray<T>::from_shape(extents);
        for (auto i = std::size_t{0}; i < array.size(); ++i)
            array.data()[i] =
                static_cast<T>(i % 2 == 0 ? std::numeric_limits<T>::max() : std::numeric_limits<T>::lowest());
        io::save_npy(folder / "a.npy", array);
        auto const loaded = io::load_npy<T>(folder / "a.npy");
        CHECK(shape_of(loaded) == extents);
        CHECK(same(loaded, array));
        CHECK(folder.number_of_files() == 1);
    }
}

TEST_CASE("npy: the bytes written are NumPy's") {
    auto const folder = xcim::test::temporary_folder{};
    io::save_npy(folder / "a.npy", xt::xarray<std::int16_t>{{1, 2, 3}, {4, 5, -2}});
    auto const content = xcim::test::read(folder / "a.npy");
    auto const dictionary = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }"s;
    CHECK(content ==
          npy(dictionary + std::string(117 - dictionary.size(), ' ') + "\n", "\1\0\2\0\3\0\4\0\5\0\xfe\xff"s));
    CHECK(content.size() == 128 + 12);
}

TEST_CASE("npy: an expression and a column-major array are saved in C order") {
    auto const folder = xcim::test::temporary_folder{};
    auto const a = xt::xarray<float>{{1, 2, 3}, {4, 5, 6}};
    io::save_npy(folder / "sum.npy", a + 1.0F);
    CHECK(same(io::load_npy<float>(folder / "sum.npy"), xt::xarray<float>{{2, 3, 4}, {5, 6, 7}}));
    io::save_npy(folder / "columns.npy", xt::xarray<float, xt::layout_type::column_major>{a});
    CHECK(same(io::load_npy<float>(folder / "columns.npy"), a));
}

TEST_CASE("npy: byte order, element order and version") {
    CHECK(same(parse<int>("<i2", "(3,)", "\1\0\0\1\xff\xff"s), xt::xarray<int>{1, 256, -1}));
    CHECK(same(parse<int>(">i2", "(3,)", "\1\0\0\1\xff\xff"s), xt::xarray<int>{256, 1, -1}));
    CHECK(same(parse<float>(">f4", "(1,)", "\x3f\xc0\0\0"s), xt::xarray<float>{1.5F}));
    CHECK(same(parse<double>(">f8", "(1,)", "\xc0\x04\0\0\0\0\0\0"s), xt::xarray<double>{-2.5}));
    auto const expected = xt::xarray<int>{{1, 2, 3}, {4, 5, 6}};
    CHECK(same(parse<int>("|u1", "(2, 3)", "\1\2\3\4\5\6"), expected));
    CHECK(same(parse<int>(npy(header("|u1", "(2, 3)", true), "\1\4\2\5\3\6")), expected));
    auto const cube = parse<int>(npy(header("|u1", "(2, 3, 2)", true), "\0\1\2\3\4\5\6\7\10\11\12\13"s));
    for (auto i = 0U; i < 2; ++i)
        for (auto j = 0U; j < 3; ++j)
            for (auto k = 0U; k < 2; ++k)
                CHECK(cube(i, j, k) == static_cast<int>(i + 2 * j + 6 * k));
    for (auto const version : {char{1}, char{2}, char{3}})
        CHECK(same(parse<int>(npy(header("|u1", "(2, 3)"), "\1\2\3\4\5\6", version)), expected));
    CHECK(
        same(parse<int>(npy(R"( {"shape":(2,3L) ,"fortran_order" : False,"descr":"<u1"})", "\1\2\3\4\5\6")), expected));
}

TEST_CASE("npy: half precision") {
    auto const halves = parse<float>("<f2", "(8,)", "\0\x3c\0\xc0\xff\x7b\1\0\xff\3\0\4\0\x7c\0\x80"s);
    CHECK(same(halves, xt::xarray<float>{1.0F, -2.0F, 65504.0F, 0x1p-24F, 1023 * 0x1p-24F, 0x1p-14F,
                                         std::numeric_limits<float>::infinity(), 0.0F}));
    CHECK(std::signbit(halves(7)));
    CHECK(std::isnan(parse<float>("<f2", "()", "\1\x7e"s)()));
}

TEST_CASE("npy: conversions lose nothing silently") {
    auto const refuses = [](auto const& load) { return fails(load, errc::format); };
    SUBCASE("integer to integer") {
        CHECK(same(parse<std::int8_t>("<i2", "(2,)", "\x7f\0\x80\xff"s), xt::xarray<std::int8_t>{127, -128}));
        CHECK(refuses([] { parse<std::int8_t>("<i2", "(1,)", "\x80\0"s); }));
        CHECK(refuses([] { parse<std::uint8_t>("|i1", "(1,)", "\xff"); }));
        CHECK(refuses([] { parse<std::int64_t>("<u8", "(1,)", std::string(8, '\xff')); }));
        auto const problem = error_of([] { parse<std::uint8_t>("<i2", "(2, 2)", "\0\0\0\0\x2c\1\0\0"s); });
        CHECK(problem.says("element (1, 0) is 300"));
        CHECK(problem.says("u1"));
        auto const fortran =
            error_of([] { parse<std::uint8_t>(npy(header("<i2", "(2, 2)", true), "\0\0\x2c\1\0\0\0\0"s)); });
        CHECK(fortran.says("element (1, 0) is 300"));
    }
    SUBCASE("integer to real") {
        CHECK(same(parse<float>("<i4", "(2,)", "\0\0\0\1\0\0\0\x80"s), xt::xarray<float>{0x1p24F, -0x1p31F}));
        CHECK(refuses([] { parse<float>("<i4", "(1,)", "\1\0\0\1"s); }));  // 2^24 + 1
        CHECK(parse<double>("<i4", "(1,)", "\1\0\0\1"s)(0) == 16777217.0);
        CHECK(refuses([] { parse<double>("<i8", "(1,)", "\1\0\0\0\0\0\x20\0"s); }));  // 2^53 + 1
        CHECK(parse<double>("<i8", "(1,)", "\0\0\0\0\0\0\0\x80"s)(0) == -0x1p63);
        CHECK(refuses([] { parse<double>("<u8", "(1,)", std::string(8, '\xff')); }));
    }
    SUBCASE("real to integer") {
        CHECK(same(parse<int>("<f8", "(2,)", image(-2147483648.0) + image(2147483647.0)),
                   xt::xarray<int>{std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}));
        CHECK(parse<std::uint64_t>("<f8", "(1,)", image(0x1.fffffffffffffp63))(0) == 0xfffffffffffff800U);
        for (auto const value : {0.5, 2147483648.0, -2147483649.0, std::nan(""), HUGE_VAL, -HUGE_VAL})
            CHECK(refuses([&] { parse<int>("<f8", "(1,)", image(value)); }));
        CHECK(refuses([] { parse<std::int64_t>("<f8", "(1,)", image(0x1p63)); }));
        CHECK(refuses([] { parse<std::uint64_t>("<f8", "(1,)", image(0x1p64)); }));
        CHECK(refuses([] { parse<unsigned>("<f8", "(1,)", image(-1.0)); }));
        CHECK(error_of([] { parse<int>("<f8", "(1,)", image(0.5)); }).says("element (0,) is 0.5"));
    }
    SUBCASE("real to narrower real") {
        CHECK(same(parse<float>("<f8", "(2,)", image(0.1) + image(-HUGE_VAL)),
                   xt::xarray<float>{0.1F, -std::numeric_limits<float>::infinity()}));
        CHECK(std::isnan(parse<float>("<f8", "(1,)", image(std::nan("")))(0)));
        CHECK(refuses([] { parse<float>("<f8", "(1,)", image(1e39)); }));
    }
    SUBCASE("bool") {
        CHECK(same(parse<bool>("|b1", "(2,)", "\1\0"s), xt::xarray<bool>{true, false}));
        CHECK(same(parse<float>("|b1", "(2,)", "\1\0"s), xt::xarray<float>{1, 0}));
        CHECK(same(parse<bool>("<f8", "(2,)", image(1) + image(0)), xt::xarray<bool>{true, false}));
        CHECK(refuses([] { parse<bool>("|b1", "(1,)", "\2"); }));
        CHECK(refuses([] { parse<int>("|b1", "(1,)", "\2"); }));
        CHECK(refuses([] { parse<bool>("|u1", "(1,)", "\2"); }));
    }
}

TEST_CASE("npy: a header that is wrong is refused") {
    auto const data = "\1\2\3\4"s;
    for (auto const* const dictionary : {
             "",
             "{",
             "{}",
             "[]",
             "{'descr': '<u1'}",
             "{'descr': '<u1', 'fortran_order': False}",
             "{'descr': '<u1', 'fortran_order': 0, 'shape': (4,)}",
             "{'descr': '<u1', 'fortran_order': False, 'shape': 4}",
             "{'descr': '<u1', 'fortran_order': False, 'shape': (4)}",
             "{'descr': '<u1', 'fortran_order': False, 'shape': (-4,)}",
             "{'descr': '<u1', 'fortran_order': False, 'shape': (4.0,)}",
             "{'descr': '<u1', 'fortran_order': False, 'shape': (4,}",
             "{'descr': '<u1', 'fortran_order': False, 'shape': (,)}",
             "{'descr': '<u1', 'fortran_order': False, 'shape': (4,)} x",
             "{'descr': '<u1', 'fortran_order': False, 'shape': (4,), 'more': 1}",
             "{'descr': '<u1', 'descr': '<u1', 'fortran_order': False, 'shape': (4,)}",
             "{'descr': [('a', '<u1')], 'fortran_order': False, 'shape': (4,)}",
             "{'descr': '<u1, 'fortran_order': False, 'shape': (4,)}",
             "{descr: '<u1', 'fortran_order': False, 'shape': (4,)}",
         }) {
        CAPTURE(dictionary);
        CHECK(fails([&] { parse<int>(npy(dictionary, data)); }, errc::format));
    }
    for (auto const* const descr : {"", "<", "u1", "=u1", "|u2", "<U1", "<c8", "<u3", "|O", "|V1", "<m8", "u"})
        CHECK(error_of([&] { parse<int>(descr, "(4,)", data); }).says("b1, i1"));
    for (auto const* const extents :
         {"(1152921504606846976,)", "(18446744073709551615,)", "(18446744073709551616,)", "(4294967296, 4294967296)",
          "(4294967296, 4294967296, 0)", "(0, 9223372036854775807, 2)", "(3,)", "(5,)", "(2, 3)", "(0,)", "()"})
        CHECK(fails([&] { parse<int>("<u1", extents, data); }, errc::format));
    CHECK(shape_of(parse<int>("<u1", "(0, 1000000)", "")) == shape{0, 1000000});
    auto bad_version = npy(header("<u1", "(4,)"), data);
    bad_version[6] = 4;
    CHECK(error_of([&] { parse<int>(bad_version); }).says("version is 4.0"));
    CHECK(fails([&] { parse<int>("not an npy file at all"); }, errc::format));
}

TEST_CASE("npy: damage") {
    auto const load = [](auto const& path) { io::load_npy<float>(path); };
    auto const content = npy(header(">f4", "(2, 3)", true), std::string(24, '\0'));
    auto const begin = content.size() - 24;
    xcim::test::check_no_file(load);
    xcim::test::check_every_truncation(content, load);
    xcim::test::check_flipped_bytes(content, begin, load);
    CHECK(fails([&] { parse<float>(content + '\0'); }, errc::format));
}

TEST_CASE("npy: a file that cannot be written leaves the old one") {
    auto const folder = xcim::test::temporary_folder{};
    std::filesystem::create_directory(folder / "folder");
    auto const a = xt::xarray<int>{1, 2};
    CHECK(fails([&] { io::save_npy(folder / "folder", a); }, errc::file));
    CHECK(fails([&] { io::save_npy(folder / "missing/a.npy", a); }, errc::file));
    CHECK(folder.number_of_files() == 1);
}

TEST_CASE("npy: reference logits of a real network") {
    auto const file = xcim::test::shared_or_skip("data/models/resnet20_cifar10/logits_first256.npy");
    if (!file)
        return;
    auto const logits = io::load_npy<float>(*file);
    CHECK(shape_of(logits) == shape{256, 10});
    auto all_finite = true;
    for (auto const logit : logits)
        all_finite = all_finite && std::isfinite(logit) && std::abs(logit) < 100;
    CHECK(all_finite);
}

TEST_CASE("npy: int8 logits of a real network") {
    auto const file = xcim::test::shared_or_skip("data/models/mlperf_tiny_resnet8/logits_lossless_first256_int8.npy");
    if (!file)
        return;
    auto const logits = io::load_npy<std::int8_t>(*file);
    CHECK(shape_of(logits) == shape{256, 10});
    CHECK(std::ranges::equal(io::load_npy<int>(*file).storage(), logits.storage()));
    CHECK(fails([&] { io::load_npy<std::uint8_t>(*file); }, errc::format));
}
