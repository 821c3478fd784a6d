#include "results.hpp"

#include <xcim/io.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <variant>

namespace explore {

namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

std::vector<std::string> const columns{
    "adc_bits", "input_bits_at_once", "noise_percent",         "accuracy_percent", "agreement_percent",
    "sqnr_db",  "rms_logit_error",    "conversions_per_image", "seconds",          "predictions"};

/// Everything that a result depends on. Threads and the grid itself are not part of it: a grid may grow.
std::string settings_text(settings const& chosen, std::size_t images) {
    return ordered_json{{"network", chosen.network},
                        {"set", chosen.set},
                        {"images", images},
                        {"first", chosen.first},
                        {"batch", chosen.batch},
                        {"weight_bits", chosen.weight_bits},
                        {"input_bits", chosen.input_bits},
                        {"rows", chosen.rows},
                        {"columns", chosen.columns},
                        {"seed", chosen.seed},
                        {"predictions", chosen.keep_predictions}}
               .dump(2) +
           '\n';
}

std::string read_text(fs::path const& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
}

void write_text(fs::path const& file, std::string const& text) {
    std::ofstream stream{file, std::ios::binary};
    stream << text;
    if (!stream.flush()) {
        throw std::runtime_error{fmt::format("{} cannot be written", file.string())};
    }
}

/// Names the first setting that differs.
void compare_settings(fs::path const& file, std::string const& now) {
    auto const before = ordered_json::parse(read_text(file), nullptr, false);
    auto const wanted = ordered_json::parse(now);
    for (auto const& [key, value] : wanted.items()) {
        if (!before.is_object() || !before.contains(key)) {
            throw usage_error{fmt::format("--resume: {} does not hold the setting '{}'", file.string(), key)};
        }
        if (before[key] != value) {
            throw usage_error{fmt::format("--resume: the results in {} were made with {} = {}, not {}; use the same "
                                          "settings or another --out",
                                          file.parent_path().string(), key, before[key].dump(), value.dump())};
        }
    }
}

double real(xcim::io::table::cell const& cell) {
    if (auto const* const integer = std::get_if<std::int64_t>(&cell)) {
        return static_cast<double>(*integer);
    }
    if (auto const* const value = std::get_if<double>(&cell)) {
        return *value;
    }
    throw usage_error{
        fmt::format("--resume: results.csv has '{}' where a number is needed", std::get<std::string>(cell))};
}

outcome to_outcome(std::vector<xcim::io::table::cell> const& row) {
    auto const* const predictions = std::get_if<std::string>(&row[9]);
    return {{static_cast<int>(real(row[0])), static_cast<int>(real(row[1])), real(row[2])},
            {real(row[3]), real(row[4]), real(row[5]), real(row[6])},
            static_cast<std::uint64_t>(real(row[7])),
            real(row[8]),
            predictions == nullptr ? "" : *predictions};
}

}  // namespace

results::results(settings const& chosen, std::size_t images, double float_accuracy_percent)
    : chosen_{chosen}, settings_text_{settings_text(chosen, images)}, float_accuracy_percent_{float_accuracy_percent} {
    fs::create_directories(chosen.out);
    if (chosen.is_resumed && fs::exists(chosen.out / "results.csv")) {
        resume();
    }
    write_text(chosen.out / "settings.json", settings_text_);
}

void results::resume() {
    compare_settings(chosen_.out / "settings.json", settings_text_);
    auto const file = chosen_.out / "results.csv";
    auto const table = xcim::io::read_csv(file);
    if (table.columns != columns) {
        throw usage_error{fmt::format("--resume: {} has other columns than this program writes", file.string())};
    }
    for (auto const& row : table.rows) {
        outcomes_.push_back(to_outcome(row));
    }
}

bool results::contains(design const& point) const {
    return std::any_of(outcomes_.begin(), outcomes_.end(), [&](outcome const& one) { return one.point == point; });
}

void results::add(outcome one) {
    outcomes_.push_back(std::move(one));
    write(false);
}

void results::finish() {
    std::stable_sort(outcomes_.begin(), outcomes_.end(), [](outcome const& a, outcome const& b) {
        return std::tie(a.point.input_group, a.point.adc_bits, a.point.noise_percent) <
               std::tie(b.point.input_group, b.point.adc_bits, b.point.noise_percent);
    });
    write(true);
}

void results::write(bool with_json) const {
    auto table = xcim::io::table{columns};
    for (auto const& [point, quality, conversions, seconds, predictions] : outcomes_) {
        table.add(point.adc_bits, point.input_group, point.noise_percent, quality.accuracy_percent,
                  quality.agreement_percent, quality.sqnr_db, quality.rms_logit_error, conversions, seconds,
                  predictions);
    }
    table.write_csv(chosen_.out / "results.csv");
    if (with_json) {
        table.write_json(chosen_.out / "results.json");
    }
}

}  // namespace explore
