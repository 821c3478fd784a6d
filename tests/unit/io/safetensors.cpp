#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <tests/support/shared.hpp>
#include <xcim/io/safetensors.hpp>

namespace io = xcim::io;
using namespace std::string_literals;
using xcim::errc;
using xcim::test::error_of;
using xcim::test::fails;

namespace {

using shape = std::vector<std::size_t>;

template <class T>
shape shape_of(xt::xarray<T> const& array) {
    return {array.shape().begin(), array.shape().end()};
}

template <class T>
bool holds(xt::xarray<T> const& array, std::vector<T> const& elements) {
    return std::ranges::equal(array.storage(), elements);
}

std::string file(std::string const& header, std::string const& data = "") {
    auto const length = std::uint64_t{header.size()};
    return std::string{std::bit_cast<std::array<char, 8>>(length).data(), 8} + header + data;
}

std::string entry(std::string const& dtype, std::string const& extents, std::string const& offsets) {
    return R"({"dtype":")" + dtype + R"(","shape":)" + extents + R"(,"data_offsets":)" + offsets + "}";
}

template <class T = float>
io::basic_tensors<T> parse(std::string const& content) {
    auto const folder = xcim::test::temporary_folder{};
    xcim::test::write(folder / "a.safetensors", content);
    return io::load_safetensors_as<T>(folder / "a.safetensors");
}

/// One tensor "a" of one axis that fills `data`.
template <class T = float>
xt::xarray<T> one(std::string const& dtype, std::size_t count, std::string const& data) {
    return parse<T>(
               file("{\"a\":" +
                        entry(dtype, "[" + std::to_string(count) + "]", "[0," + std::to_string(data.size()) + "]") +
                        "}",
                    data))
        .at("a");
}

std::map<std::string, xt::xarray<float>> example() {
    return {{"conv1.weight", {{1, 2}, {3, 4}}},
            {"conv1.bias", {0.5F}},
            {"empty", xt::xarray<float>::from_shape({0, 3})},
            {"scalar", xt::xarray<float>(shape{}, 7.0F)}};
}

}  // namespace

TEST_CASE("safetensors: what is saved loads again") {
    auto const folder = xcim::test::temporary_folder{};
    auto const path = folder / "a.safetensors";
    io::save_safetensors(path, example(), {{"format", "pt"}});
    auto const loaded = io::load_safetensors(path);
    CHECK(folder.number_of_files() == 1);
    CHECK(loaded.metadata() == std::map<std::string, std::string>{{"format", "pt"}});
    CHECK(loaded.size() == 4);
    auto names = std::string{};
    for (auto const& [name, array] : loaded) {
        names += name + " ";
        CHECK(shape_of(array) == shape_of(example().at(name)));
        CHECK(std::ranges::equal(array.storage(), example().at(name).storage()));
    }
    CHECK(names == "conv1.bias conv1.weight empty scalar ");

    auto const first = xcim::test::read(path);
    CHECK(static_cast<unsigned char>(first[0]) % 8 == 0);
    io::save_safetensors(path, loaded);
    CHECK(xcim::test::read(path) == first);
    io::save_safetensors(path, {});
    CHECK(io::load_safetensors(path).empty());
    io::save_safetensors(path, std::map<std::string, xt::xarray<std::int64_t>>{{"a", {-5, 7}}});
    CHECK(holds(io::load_safetensors_as<std::int64_t>(path)["a"], {-5, 7}));
    CHECK(holds(io::load_safetensors(path)["a"], {-5, 7}));

    CHECK(fails([&] { io::save_safetensors(path, {{"__metadata__", {1}}}); }, errc::value));
    CHECK(fails([&] { io::save_safetensors(path, {{"\xff", {1}}}); }, errc::value));
    CHECK(fails([&] { io::save_safetensors(folder / "missing/a", example()); }, errc::file));
}

TEST_CASE("safetensors: a name that is missing") {
    auto const tensors = io::tensors{example()};
    CHECK(tensors.contains("conv1.bias"));
    CHECK_FALSE(tensors.contains("conv2.bias"));
    CHECK(&tensors["conv1.bias"] == &tensors.at("conv1.bias"));
    auto const problem = error_of([&] { static_cast<void>(tensors.at("conv1.wieght")); });
    CHECK(problem.code == errc::format);
    CHECK(problem.says("'conv1.wieght'"));
    CHECK(problem.says("['conv1.weight'"));
    CHECK(fails([&] { static_cast<void>(io::tensors{}["a"]); }, errc::format));
}

