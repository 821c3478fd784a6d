#pragma once

/// \file
/// Finished design points, in memory and in points.csv of the output folder.

#include "design.hpp"

#include "../explore/evaluate.hpp"

#include <xcim/io.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace study {

/// Everything that a result depends on.
struct point {
    std::string network;
    std::size_t images = 0;
    std::size_t batch = 0;
    std::uint64_t seed = 0;
    design macro;

    friend bool operator==(point const&, point const&) = default;
};

struct outcome {
    point what;
    explore::score quality;
    double seconds = 0;
};

/// Wilson's 95 % interval of a share, both in percent.
std::pair<double, double> interval(double percent, std::size_t count);

/// A line an outcome, with the interval of the accuracy.
xcim::io::table make_table(std::vector<outcome> const& outcomes);

class results {
public:
    /// Creates the folder; with `is_resumed` takes over the points already in it.
    results(std::filesystem::path folder, bool is_resumed);

    /// Nothing where it has not been done.
    [[nodiscard]] outcome const* find(point const& what) const;

    /// Adds a point and writes the CSV, so that nothing is lost whatever happens next.
    void add(outcome one);

private:
    std::filesystem::path file_;
    std::vector<outcome> outcomes_;
};

}  // namespace study
