#pragma once

/// \file
/// One design of a macro as plain numbers.

#include <string>

namespace study {

enum class noise_kind { random, non_linearity };

/// How the cycles at the top are read; all others are converted once.
enum class reading { single, digital, without_noise, mode, median, mean };

struct design {
    int rows = 255;  ///< of one array
    int adc_bits = 8;
    int encoding = 1;  ///< input bits driven at once
    noise_kind noise = noise_kind::random;
    double sigma_percent = 0;  ///< of full scale
    reading top = reading::single;
    int levels = 0;   ///< levels (levels + 1) / 2 cycles are top cycles
    int samples = 1;  ///< conversions of a top cycle put to the vote
    int weight_bits = 8;
    int input_bits = 8;         ///< of inputs from 0 on
    int signed_input_bits = 9;  ///< sign included: the sign is driven alone and 8 bits group evenly

    friend bool operator==(design const&, design const&) = default;
};

/// Sigma in percent of full scale, from steps of a converter of so many bits.
inline double percent_of(double lsb, int adc_bits) { return lsb * 100 / ((1 << adc_bits) - 1); }

std::string to_string(noise_kind kind);
std::string to_string(reading kind);

/// "ADC 8 bit, 4 bits at once, random noise 0.1 %, 3 levels digital"
std::string describe(design const& point);

}  // namespace study
