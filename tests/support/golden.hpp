#pragma once

/// \file
/// The golden cases of ASiM (Keio-CSG/ASiM; arXiv 2411.11022, 2024): folders with a configuration and tensors. A folder
/// is read as it is, so further cases of known kinds are tested without a change.

#include <doctest/doctest.h>

#include <tests/support/tensors.hpp>
#include <xcim/io/npy.hpp>
#include <xcim/testing/macro.hpp>
#include <xcim/xcim.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace xcim::test {

/// One folder: its configuration and tensors.
struct golden_case {
    std::filesystem::path folder;
    nlohmann::json config;

    [[nodiscard]] std::string kind() const { return config.at("kind"); }
    [[nodiscard]] bool is_convolution() const { return kind().starts_with("conv2d"); }
    [[nodiscard]] int integer(char const* name) const { return config.at(name).get<int>(); }
    /// The number of this name, or `otherwise` where it is missing or null.
    template <class T>
    [[nodiscard]] T value(char const* name, T otherwise) const {
        return config.contains(name) && !config.at(name).is_null() ? config.at(name).get<T>() : otherwise;
    }
    [[nodiscard]] tensor load(char const* name) const {
        return io::load_npy<float>(folder / (std::string(name) + ".npy"));
    }
    [[nodiscard]] xt::xarray<std::int32_t> integers(char const* name) const {
        return io::load_npy<std::int32_t>(folder / (std::string(name) + ".npy"));
    }
};

/// All cases that say their kind, in the order of their names.
inline std::vector<golden_case> all_cases_of(std::filesystem::path const& folder) {
    std::vector<golden_case> cases;
    for (auto const& entry : std::filesystem::directory_iterator{folder}) {
        std::ifstream file{entry.path() / "case.json"};
        if (!file) {
            continue;
        }
        golden_case c{entry.path(), nlohmann::json::parse(file)};
        if (c.config.contains("kind")) {
            cases.push_back(std::move(c));
        }
    }
    std::ranges::sort(cases, {}, [](golden_case const& c) { return c.folder; });
    return cases;
}

/// Those whose kind is in `kinds`.
inline std::vector<golden_case> cases_of(std::filesystem::path const& folder, std::vector<std::string> const& kinds) {
    auto cases = all_cases_of(folder);
    std::erase_if(cases, [&](golden_case const& c) { return std::ranges::find(kinds, c.kind()) == kinds.end(); });
    return cases;
}

/// ASiM's quantiser of unsigned tensors: negative values become 0.
inline auto asim_unsigned(int bits) { return quant::unsigned_range{bits}.clipping_negatives(); }

inline double largest_difference(tensor const& a, tensor const& b) {
    REQUIRE(shape_of(a) == shape_of(b));
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        worst = std::max(worst, std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i])));
    }
    return worst;
}

/// Elements whose code is not ASiM's.
template <class Quantiser>
std::size_t other_codes(Quantiser const& quantiser, tensor const& t, xt::xarray<std::int32_t> const& right) {
    auto const q = testing::quantise(quantiser, xcim::ref(t));
    REQUIRE(q.codes.size() == right.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < q.codes.size(); ++i) {
        count += q.codes[i] == right.data()[i] ? 0U : 1U;
    }
    return count;
}

}  // namespace xcim::test
