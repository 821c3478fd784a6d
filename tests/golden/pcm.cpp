/// \file
/// Phase-change memory against moments by quadrature of its published model: means, deviations and shares of devices
/// without conductance, just programmed and later; deviations of nanosecond reads.

#include <doctest/doctest.h>

#include <tests/support/shared.hpp>
#include <tests/unit/cell/devices.hpp>
#include <xcim/cell/pcm.hpp>
#include <xcim/io/npy.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace xcim;

constexpr double pcm_us = 1e-6;

struct pcm_case {
    std::filesystem::path folder;
    nlohmann::json config;

    [[nodiscard]] auto load(char const* name) const {
        return io::load_npy<double>(folder / (std::string(name) + ".npy"));
    }
};

/// The folder itself and those inside it, where they hold a case.
std::vector<pcm_case> pcm_cases(std::filesystem::path const& folder) {
    std::vector<std::filesystem::path> folders{folder};
    for (auto const& entry : std::filesystem::directory_iterator{folder}) {
        if (entry.is_directory()) {
            folders.push_back(entry.path());
        }
    }
    std::vector<pcm_case> cases;
    for (auto const& f : folders) {
        if (std::ifstream file{f / "case.json"}; file) {
            cases.push_back({f, nlohmann::json::parse(file)});
        }
    }
    return cases;
}

struct pcm_sample {
    double mean;
    double deviation;
    double zeros;
};

pcm_sample moments_us(std::vector<double> const& conductances) {
    double sum = 0;
    double zeros = 0;
    for (double const g : conductances) {
        sum += g / pcm_us;
        zeros += g == 0 ? 1 : 0;
    }
    auto const n = static_cast<double>(conductances.size());
    double squares = 0;
    for (double const g : conductances) {
        squares += (g / pcm_us - sum / n) * (g / pcm_us - sum / n);
    }
    return {sum / n, std::sqrt(squares / (n - 1)), zeros / n};
}

}  // namespace

TEST_CASE("cell::pcm has the moments of the model at every target and time") {
    auto const folder = test::shared_or_skip("golden/pcm");
    if (!folder) {
        return;
    }
    auto const cases = pcm_cases(*folder);
    CHECK(!cases.empty());
    for (auto const& c : cases) {
        CAPTURE(c.folder.filename().string());
        auto const targets = c.load("g_target_us");  // (targets)
        auto const means = c.load("mean_us");        // (times, targets)
        auto const deviations = c.load("std_us");    // (times, targets)
        auto const zeros = c.load("p_zero");         // (times, targets)
        std::vector<double> const times = c.config.at("times_s");
        auto const law = cell::nandakumar_2019();
        CHECK(law.first_read == c.config.at("t0_s").get<double>());
        CHECK(law.read_bandwidth == c.config.at("t_read_s").get<double>());
        double const g_max = c.config.at("g_max_us").get<double>() * pcm_us;
        std::size_t const devices = 100'000;
        auto const n = static_cast<double>(devices);
        for (std::size_t k = 0; k < times.size(); ++k) {
            test::device_normals const normals{cell::pcm::draws, cell::pcm::reading_draws, devices, k};
            for (std::size_t j = 0; j < targets.size(); ++j) {
                CAPTURE(times[k]);
                CAPTURE(targets(j));
                double const g = targets(j) * pcm_us;
                // The target is the lowest level, or the highest where it is the largest conductance.
                int const level = g < g_max ? 0 : 1;
                cell::pcm const cell{.g_max = g_max, .g_min = level == 0 ? g : 0, .time = times[k]};
                auto const found = moments_us(test::conductances_of(cell, level, 2, normals));
                CHECK(std::abs(found.mean - means(k, j)) < 5 * deviations(k, j) / std::sqrt(n));
                CHECK(std::abs(found.deviation / deviations(k, j) - 1) < 0.01);
                double const p = zeros(k, j);
                CHECK(std::abs(found.zeros - p) <= 5 * std::sqrt(p * (1 - p) / n) + 1 / n);
            }
        }
    }
}

TEST_CASE("cell::pcm has the laws of the model at every target") {
    auto const folder = test::shared_or_skip("golden/pcm");
    if (!folder) {
        return;
    }
    auto const law = cell::nandakumar_2019();
    auto const cases = pcm_cases(*folder);
    CHECK(!cases.empty());
    for (auto const& c : cases) {
        auto const targets = c.load("g_target_us");        // (targets)
        auto const programming = c.load("prog_sigma_us");  // (targets)
        auto const drift_means = c.load("nu_mean");        // (targets)
        auto const drift_deviations = c.load("nu_sigma");  // (targets)
        double const g_max = c.config.at("g_max_us").get<double>() * pcm_us;
        for (std::size_t j = 0; j < targets.size(); ++j) {
            double const g = targets(j) * pcm_us;
            CHECK(law.programming_deviation(g, g_max) / pcm_us == test::relative(programming(j)).epsilon(1e-12));
            CHECK(law.drift_mean(g / g_max) == test::relative(drift_means(j)).epsilon(1e-12));
            CHECK(law.drift_deviation(g / g_max) == test::relative(drift_deviations(j)).epsilon(1e-12));
        }
    }
}

TEST_CASE("cell::pcm_pulse_noise is the table of nanosecond reads") {
    auto const folder = test::shared_or_skip("golden/pcm");
    if (!folder) {
        return;
    }
    auto const cases = pcm_cases(*folder);
    CHECK(!cases.empty());
    for (auto const& c : cases) {
        auto const targets = c.load("g_target_us");       // (targets)
        auto const durations = c.load("read_t_int_ns");   // (durations)
        auto const deviations = c.load("read_sigma_us");  // (durations, targets)
        for (std::size_t m = 0; m < durations.size(); ++m) {
            auto const noise = cell::pcm_pulse_noise(durations(m) * 1e-9);
            for (std::size_t j = 0; j < targets.size(); ++j) {
                CHECK(noise.deviation(targets(j) * pcm_us) / pcm_us == test::relative(deviations(m, j)).epsilon(1e-12));
            }
        }
        // The same as variances of a cell's reads, term by term.
        double const g_max = c.config.at("g_max_us").get<double>() * pcm_us;
        for (std::size_t m = 0; m < durations.size(); ++m) {
            cell::pcm const cell{.g_max = g_max, .pulse_unit = durations(m) * 1e-9};
            auto const drives = cell.read_drives_of(1);
            for (std::size_t j = 0; j < targets.size(); ++j) {
                double const step = cell.conductance_step(128);
                auto const terms = cell.read_terms_of(static_cast<float>(targets(j) * pcm_us / step), 128);
                double variance = 0;
                for (std::size_t i = 0; i < terms.size(); ++i) {
                    variance += static_cast<double>(terms[i]) * static_cast<double>(drives[i]);
                }
                CHECK(std::sqrt(variance) * step / pcm_us == test::relative(deviations(m, j)).epsilon(1e-6));
            }
        }
    }
}
