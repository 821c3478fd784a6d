#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <xcim/io/npz.hpp>

namespace io = xcim::io;
using namespace std::string_literals;
using xcim::errc;
using xcim::test::error_of;
using xcim::test::fails;

namespace {

using arrays = std::map<std::string, xt::xarray<float>>;

bool same(xt::xarray<float> const& a, xt::xarray<float> const& b) {
    return a.shape() == b.shape() && std::ranges::equal(a.storage(), b.storage());
}

bool same(arrays const& a, arrays const& b) {
    return std::ranges::equal(
        a, b, [](auto const& x, auto const& y) { return x.first == y.first && same(x.second, y.second); });
}

/// The bytes save_npz writes.
std::string npz(arrays const& content, io::packing how = io::packing::stored) {
    auto const folder = xcim::test::temporary_folder{};
    io::save_npz(folder / "a.npz", content, how);
    CHECK(folder.number_of_files() == 1);
    return xcim::test::read(folder / "a.npz");
}

/// A ZIP archive with these members as they are.
std::string zip_of(std::vector<std::pair<std::string, std::string>> const& members) {
    auto const folder = xcim::test::temporary_folder{};
    auto archive = io::detail::open_zip(folder / "a.zip", ZIP_CREATE, errc::file);
    for (auto const& [name, content] : members)
        zip_file_add(archive.get(), name.c_str(), zip_source_buffer(archive.get(), content.data(), content.size(), 0),
                     0);
    REQUIRE(zip_close(archive.get()) == 0);
    static_cast<void>(archive.release());
    return xcim::test::read(folder / "a.zip");
}

template <class T = float>
std::map<std::string, xt::xarray<T>> parse(std::string const& content) {
    auto const folder = xcim::test::temporary_folder{};
    xcim::test::write(folder / "a.npz", content);
    return io::load_npz<T>(folder / "a.npz");
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    REQUIRE(from.size() == to.size());
    auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    for (; at != std::string::npos; at = text.find(from, at + 1))
        text.replace(at, from.size(), to);
    return text;
}

arrays example() {
    return {{"a", {{1, 2}, {3, 4}}}, {"folder/b", {0.5F}}, {"empty", xt::xarray<float>::from_shape({0, 3})}};
}

/// Two arrays, "a" = {1, 2, 3} and "b/c" = {7}, of int16, deflated; with ZIP64 local headers, as numpy.savez_compressed
/// has them. Written by Python's zipfile.
constexpr auto from_python = std::string_view{
    "504b03042d00000008000000215060820091ffffffffffffffff05001400612e6e70790100100086000000000000004a0000"
    "00000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a4aea3a09e965f54529498179f5f94920a12774bcc"
    "294e058a17672416a402f91ac63a9a3a0ab50a14002e46062606660600504b03042d000000080000002150c1cf6b41ffffff"
    "ffffffffff07001400622f632e6e707901001000820000000000000046000000000000009bec17ea1b10c9c850c650ad9e92"
    "5a9c5ca46ea5a06e9369a4aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a863a9a3a0ab50a"
    "14002e760600504b01022d032d000000080000002150608200914a0000008600000005000000000000000000000080010000"
    "0000612e6e7079504b01022d032d000000080000002150c1cf6b414600000082000000070000000000000000000000800181"
    "000000622f632e6e7079504b0506000000000200020068000000000100000000"};

std::string from_hex(std::string_view hex) {
    auto out = std::string{};
    for (auto i = std::size_t{0}; i < hex.size(); i += 2)
        out += static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16));
    return out;
}

}  // namespace

TEST_CASE("npz: what is saved loads again") {
    for (auto const how : {io::packing::stored, io::packing::deflated}) {
        CHECK(same(parse(npz(example(), how)), example()));
        CHECK(npz(example(), how) == npz(example(), how));
        CHECK(parse(npz({}, how)).empty());
    }
    auto const zeros = arrays{{"zeros", xt::xarray<float>(std::vector<std::size_t>{300, 300}, 0.0F)}};
    CHECK(npz(zeros, io::packing::deflated).size() < 5000);
    CHECK(same(parse(npz(zeros, io::packing::deflated)), zeros));
    CHECK(parse<int>(npz({{"a", {1, 2}}})).at("a")(1) == 2);
    auto const problem = error_of([] { parse<int>(npz({{"a", {1, 0.5F}}})); });
    CHECK(problem.says("member 'a.npy'"));
    CHECK(problem.says("element (1,) is 0.5"));
}

TEST_CASE("npz: saving replaces, or leaves the old file") {
    auto const folder = xcim::test::temporary_folder{};
    io::save_npz(folder / "a.npz", example());
    io::save_npz(folder / "a.npz", arrays{{"x", {1}}});
    CHECK(io::load_npz<float>(folder / "a.npz").size() == 1);
    CHECK(fails([&] { io::save_npz(folder / "missing/a.npz", example()); }, errc::file));
    std::filesystem::create_directory(folder / "folder");
    CHECK(fails([&] { io::save_npz(folder / "folder", example()); }, errc::file));
    CHECK(folder.number_of_files() == 2);
}

TEST_CASE("npz: an archive as Python writes it") {
    auto const loaded = parse<int>(from_hex(from_python));
    REQUIRE(loaded.size() == 2);
    CHECK(std::ranges::equal(loaded.at("a").storage(), std::vector{1, 2, 3}));
    CHECK(loaded.at("b/c")(0) == 7);
}

TEST_CASE("npz: members that are no arrays, or twice") {
    auto const npy = [] {
        auto const folder = xcim::test::temporary_folder{};
        io::save_npy(folder / "a.npy", xt::xarray<float>{1});
        return xcim::test::read(folder / "a.npy");
    }();
    CHECK(parse(zip_of({{"a.npy", npy}})).size() == 1);
    CHECK(error_of([&] { parse(zip_of({{"a.txt", npy}})); }).says(".npy"));
    CHECK(error_of([&] { parse(zip_of({{"a.npy", "text"}})); }).says("a.npy"));
    CHECK(fails([&] { parse(zip_of({{"a.npy", npy}, {"b.npy", npy + "x"}})); }, errc::format));
    auto const two = zip_of({{"a.npy", npy}, {"b.npy", npy}});
    CHECK(fails([&] { parse(replaced(two, "b.npy", "a.npy")); }, errc::format));
    CHECK(fails([] { parse("no archive at all"); }, errc::format));
}

TEST_CASE("npz: damage") {
    auto const load = [](auto const& path) { io::load_npz<float>(path); };
    xcim::test::check_no_file(load);
    for (auto const how : {io::packing::stored, io::packing::deflated}) {
        auto const content = npz({{"a", {1, 2}}, {"b", {3}}}, how);
        xcim::test::check_every_truncation(content, load);
        xcim::test::check_flipped_bytes(content, content.size(), load, 1000);
        auto changed = content;  // a wrong checksum
        changed[changed.find("NUMPY") == std::string::npos ? 50 : changed.find("NUMPY") + 130] ^= 1;
        CHECK(fails([&] { parse(changed); }, errc::format));
    }
}
