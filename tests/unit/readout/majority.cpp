#include <doctest/doctest.h>

#include <xcim/adc/uniform.hpp>
#include <xcim/noise/gaussian.hpp>
#include <xcim/readout/majority.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

using namespace xcim;

namespace {

/// The value voted for by converting `sum` with each of these noises, in cell-LSB, steps of 1.
double voted(readout::vote by, float sum, std::vector<float> const& noises) {
    column_context context;
    context.full_scale = 255;
    auto const adc = adc::uniform{8}.prepare(context);
    auto const kernels = readout::majority{3, static_cast<int>(noises.size()), by}.kernels(
        column_stages{noise::gaussian{in_cell_lsb(1)}.prepare(context), adc, adc});
    auto const& kernel = std::get<1>(kernels);
    CHECK(kernel.draws == static_cast<int>(noises.size()));
    return static_cast<double>(kernel(sum, lane<float>{noises.data(), 1})) * kernel.step;
}

std::vector<int> codes_of(float sum, std::vector<float> const& noises) {
    std::vector<int> codes;
    for (float const z : noises) {
        codes.push_back(static_cast<int>(std::clamp(std::nearbyint(sum + z), 0.0F, 255.0F)));
    }
    std::sort(codes.begin(), codes.end());
    return codes;
}

}  // namespace

TEST_CASE("readout::majority: mode with ties to the smaller code, lower median, mean") {
    CHECK(voted(readout::vote::mode, 10, {0, 0, 1, 1, 5}) == 10.0);
    CHECK(voted(readout::vote::mode, 10, {3, 1, 3, 1, -9}) == 11.0);
    CHECK(voted(readout::vote::mode, 10, {4, 3, 2}) == 12.0);
    CHECK(voted(readout::vote::median, 10, {5, -5, 1}) == 11.0);
    CHECK(voted(readout::vote::median, 10, {5, -5, 1, 2}) == 11.0);
    CHECK(voted(readout::vote::mean, 10, {1, 2, 3, 0}) == 11.5);
    CHECK(voted(readout::vote::mode, 10, {2}) == 12.0);
}

TEST_CASE("readout::majority against counting and sorting") {
    std::mt19937 engine{5};
    for (int round = 0; round < 300; ++round) {
        std::vector<float> noises(static_cast<std::size_t>(1 + round % 15));
        for (float& z : noises) {
            z = static_cast<float>(static_cast<int>(engine() % 7)) - 3.0F;
        }
        auto const codes = codes_of(100, noises);
        std::map<int, int> votes;
        int mode = codes[0];
        double sum = 0;
        for (int const c : codes) {  // ascending: a later code needs more votes
            sum += c;
            if (++votes[c] > votes[mode]) {
                mode = c;
            }
        }
        // Of equal counts the smallest: the ascending pass may have stayed at a code that another one only equals.
        for (auto const& [code, count] : votes) {
            if (count == votes[mode] && code < mode) {
                mode = code;
            }
        }
        CHECK(voted(readout::vote::mode, 100, noises) == mode);
        CHECK(voted(readout::vote::median, 100, noises) == codes[(codes.size() - 1) / 2]);
        CHECK(voted(readout::vote::mean, 100, noises) ==
              doctest::Approx(sum / static_cast<double>(codes.size())).epsilon(1e-12));
    }
}

TEST_CASE("readout::majority: ways, conversions, ranges") {
    readout::majority const m{2, 5};
    CHECK(m.way_of({7, 8, 7, 8}) == 1);
    CHECK(m.way_of({6, 8, 6, 8}) == 0);
    CHECK(m.conversions_of({7, 8, 6, 8}) == 5);
    CHECK(m.conversions_of({0, 8, 0, 8}) == 1);
    CHECK(readout::majority{33, 5}.wrong() == "readout::majority.levels is 33; 0 to 32 are possible");
    CHECK(readout::majority{3, 16}.wrong() == "readout::majority.samples is 16; 1 to 15 are possible");
    CHECK(to_string(m) == "majority, 2 levels, mode of 5");
}
