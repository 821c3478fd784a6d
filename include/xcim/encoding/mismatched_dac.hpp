#pragma once

#include <xcim/concepts/encoder.hpp>
#include <xcim/encoding/bit_parallel.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace xcim::inline XCIM_ABI::encoding {

/// bit_parallel through row DACs made of unit elements that differ, fixed for the chip. Models Encoder.
///
///     drive(d) = sum over i = 1 ... d of (1 + sigma z_i) * (D - 1) / sum over i = 1 ... D - 1 of (1 + sigma z_i)
///
/// A thermometer DAC between two rails: its ends 0 and D - 1 are exact, the deviation is largest in the middle,
/// sigma sqrt(D - 1) / 2. An element is never below a tenth of the nominal one. A phase of two levels is driven by the
/// rails. All outputs of a tile share its drivers. Parameters: `bits` a phase 1 to 8, default 4; `unit_deviation`
/// relative sigma of one element >= 0, default 0.01. The chip is program_options.chip. Not modelled: settling, noise of
/// the DAC. Reference: mismatch of DACs is part of the noise model of ASiM (arXiv 2411.11022, 2024, section III-B),
/// there as noise::non_linearity. Tests: tests/unit/encoding/mismatched_dac.cpp, tests/conformance/encoder.cpp.
struct mismatched_dac {
    static constexpr int draws = 255;

    int bits = 4;
    double unit_deviation = 0.01;

    [[nodiscard]] grouped_digits digits(format f) const { return {f, bits}; }

    void drive(row_driver const& driver) const {
        double sum = 0;
        driver.drives[0] = 0.0F;
        for (std::size_t d = 1; d < driver.drives.size(); ++d) {
            sum += std::max(1 + unit_deviation * static_cast<double>(driver.normals[d - 1]), 0.1);
            driver.drives[d] = static_cast<float>(sum);
        }
        auto const top = static_cast<double>(driver.drives.size() - 1);
        for (float& d : driver.drives) {
            d = static_cast<float>(static_cast<double>(d) * (top / sum));
        }
    }

    [[nodiscard]] std::string wrong() const {
        if (!std::isfinite(unit_deviation) || unit_deviation < 0) {
            return "encoding::mismatched_dac.unit_deviation is " + std::to_string(unit_deviation) +
                   "; a finite number from 0 on is needed";
        }
        return outside("encoding::mismatched_dac.bits", bits, 1, 8);
    }

    friend std::string to_string(mismatched_dac const& e) {
        return "bit_parallel " + std::to_string(e.bits) + " bit, DAC elements " +
               std::to_string(100 * e.unit_deviation) + " %";
    }
};

}  // namespace xcim::inline XCIM_ABI::encoding