TEST_CASE("safetensors: element types") {
    CHECK(holds(one("F32", 1, "\0\0\xc0\x3f"s), {1.5F}));
    CHECK(holds(one("F64", 1, "\0\0\0\0\0\0\xf8\x3f"s), {1.5F}));
    CHECK(holds(one("F16", 2, "\0\x3e\1\0"s), {1.5F, 0x1p-24F}));
    CHECK(holds(one("BF16", 2, "\xc0\x3f\x80\xff"s), {1.5F, -std::numeric_limits<float>::infinity()}));
    CHECK(holds(one("I8", 2, "\x80\x7f"), {-128, 127}));
    CHECK(holds(one("U8", 2, "\x80\xff"), {128, 255}));
    CHECK(holds(one("I16", 1, "\0\x80"s), {-32768}));
    CHECK(holds(one("U16", 1, "\0\x80"s), {32768}));
    CHECK(holds(one("I32", 1, "\0\0\0\1"s), {0x1p24F}));
    CHECK(holds(one("U32", 1, "\0\0\0\x80"s), {0x1p31F}));
    CHECK(holds(one("I64", 1, "\xff\xff\xff\xff\xff\xff\xff\xff"), {-1}));
    CHECK(holds(one("U64", 1, "\0\0\0\0\0\0\0\x80"s), {0x1p63F}));
    CHECK(holds(one("BOOL", 2, "\0\1"s), {0, 1}));
    auto const problem = error_of([] { one("I32", 2, "\0\0\0\1\1\0\0\1"s); });
    CHECK(problem.code == errc::format);
    CHECK(problem.says("tensor 'a'"));
    CHECK(problem.says("element (1,) is 16777217"));
    CHECK(holds(one<double>("I32", 1, "\1\0\0\1"s), {16777217.0}));
    CHECK(holds(one<int>("I8", 1, "\xff"), {-1}));
    CHECK(fails([] { one<unsigned>("I8", 1, "\xff"); }, errc::format));
    CHECK(fails([] { one("F64", 1, "\0\0\0\0\0\0\xf0\x7e"s); }, errc::format));  // beyond float
    CHECK(fails([] { one("BOOL", 1, "\2"); }, errc::format));
    CHECK(error_of([] { one("F8_E4M3", 1, "\2"); }).says("'F8_E4M3'"));
}

