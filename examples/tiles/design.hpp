#pragma once

/// \file
/// One design of an analog tile as plain numbers.

#include <cstdint>
#include <string>

namespace tiles {

enum class technology {
    pcm,             ///< pairs of phase-change cells on one column line, inputs as pulse widths, calibrated converters
    pcm_oscillator,  ///< the same with oscillators that count charge, of fixed gain
    rram,            ///< pairs of resistive cells on neighbouring lines of a passive array
};

/// Digital gains behind the converters.
enum class gains { none, layer, output };

/// What the gains restore.
enum class response { of_first_day, as_designed };

struct design {
    technology device = technology::pcm;
    int rows = 512, columns = 512;  ///< of an array; a pair is one column
    int weight_bits = 8, input_bits = 8;
    int cell_bits = 7;              ///< magnitude bits in one pair
    bool scales_outputs = true;     ///< the largest weight of every output takes its devices to the top
    bool input_bit_by_bit = false;  ///< pulses of unit length, a conversion for each magnitude bit
    bool splits_input = false;      ///< two pulses, for the low 3 bits and the rest

    double wire_ohm = 0.15;          ///< from cell to cell at 300 K
    double driver_ohm = 0;           ///< of word lines, RRAM only
    int adc_bits = 16;               ///< of the calibrated converter; 16 hide nothing
    double range_share = 1;          ///< of column sums that the converter covers
    double charge_count_fc = 16.03;  ///< of the oscillator, fC
    int counter_bits = 10;

    bool has_programming_noise = true;
    bool has_drift = true;        ///< PCM
    bool has_slow_noise = true;   ///< 1/f, PCM
    bool has_pulse_noise = true;  ///< of reads of nanoseconds, PCM; of every read, RRAM
    double seconds = 86400;       ///< since programming, PCM
    double on_ohm = 6e3;          ///< RRAM
    double spread = 0.05;         ///< of programmed conductances, share of each, RRAM
    double read_spread = 0.01;    ///< of every read, share of each, RRAM

    gains compensation = gains::layer;
    response restores = response::of_first_day;

    friend bool operator==(design const&, design const&) = default;
};

std::string to_string(technology device);
std::string to_string(gains what);

/// Which IBM's tile model has by default: 512 x 512, 0.15 ohm a cell, one day after programming, one gain a layer.
design pcm_tile();

/// Single-level cells of 6 kohm (HyFlexPIM's) in arrays of 64 x 64 with 1 ohm a cell.
design rram_crossbar();

/// The same without any flaw of devices, wires and converters: what is left is quantisation.
design without_flaws(design from);

}  // namespace tiles
