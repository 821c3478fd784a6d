#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <xcim/io/table.hpp>

namespace io = xcim::io;
using namespace std::string_literals;
using xcim::errc;
using xcim::test::error_of;
using xcim::test::fails;

namespace {

io::table parse(std::string const& content) {
    auto const folder = xcim::test::temporary_folder{};
    xcim::test::write(folder / "t.csv", content);
    return io::read_csv(folder / "t.csv");
}

std::string csv(io::table const& table) {
    auto const folder = xcim::test::temporary_folder{};
    table.write_csv(folder / "t.csv");
    CHECK(folder.number_of_files() == 1);
    return xcim::test::read(folder / "t.csv");
}

}  // namespace

TEST_CASE("table: CSV text") {
    auto table = io::table{{"model", "bits", "accuracy"}};
    table.add("resnet20", 6, 0.8103);
    table.add("a, \"b\"\nc"s, std::int64_t{-1}, 1.0);
    table.add("", true, -0.0);
    table.add("12", 0U, 1e300);
    CHECK(csv(table) == "model,bits,accuracy\n"
                        "resnet20,6,0.8103\n"
                        "\"a, \"\"b\"\"\nc\",-1,1.0\n"
                        "\"\",1,-0.0\n"
                        "\"12\",0,1e+300\n");
    CHECK(parse(csv(table)) == table);
}

TEST_CASE("table: types, doubles and texts come back as they were") {
    auto table = io::table{{"x", "y"}};
    for (auto const value :
         {0.1, 1.0, 123456789012345683968.0, 5e-324, std::numeric_limits<double>::max(), HUGE_VAL, -HUGE_VAL, -0.0})
        table.add(value, 1);
    for (auto const* const text :
         {"",         " ",    "1",    "-1.5", "nan",  "inf", "Infinity", "1e5",  "0x10",
          "+1",       "\"",   "\"\"", ",",    "\r\n", "\r",  "\n",       "a\"b", "99999999999999999999",
          "\xc3\xa9", "1e999"})
        table.add(text, std::numeric_limits<std::int64_t>::min());
    auto random = std::mt19937_64{7};
    for (auto i = 0; i < 2000; ++i)
        if (auto const value = std::bit_cast<double>(random()); !std::isnan(value))
            table.add(value, static_cast<std::int64_t>(random()));
    CHECK(parse(csv(table)) == table);
    CHECK(std::signbit(std::get<double>(parse(csv(table)).rows[7][0])));

    auto with_nan = io::table{{"x"}};
    with_nan.add(std::nan(""));
    CHECK(std::isnan(std::get<double>(parse(csv(with_nan)).rows[0][0])));
}

TEST_CASE("table: CSV of others") {
    auto const table = parse("\xef\xbb\xbf\"a\",b\r\n1,\"1\"\r\n,99999999999999999999");
    CHECK(table.columns == std::vector{"a"s, "b"s});
    CHECK(table.rows.size() == 2);
    CHECK(table.rows[0] == std::vector<io::table::cell>{std::int64_t{1}, "1"});
    CHECK(table.rows[1] == std::vector<io::table::cell>{"", "99999999999999999999"});
    CHECK(parse("a\n").rows.empty());
    for (auto const* const content :
         {"a,b\n1\n", "a\n1,2\n", "a,b\n\n", "a\n\"1\n", "a\n\"1\"2\n", "a\n1\"2\n", "a\n1\r2\n"})
        CHECK(fails([&] { parse(content); }, errc::format));
    CHECK(error_of([] { parse("a,b\n1,2\n3\n"); }).says("line 3"));
    xcim::test::check_no_file([](auto const& path) { io::read_csv(path); });
    xcim::test::check_flipped_bytes("a,b\n1,\"x\"\n2,\"y,\"\"z\"\n", 20, [](auto const& path) { io::read_csv(path); });
}

TEST_CASE("table: JSON") {
    auto table = io::table{{"z", "a"}};
    table.add(1, "x\n\"");
    table.add(0.1, HUGE_VAL);
    table.add(std::nan(""), -HUGE_VAL);
    auto const folder = xcim::test::temporary_folder{};
    table.write_json(folder / "t.json");
    auto const text = xcim::test::read(folder / "t.json");
    CHECK(text.find("\"z\"") < text.find("\"a\""));
    auto const json = nlohmann::ordered_json::parse(text);
    CHECK(json[0]["z"].get<int>() == 1);
    CHECK(json[0]["a"].get<std::string>() == "x\n\"");
    CHECK(json[1]["z"].get<double>() == 0.1);
    CHECK(json[1]["a"].get<std::string>() == "inf");
    CHECK(json[2]["z"].get<std::string>() == "nan");
    CHECK(json[2]["a"].get<std::string>() == "-inf");

    table.add("\xff", 1);
    CHECK(fails([&] { table.write_json(folder / "t.json"); }, errc::value));
    CHECK(xcim::test::read(folder / "t.json") == text);
    CHECK(folder.number_of_files() == 1);
}

TEST_CASE("table: what is refused") {
    auto table = io::table{{"a", "b"}};
    CHECK(fails([&] { table.add(1); }, errc::shape));
    CHECK(fails([&] { table.add(1, 2, 3); }, errc::shape));
    CHECK(fails([&] { table.add(1, std::uint64_t{1} << 63U); }, errc::value));
    CHECK(table.rows.empty());
    auto const folder = xcim::test::temporary_folder{};
    xcim::test::write(folder / "t.csv", "old");
    CHECK(fails([&] { io::table{}.write_csv(folder / "t.csv"); }, errc::shape));
    CHECK(fails([&] { io::table{{"a", "a"}}.write_csv(folder / "t.csv"); }, errc::value));
    table.rows.push_back({std::int64_t{1}});
    CHECK(fails([&] { table.write_csv(folder / "t.csv"); }, errc::shape));
    CHECK(fails([&] { table.write_json(folder / "t.csv"); }, errc::shape));
    CHECK(xcim::test::read(folder / "t.csv") == "old");
    CHECK(fails([&] { io::table{{"a"}}.write_csv(folder / "missing/t.csv"); }, errc::file));
}
