/// The parts of xcim-explore: arguments, data, scores, results.

#include "../../../examples/explore/command_line.hpp"
#include "../../../examples/explore/data.hpp"
#include "../../../examples/explore/evaluate.hpp"
#include "../../../examples/explore/results.hpp"
#include "../../../examples/explore/settings.hpp"
#include "../../support/shared.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

namespace {

namespace fs = std::filesystem;
using explore::usage_error;

explore::settings parse(std::vector<std::string> const& arguments) {
    return std::get<explore::settings>(explore::parse_command_line(arguments));
}

networks::tensor tensor_of(std::vector<std::size_t> const& shape, std::vector<float> const& values) {
    auto result = networks::make_tensor(shape);
    std::copy(values.begin(), values.end(), result.data());
    return result;
}

/// An empty folder that is removed at the end.
struct scratch_folder {
    fs::path path = fs::temp_directory_path() / ("xcim-explore-test-" + std::to_string(std::rand()));

    scratch_folder() { fs::create_directories(path); }
    ~scratch_folder() { fs::remove_all(path); }
};

}  // namespace

TEST_CASE("lists of numbers") {
    CHECK(explore::parse_integers("--adc", "4:7") == std::vector{4, 5, 6, 7});
    CHECK(explore::parse_integers("--adc", "8,4:5,8") == std::vector{8, 4, 5});
    CHECK(explore::parse_reals("--noise", "0,0.1") == std::vector{0.0, 0.1});
    CHECK(explore::parse_reals("--noise", "0:0.3:0.1") == std::vector{0.0, 0.1, 0.2, 0.3});
    for (auto const* text : {"", "x", "4:", "7:4", "1:2:3", "4,", "4.5", "0:2000"}) {
        CHECK_THROWS_AS(explore::parse_integers("--adc", text), usage_error);
    }
    for (auto const* text : {"", "x", "0:1", "0:1:0", "1:0:0.1", "0:1:0.1:2"}) {
        CHECK_THROWS_AS(explore::parse_reals("--noise", text), usage_error);
    }
}

TEST_CASE("arguments") {
    auto const usual = parse({});
    CHECK(usual.network == "digits");
    CHECK(usual.set == "digits");
    CHECK(explore::grid(usual).size() == usual.adc.size() * usual.encoding.size() * usual.noise.size());
    CHECK(parse({"--network", "resnet20"}).set == "lossless");
    CHECK(parse({"--images", "all"}).use_all_images);
    CHECK(parse({"--images", "7"}).images == 7U);
    CHECK(std::holds_alternative<explore::message>(explore::parse_command_line({"--help"})));
    for (std::vector<std::string> const& wrong : {std::vector<std::string>{"--adc", "0"},
                                                  {"--encoding", "9"},
                                                  {"--noise", "101"},
                                                  {"--rows", "8"},
                                                  {"--weight-bits", "1"},
                                                  {"--images", "0"},
                                                  {"--batch", "0"},
                                                  {"--threads", "0"},
                                                  {"--network", "other"},
                                                  {"--nonsense"},
                                                  {"--adc"},
                                                  {"--noise", "nan"}}) {
        CHECK_THROWS_AS(explore::parse_command_line(wrong), usage_error);
    }
}

TEST_CASE("scores") {
    auto const reference = tensor_of({2, 3}, {3, 0, 0, 0, 4, 0});
    auto const exact = explore::rate(reference, reference, {0, 2});
    CHECK(exact.accuracy_percent == 50);
    CHECK(exact.agreement_percent == 100);
    CHECK(std::isinf(exact.sqnr_db));
    auto const other = explore::rate(tensor_of({2, 3}, {3, 0, 0, 5, 4, 0}), reference, {0, 2});
    CHECK(other.agreement_percent == 50);
    CHECK(other.sqnr_db == doctest::Approx(0.0));  // 25 of signal, 25 of error
    CHECK(other.rms_logit_error == doctest::Approx(std::sqrt(25.0 / 6)));
}

