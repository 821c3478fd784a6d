#include "results.hpp"

#include "settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace study {

namespace {

using xcim::io::table;

std::vector<std::string> const columns{
    "network",           "images",           "batch",   "seed",          "rows",
    "adc_bits",          "encoding",         "noise",   "sigma_percent", "sigma_lsb",
    "top_cycles",        "levels",           "samples", "weight_bits",   "input_bits",
    "signed_input_bits", "accuracy_percent", "low",     "high",          "agreement_percent",
    "sqnr_db",           "rms_logit_error",  "seconds"};

/// A row read back, column after column.
class row_reader {
public:
    explicit row_reader(std::vector<table::cell> const& row) : row_{row} {}

    std::string text() { return std::get<std::string>(row_.at(at_++)); }
    double real() {
        auto const& cell = row_.at(at_++);
        auto const* const integer = std::get_if<std::int64_t>(&cell);
        return integer != nullptr ? static_cast<double>(*integer) : std::get<double>(cell);
    }
    template <class T>
    T integer() {
        return static_cast<T>(std::get<std::int64_t>(row_.at(at_++)));
    }
    /// The enumerator of this name.
    template <class E>
    E named(E last) {
        auto const name = text();
        for (int i = 0; i <= static_cast<int>(last); ++i) {
            if (to_string(static_cast<E>(i)) == name) {
                return static_cast<E>(i);
            }
        }
        throw usage_error{fmt::format("--resume: points.csv has '{}', which no design of this program has", name)};
    }
    void skip() { ++at_; }

private:
    std::vector<table::cell> const& row_;
    std::size_t at_ = 0;
};

outcome read_outcome(std::vector<table::cell> const& row) {
    auto reader = row_reader{row};
    outcome one;
    one.what.network = reader.text();
    one.what.images = reader.integer<std::size_t>();
    one.what.batch = reader.integer<std::size_t>();
    one.what.seed = reader.integer<std::uint64_t>();
    auto& macro = one.what.macro;
    macro.rows = reader.integer<int>();
    macro.adc_bits = reader.integer<int>();
    macro.encoding = reader.integer<int>();
    macro.noise = reader.named(noise_kind::non_linearity);
    macro.sigma_percent = reader.real();
    reader.skip();  // the same in LSB
    macro.top = reader.named(reading::mean);
    macro.levels = reader.integer<int>();
    macro.samples = reader.integer<int>();
    macro.weight_bits = reader.integer<int>();
    macro.input_bits = reader.integer<int>();
    macro.signed_input_bits = reader.integer<int>();
    one.quality.accuracy_percent = reader.real();
    reader.skip();
    reader.skip();  // the interval
    one.quality.agreement_percent = reader.real();
    one.quality.sqnr_db = reader.real();
    one.quality.rms_logit_error = reader.real();
    one.seconds = reader.real();
    return one;
}

}  // namespace

std::pair<double, double> interval(double percent, std::size_t count) {
    constexpr auto z = 1.959964;
    auto const n = static_cast<double>(count), p = percent / 100;
    auto const centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    auto const half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return {100 * std::max(centre - half, 0.0), 100 * std::min(centre + half, 1.0)};
}

table make_table(std::vector<outcome> const& outcomes) {
    auto result = table{columns};
    for (auto const& [what, quality, seconds] : outcomes) {
        auto const& macro = what.macro;
        auto const [low, high] = interval(quality.accuracy_percent, what.images);
        result.add(what.network, what.images, what.batch, what.seed, macro.rows, macro.adc_bits, macro.encoding,
                   to_string(macro.noise), macro.sigma_percent, macro.sigma_percent / percent_of(1, macro.adc_bits),
                   to_string(macro.top), macro.levels, macro.samples, macro.weight_bits, macro.input_bits,
                   macro.signed_input_bits, quality.accuracy_percent, low, high, quality.agreement_percent,
                   quality.sqnr_db, quality.rms_logit_error, seconds);
    }
    return result;
}

results::results(std::filesystem::path folder, bool is_resumed) : file_{folder / "points.csv"} {
    std::filesystem::create_directories(folder);
    if (!is_resumed || !std::filesystem::exists(file_)) {
        return;
    }
    auto const stored = xcim::io::read_csv(file_);
    if (stored.columns != columns) {
        throw usage_error{fmt::format("--resume: {} has other columns than this program writes", file_.string())};
    }
    for (auto const& row : stored.rows) {
        outcomes_.push_back(read_outcome(row));
    }
}

outcome const* results::find(point const& what) const {
    auto const found =
        std::find_if(outcomes_.begin(), outcomes_.end(), [&](outcome const& one) { return one.what == what; });
    return found == outcomes_.end() ? nullptr : &*found;
}

void results::add(outcome one) {
    outcomes_.push_back(std::move(one));
    make_table(outcomes_).write_csv(file_);
}

}  // namespace study
