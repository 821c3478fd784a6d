#pragma once

#include <xcim/concepts/encoder.hpp>
#include <xcim/core/parameter.hpp>
#include <xcim/core/signed_digits.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace xcim::inline XCIM_ABI::encoding {

/// One phase: the whole input is a voltage of its row, through a DAC with a switch for the sign. Models Encoder.
///
///     drive(x) = sign(x) T (1 - c v^2) v,     v = V_k,     k = rne(|x| (D - 1) / T)
///     V_k      = sum over i = 1 ... k of (1 + sigma z_i) / sum over i = 1 ... D - 1 of (1 + sigma z_i)
///
/// T: largest magnitude of the format. The DAC is a thermometer of D - 1 unit elements between two rails, so that its
/// ends are exact; it has D = 2^bits levels, 2^(bits - 1) for the magnitude of a signed input, but never more than the
/// input. An input of more bits is driven by the nearest level of the DAC; its code stays what it is, so what rounding
/// loses is an error of the product. An element is never below a tenth of the nominal one. Drives of the negative rail
/// are smaller by the share `asymmetry`. All outputs of a tile share its drivers; inputs of two levels are driven by
/// the rails.
/// Parameters: `bits` 1 to 16, signed inputs from 2 on, default 8; `unit_deviation` relative sigma of one element >= 0,
/// default 0, for DACs of at most 8 bits; `compression` c, the share that the largest drive is too small, 0 to 1/3
/// (monotone), default 0; `asymmetry` above -1 and below 1, default 0. The chip is program_options.chip.
/// Errors: digits() throws xcim::error for signed inputs of a 1-bit DAC. -2^(bits - 1) is refused by CimMacro.
/// Sees/returns: levels of the phase, in steps; what each of them drives, in steps.
/// Not modelled: settling, noise of the DAC. Without deviations, and with as many bits as the inputs have, it is what
/// encoding::pulse_width{} drives; that one is summed in integers.
/// Reference: DAC resolution and polarity asymmetry of inputs as in IBM's aihwkit (inp_res, inp_asymmetry) and Sandia's
/// CrossSim 3; mismatch as in encoding::mismatched_dac. Tests: tests/unit/encoding/analog_dac.cpp,
/// tests/conformance/encoder.cpp, tests/property/signed_drive.cpp.
struct analog_dac {
    static constexpr int draws = 255;

    int bits = 8;
    double unit_deviation = 0;
    double compression = 0;
    double asymmetry = 0;

    [[nodiscard]] sign_magnitude_digits digits(format f) const {
        if (f.is_signed && bits < 2) {
            throw error(errc::bits, "encoding::analog_dac.bits is " + std::to_string(bits) +
                                        "; signed inputs need at least 2, one of them for the sign");
        }
        return {f, max_bits, max_bits};
    }

    void drive(row_driver const& driver) const {
        bool const is_signed = driver.lowest < 0;
        auto const zero = static_cast<std::size_t>(-driver.lowest);
        std::size_t const top = driver.drives.size() - 1 - zero;
        std::size_t const elements = std::min(top, (std::size_t{1} << (is_signed ? bits - 1 : bits)) - 1);

        // Each level's share of the rail stands where the level itself is, the DAC's own levels below the full scale.
        auto const element = [&](std::size_t i) {
            return unit_deviation > 0 ? std::max(1 + unit_deviation * static_cast<double>(driver.normals[i]), 0.1) : 1;
        };
        double all = 0;
        for (std::size_t i = 0; i < elements; ++i) {
            all += element(i);
        }
        double sum = 0;
        std::size_t summed = 0;
        for (std::size_t level = 0; level <= top; ++level) {
            for (std::size_t const wanted = nearest(level, elements, top); summed < wanted; ++summed) {
                sum += element(summed);
            }
            double const share = sum / all;
            double const driven = static_cast<double>(top) * share * (1 - compression * share * share);
            driver.drives[zero + level] = static_cast<float>(driven);
            if (level > 0 && level <= zero) {
                driver.drives[zero - level] = static_cast<float>(-driven * (1 - asymmetry));
            }
        }
        if (zero > top) {  // the level that CimMacro refuses
            driver.drives[0] = driver.drives[1];
        }
    }

    [[nodiscard]] std::string wrong() const {
        for (auto const& sentence :
             {outside("encoding::analog_dac.bits", bits, 1, 16),
              unless(unit_deviation >= 0, "encoding::analog_dac.unit_deviation", unit_deviation, "from 0 on"),
              unless(compression >= 0 && compression <= 1.0 / 3, "encoding::analog_dac.compression", compression,
                     "from 0 to 1/3"),
              unless(asymmetry > -1 && asymmetry < 1, "encoding::analog_dac.asymmetry", asymmetry,
                     "above -1 and below 1")}) {
            if (!sentence.empty()) {
                return sentence;
            }
        }
        if (unit_deviation > 0 && bits > 8) {
            return "encoding::analog_dac.bits is " + std::to_string(bits) +
                   " with a unit_deviation; DACs of at most 8 bits have elements that differ";
        }
        return {};
    }

    friend std::string to_string(analog_dac const& e) {
        auto const percent = [](char const* name, double share) {
            return share == 0 ? std::string{} : name + std::to_string(100 * share) + " %";
        };
        return "analog DAC " + std::to_string(e.bits) + " bit" + percent(", elements ", e.unit_deviation) +
               percent(", compression ", e.compression) + percent(", asymmetry ", e.asymmetry);
    }

private:
    /// rne(level * elements / top)
    [[nodiscard]] static std::size_t nearest(std::size_t level, std::size_t elements, std::size_t top) {
        std::size_t const below = level * elements / top;
        std::size_t const twice_rest = 2 * (level * elements - below * top);
        return below + (twice_rest > top || (twice_rest == top && below % 2 == 1) ? 1 : 0);
    }
};

}  // namespace xcim::inline XCIM_ABI::encoding