TEST_CASE("conversions per image follow from the layers") {
    auto const chosen = parse({});
    auto const net = explore::model{chosen};
    auto const images = networks::make_tensor({1, 1, 28, 28});
    // conv2: 28 x 14 x 14 outputs, conv3: 56 x 4 x 4, linear: 10 outputs in 4 tiles; 8 x 8 bits
    CHECK(explore::count_conversions(net, images, {8, 1, 0.0}, chosen) == (28 * 196 + 56 * 16 + 10 * 4) * 64);
    CHECK(explore::count_conversions(net, images, {8, 3, 0.0}, chosen) == (28 * 196 + 56 * 16 + 10 * 4) * 8 * 3);
    auto const narrow = parse({"--rows", "18"});  // 2 channels a tile, 18 inputs a tile
    CHECK(explore::count_conversions(net, images, {8, 1, 0.0}, narrow) == (28 * 196 * 8 + 56 * 16 * 14 + 10 * 50) * 64);
}

TEST_CASE("a run with noise gives the same logits with any number of threads") {
    auto chosen = parse({"--images", "20"});
    auto const net = explore::model{chosen};
    auto const images = net.prepare(explore::load_data(chosen).images);
    auto const logits = [&](int threads) {
        chosen.threads = threads;
        auto const backend = explore::make_macro_backend({6, 2, 0.5}, chosen);
        return *explore::run_network(net, *backend, images, 10, 0, [](std::size_t) { return true; });
    };
    CHECK(logits(1) == logits(3));
}

TEST_CASE("an interrupted run returns nothing") {
    auto const chosen = parse({"--images", "4"});
    auto const net = explore::model{chosen};
    auto const images = net.prepare(explore::load_data(chosen).images);
    auto backend = explore::backend_box{networks::float_backend{}};
    CHECK_FALSE(explore::run_network(net, backend, images, 2, 0, [](std::size_t) { return false; }));
}

TEST_CASE("results are kept, taken up again, and refused where the settings differ") {
    auto const folder = scratch_folder{};
    auto chosen = parse({"--out", folder.path.string()});
    {
        auto first = explore::results{chosen, 300, 97.0};
        first.add({{8, 1, 0.1}, {90, 91, 12.5, 0.3}, 1000, 0.5, ""});
        first.add({{4, 2, 0}, {10, 11, -INFINITY, 3}, 500, 0.25, "0123"});
    }
    chosen.is_resumed = true;
    auto second = explore::results{chosen, 300, 97.0};
    CHECK(second.all().size() == 2);
    CHECK(second.contains({8, 1, 0.1}));
    CHECK(second.contains({4, 2, 0}));
    CHECK_FALSE(second.contains({8, 2, 0.1}));
    CHECK(second.all()[0].quality.sqnr_db == 12.5);
    CHECK(second.all()[1].predictions == "0123");
    CHECK_THROWS_AS((explore::results{chosen, 200, 97.0}), usage_error);
    chosen.seed = 2;
    CHECK_THROWS_WITH_AS((explore::results{chosen, 300, 97.0}), doctest::Contains("seed"), usage_error);
    chosen.is_resumed = false;
    CHECK(explore::results{chosen, 300, 97.0}.all().empty());
}

TEST_CASE("data sets that are not there") {
    CHECK_THROWS_AS(explore::load_data(parse({"--set", "nowhere"})), usage_error);
    CHECK_THROWS_AS(explore::load_data(parse({"--set", "asim500"})), usage_error);
    CHECK_THROWS_AS(explore::model{parse({"--network", "resnet20"})}, usage_error);
}

TEST_CASE("data sets") {
    auto const folder = xcim::test::shared_or_skip("data");
    if (!folder) {
        return;
    }
    auto const load = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--data", folder->string()});
        return explore::load_data(parse(arguments));
    };
    for (auto const* set : {"test", "lossless", "data_batch_1", "train_lossless_2", "test_lossless_1000", "asim500"}) {
        auto const data = load({"--set", set, "--first", "10", "--images", "3"});
        CHECK_MESSAGE(data.images.shape(1) == 3, set);
        CHECK_MESSAGE(data.labels.size() == 3, set);
    }
    CHECK(load({"--set", "mnist", "--images", "5"}).labels == std::vector{7, 2, 1, 0, 4});
    CHECK(load({"--set", "t10k-images-idx3-ubyte", "--images", "all"}).labels.size() == 10000);
    CHECK(load({"--set", (*folder / "cifar10/test_batch.bin").string(), "--images", "2"}).labels.size() == 2);
    CHECK(load({"--set", "asim500", "--images", "12", "--first", "9"}).labels.front() == 9);  // a truck
    CHECK_THROWS_AS(load({"--set", "lossless", "--images", "1001"}), usage_error);
    CHECK_THROWS_AS(load({"--set", "lossless", "--images", "all", "--first", "1000"}), usage_error);
}
