#pragma once

/// \file
/// The finished design points, in memory and in the output folder: results.csv, results.json, settings.json.

#include "evaluate.hpp"
#include "settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace explore {

/// One finished design point.
struct outcome {
    design point;
    score quality;
    std::uint64_t conversions_per_image = 0;
    double seconds = 0;
    std::string predictions;  ///< one digit per image, or empty if not kept
};

class results {
public:
    /// `images` is how many are really used. Creates the folder; with --resume takes over the points already in it.
    /// Throws usage_error where these were made with other settings.
    results(settings const& chosen, std::size_t images, double float_accuracy_percent);

    [[nodiscard]] bool contains(design const& point) const;
    [[nodiscard]] std::vector<outcome> const& all() const { return outcomes_; }
    [[nodiscard]] double float_accuracy_percent() const { return float_accuracy_percent_; }

    /// Adds a point and writes the CSV, so that nothing is lost whatever happens next.
    void add(outcome one);

    /// Writes the CSV and the JSON, points in the order of the grid.
    void finish();

private:
    void resume();
    void write(bool with_json) const;

    settings chosen_;
    std::string settings_text_;
    double float_accuracy_percent_;
    std::vector<outcome> outcomes_;
};

}  // namespace explore
