#pragma once

#include <xcim/config.hpp>

#include <cmath>

namespace xcim::inline XCIM_ABI::analysis {

/// A power ratio in dB.
[[nodiscard]] inline double decibel(double ratio) { return 10 * std::log10(ratio); }

/// Powers of a product's result and of the errors in it: variances, or mean squares where a mean counts as error too;
/// unit of the output, squared.
struct error_powers {
    double signal = 0;               ///< sigma_y^2, of the ideal output
    double input_quantisation = 0;   ///< sigma_yi^2, what quantised operands do to the output
    double output_quantisation = 0;  ///< sigma_yo^2, what the converter does
    double analog = 0;               ///< sigma_eta^2, noise and everything else between
};

/// Signal over all quantisation, as a ratio:  signal / (input_quantisation + output_quantisation).
///
/// Errors that are independent add their powers, so the parts combine as 1 / SQNR = sum of 1 / ratio: the smallest one
/// decides. So do Gonugondla, Sakr, Dbouk and Shanbhag combine them, "Fundamental limits on the precision of in-memory
/// architectures", ICCAD 2020. Tests: tests/unit/analysis/error_powers.cpp.
[[nodiscard]] inline double sqnr(error_powers const& p) {
    return p.signal / (p.input_quantisation + p.output_quantisation);
}

/// The same with analog errors:  signal / (input_quantisation + output_quantisation + analog).
[[nodiscard]] inline double csnr(error_powers const& p) {
    return p.signal / (p.input_quantisation + p.output_quantisation + p.analog);
}

/// Eq. 2 of ASiM (arXiv 2411.11022, 2024) to the letter:  signal / input_quantisation + signal / output_quantisation.
///
/// As printed the ratios themselves are added, so that the *largest* one decides and a further source of error makes
/// the figure *better*. Use `sqnr`; this is here so that figures computed by the printed formula can be reproduced.
[[nodiscard]] inline double sqnr_as_printed(error_powers const& p) {
    return p.signal / p.input_quantisation + p.signal / p.output_quantisation;
}

/// Eq. 3 of ASiM to the letter; see sqnr_as_printed. Use `csnr`.
[[nodiscard]] inline double csnr_as_printed(error_powers const& p) { return sqnr_as_printed(p) + p.signal / p.analog; }

}  // namespace xcim::inline XCIM_ABI::analysis