TEST_CASE("safetensors: a header that is wrong is refused") {
    auto const good = entry("U8", "[4]", "[0,4]");
    auto const data = "abcd"s;
    CHECK(parse(file("{\"a\":" + good + "}   ", data)).size() == 1);
    auto const refuses = [&](std::string header) {
        std::ranges::replace(header, '\'', '"');
        for (auto at = header.find('@'); at != std::string::npos; at = header.find('@'))
            header.replace(at, 1, good);
        CAPTURE(header.substr(0, 200));
        CHECK(fails([&] { parse(file(header, data)); }, errc::format));
    };
    for (
        auto const* const header : {
            "",
            " {'a':@}",
            "[@]",
            "{'a':@",
            "{'a':@}}",
            "{'a':@,'a':@}",
            "{'\xff':@}",
            "{'a':5}",
            "{'a':{}}",
            "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4],'more':1}}",
            "{'a':{'dtype':'U8','dtype':'U8','shape':[4],'data_offsets':[0,4]}}",
            "{'a':{'dtype':8,'shape':[4],'data_offsets':[0,4]}}",
            "{'a':@,'b':@}",  // the same bytes twice
            "{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]},'b':{'dtype':'U8','shape':[3],'data_offsets':[1,4]}}",
            "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'b':{'dtype':'U8','shape':[2],'data_offsets':[2,4]}}",
            "{'a':@,'__metadata__':{'x':1}}",
            "{'a':@,'__metadata__':[]}",
        })
        refuses(header);
    for (auto const& [dtype, extents, offsets] : std::vector<std::array<char const*, 3>>{
             {"u8", "[4]", "[0,4]"},
             {"U8", "4", "[0,4]"},
             {"U8", "[-4]", "[0,4]"},
             {"U8", "[4.0]", "[0,4]"},
             {"U8", "['4']", "[0,4]"},
             {"U8", "[1152921504606846976]", "[0,1152921504606846976]"},
             {"U8", "[576460752303423488]", "[0,576460752303423488]"},
             {"U8", "[4294967296,4294967296]", "[0,4]"},
             {"U8", "[18446744073709551615]", "[0,18446744073709551615]"},
             {"U8", "[36893488147419103232]", "[0,4]"},
             {"U8", "[4]", "[0,5]"},
             {"U8", "[3]", "[0,3]"},
             {"U8", "[3]", "[1,4]"},
             {"U8", "[4]", "[4,0]"},
             {"U8", "[4]", "[4]"},
             {"U8", "[4]", "[0,2,4]"},
             {"U8", "[4]", "[-4,0]"},
             {"U16", "[4]", "[0,4]"},
         })
        refuses("{'a':" + entry(dtype, extents, offsets) + "}");
    refuses("{'a':@}\0"s);
    refuses("{'a':@}\0}"s);
    refuses("{'a':" + std::string(100'000, '[') + std::string(100'000, ']') + "}");
    CHECK(fails([] { parse("\xff\xff\xff\xff\xff\xff\xff\xff{}"); }, errc::format));
    CHECK(fails([] { parse("\0\0\0\0\0\0\0\x10{}"s); }, errc::format));
    CHECK(error_of([&] { parse(file("{\"a\":" + good + ",\"a\":" + good + "}", data)); }).says("'a' twice"));
    auto const split = "{\"b\":" + entry("U8", "[2]", "[0,2]") + ",\"a\":" + entry("U8", "[2]", "[2,4]") + "}";
    CHECK(holds(parse(file(split, data)).at("a"), {'c', 'd'}));
}

TEST_CASE("safetensors: damage") {
    auto const load = [](auto const& path) { io::load_safetensors(path); };
    auto const folder = xcim::test::temporary_folder{};
    io::save_safetensors(folder / "a", example(), {{"format", "pt"}});
    auto const content = xcim::test::read(folder / "a");
    xcim::test::check_no_file(load);
    xcim::test::check_every_truncation(content, load);
    xcim::test::check_flipped_bytes(content, content.size() - 24, load);
    xcim::test::write(folder / "a", content + "x");
    CHECK(fails([&] { load(folder / "a"); }, errc::format));
}

TEST_CASE("safetensors: weights of resnet20") {
    auto const path = xcim::test::shared_or_skip("data/models/resnet20_cifar10/resnet20_cifar10.safetensors");
    if (!path)
        return;
    auto const weights = io::load_safetensors(*path);
    CHECK(shape_of(weights.at("conv1.weight")) == shape{16, 3, 3, 3});
    CHECK(shape_of(weights.at("layer1.0.conv2.weight")) == shape{16, 16, 3, 3});
    CHECK(shape_of(weights.at("layer3.2.bn2.running_var")) == shape{64});
    CHECK(shape_of(weights.at("linear.weight")) == shape{10, 64});
    auto parameters = std::size_t{0};
    for (auto const& [name, array] : weights)
        if (!name.ends_with("running_mean") && !name.ends_with("running_var"))
            parameters += array.size();
    CHECK(parameters == 269'722);
    CHECK(error_of([&] { static_cast<void>(weights.at("layer1.0.conv3.weight")); }).says("'layer1.0.conv1.weight'"));
}

TEST_CASE("safetensors: every model loads, and is the same when written again") {
    for (auto const* const name :
         {"mlperf_tiny_kws_dscnn/kws_float_dequantised", "mlperf_tiny_resnet8/resnet8_float",
          "resnet20_cifar10/resnet20_cifar10_folded", "resnet20_cifar10_jpegft/resnet20_cifar10_jpegft_folded",
          "resnet20_crosssim_cifar10/resnet20_crosssim_cifar10", "stories260k/stories260k", "vit_cifar10/vit_cifar10",
          "vit_mnist/vit_mnist"}) {
        auto const path = xcim::test::shared_or_skip("data/models/"s + name + ".safetensors");
        if (!path)
            return;
        auto const folder = xcim::test::temporary_folder{};
        auto const weights = io::load_safetensors(*path);
        io::save_safetensors(folder / "again", weights);
        auto const again = io::load_safetensors(folder / "again");
        CHECK(weights.size() == again.size());
        CHECK(std::ranges::all_of(weights, [&](auto const& item) {
            auto const& other = again.at(item.first);
            return shape_of(item.second) == shape_of(other) &&
                   std::ranges::equal(item.second.storage(), other.storage());
        }));
    }
}

TEST_CASE("safetensors: int8 weights with int32 biases and float scales") {
    auto const path = xcim::test::shared_or_skip("data/models/mlperf_tiny_resnet8/resnet8_int8.safetensors");
    if (!path)
        return;
    auto const weights = io::load_safetensors(*path);
    auto const& codes = weights.at("conv0.weight_i8");
    CHECK(shape_of(codes) == shape{16, 3, 3, 3});
    CHECK(std::ranges::all_of(codes.storage(), [](float code) { return code >= -128 && code <= 127; }));
    CHECK(fails([&] { io::load_safetensors_as<std::int8_t>(*path); }, errc::format));  // scales are no integers
}
