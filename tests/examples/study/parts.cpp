/// The parts of xcim-study: intervals, stored results, counts of conversions, operands of layers.

#include "../../../examples/study/evaluate.hpp"
#include "../../../examples/study/layers.hpp"
#include "../../../examples/study/results.hpp"
#include "../../../examples/study/subject.hpp"
#include "../../support/shared.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

study::settings small_settings() {
    study::settings chosen;
    chosen.images = 4;
    chosen.batch = 4;
    return chosen;
}

}  // namespace

TEST_CASE("Wilson's interval") {
    auto const [low, high] = study::interval(50, 100);
    CHECK(low == doctest::Approx(40.38).epsilon(1e-3));
    CHECK(high == doctest::Approx(59.62).epsilon(1e-3));
    CHECK(study::interval(0, 10).first == doctest::Approx(0));
    CHECK(study::interval(0, 10).second == doctest::Approx(27.75).epsilon(1e-3));
    CHECK(study::interval(100, 10).first == doctest::Approx(72.25).epsilon(1e-3));
}

TEST_CASE("a sigma in steps of the converter, in percent of full scale") {
    CHECK(study::percent_of(0.255, 8) == doctest::Approx(0.1));
    CHECK(study::percent_of(1, 1) == doctest::Approx(100));
}

TEST_CASE("stored points are found again, others are not") {
    auto const folder = fs::temp_directory_path() / ("xcim-study-test-" + std::to_string(std::rand()));
    study::point one{"resnet20", 100, 50, 1, {}};
    one.macro.noise = study::noise_kind::non_linearity;
    one.macro.sigma_percent = study::percent_of(0.7, 8);
    one.macro.top = study::reading::without_noise;
    one.macro.levels = 3;
    auto stored = study::results{folder, false};
    stored.add({one, {50, 60, std::numeric_limits<double>::infinity(), 0.25}, 1.5});
    auto const resumed = study::results{folder, true};
    auto const* const found = resumed.find(one);
    REQUIRE(found != nullptr);
    CHECK(found->quality.accuracy_percent == 50);
    CHECK(std::isinf(found->quality.sqnr_db));
    CHECK(found->seconds == 1.5);
    for (auto change : {+[](study::point& p) { p.seed = 2; }, +[](study::point& p) { p.images = 99; },
                        +[](study::point& p) { p.macro.levels = 4; },
                        +[](study::point& p) { p.macro.top = study::reading::digital; }}) {
        auto other = one;
        change(other);
        CHECK(resumed.find(other) == nullptr);
    }
    CHECK(study::results{folder, false}.find(one) == nullptr);
    fs::remove_all(folder);
}

TEST_CASE("conversions of the digits network") {
    auto const net = study::subject{"digits", small_settings()};
    // conv2: 28 x 14 x 14 outputs, conv3: 56 x 4 x 4, linear: 10 outputs in 4 tiles; 8 x 8 bits
    auto const bit_serial = study::count_conversions(net, {});
    CHECK(bit_serial == (28 * 196 + 56 * 16 + 10 * 4) * 64);
    CHECK(study::count_conversions(net, {.encoding = 4}) == bit_serial / 4);
}

TEST_CASE("a design gives the same outcome on one thread and on three") {
    auto chosen = small_settings();
    auto const net = study::subject{"digits", chosen};
    auto const folder = fs::temp_directory_path() / ("xcim-study-test-" + std::to_string(std::rand()));
    auto const logit_errors = [&](int threads) {
        chosen.threads = threads;
        auto fresh = study::results{folder, false};
        std::vector<double> errors;
        for (auto const& one : study::evaluate(net,
                                               {{.sigma_percent = 0.5},
                                                {.sigma_percent = 0.5, .top = study::reading::digital, .levels = 3},
                                                {.encoding = 2, .sigma_percent = 0.5}},
                                               chosen, fresh)) {
            errors.push_back(one.quality.rms_logit_error);
        }
        return errors;
    };
    auto const errors = logit_errors(1);
    CHECK(errors == logit_errors(3));
    CHECK(errors[1] < errors[0]);  // digital top cycles help
    fs::remove_all(folder);
}

TEST_CASE("recorded scores are the softmax of the recorded Q and K") {
    auto const data = xcim::test::shared_or_skip("data/models/vit_cifar10");
    if (!data) {
        return;
    }
    auto chosen = small_settings();
    chosen.data = data->parent_path().parent_path();
    auto const net = study::subject{"vit", chosen};
    auto const seen = study::record_layers(net, 2).attention;
    REQUIRE(seen.size() == 6 * 6);  // operands of blocks
    for (std::size_t block = 0; block < 6; ++block) {
        auto const& q = seen[6 * block + 2].values;
        auto const& k = seen[6 * block + 3].values;
        auto const& scores = seen[6 * block + 5].values;
        REQUIRE(scores.shape(0) == 2 * 8);  // images and heads
        auto const tokens = q.shape(1), width = q.shape(2);
        auto const product = [&](std::size_t head, std::size_t query, std::size_t key) {
            auto sum = 0.0;
            for (std::size_t d = 0; d < width; ++d) {
                sum += double{q(head, query, d)} * double{k(head, key, d)};
            }
            return std::exp(sum / std::sqrt(static_cast<double>(width)));
        };
        for (std::size_t head = 0; head < 16; head += 5) {
            auto total = 0.0;
            for (std::size_t key = 0; key < tokens; ++key) {
                total += product(head, 7, key);
            }
            CHECK(double{scores(head, 7, 3)} == doctest::Approx(product(head, 7, 3) / total).epsilon(1e-4));
        }
    }
}
