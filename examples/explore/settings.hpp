#pragma once

/// \file
/// What a run explores: a network, data and a grid of macro designs.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace explore {

/// The user asked for something that cannot be: the sentence says what and what is possible. Exit code 2.
struct usage_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One point of the grid.
struct design {
    int adc_bits = 8;
    int input_group = 1;         ///< input bits driven at once: 1 = bit-serial
    double noise_percent = 0.0;  ///< sigma of the noise on a column sum, percent of full scale

    friend bool operator==(design const&, design const&) = default;
};

/// "ADC 8 bit, bit-serial, noise 0.1 %"
std::string describe(design const& point);

/// "bit-serial", "2 bits at once", ...
std::string describe_encoding(int input_group);

struct settings {
    std::string network = "digits";
    std::string set;                    ///< name or file of the data; empty until defaults are filled in
    std::filesystem::path data;         ///< folder with cifar10/, mnist/, models/
    std::optional<std::size_t> images;  ///< none: as many as the network's default
    bool use_all_images = false;
    std::size_t first = 0;
    std::size_t batch = 50;

    std::vector<int> adc;       ///< bits
    std::vector<int> encoding;  ///< input bits driven at once
    std::vector<double> noise;  ///< percent of full scale
    int weight_bits = 8;
    int input_bits = 8;
    int rows = 255;
    int columns = 64;

    int threads = 1;
    std::uint64_t seed = 1;
    std::filesystem::path out = "xcim-explore-out";
    bool is_resumed = false;
    bool keep_predictions = false;
    bool draw_pictures = true;
    std::filesystem::path dump_digits;  ///< not empty: only write the digits for training there
};

/// Fills in what depends on the network and was not given.
void fill_defaults(settings& chosen);

/// Throws usage_error for values that do not fit each other or lie outside their range.
void check(settings const& chosen);

/// Every combination, encodings outermost, noise innermost.
std::vector<design> grid(settings const& chosen);

}  // namespace explore
