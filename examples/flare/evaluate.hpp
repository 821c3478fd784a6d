#pragma once

/// \file
/// Networks under all arithmetics, sample by sample.

#include "arithmetics.hpp"
#include "statistics.hpp"
#include "subject.hpp"

#include "../explore/progress.hpp"

#include <xcim/io.hpp>

#include <cstddef>
#include <vector>

namespace flare {

/// What one arithmetic made of one sample.
struct sample_score {
    std::size_t answers = 0;
    std::size_t correct = 0;
    std::size_t agreeing = 0;  ///< the same answer as in float
    double nats = 0;           ///< sum of -log softmax(logits)[right answer]
    double error = 0;          ///< sum of (logit - logit in float)^2
    double signal = 0;         ///< sum of (logit in float)^2
};

/// Of one network: scores[arithmetic][sample], samples that were finished before an interrupt.
struct evaluation {
    subject const* what;
    std::vector<std::vector<sample_score>> scores;

    [[nodiscard]] std::size_t samples() const { return scores.front().size(); }

    /// \name Percent or nats of every sample
    /// @{
    [[nodiscard]] std::vector<double> accuracies(std::size_t arithmetic) const;
    [[nodiscard]] std::vector<double> agreements(std::size_t arithmetic) const;
    [[nodiscard]] std::vector<double> nats(std::size_t arithmetic) const;
    /// @}
    [[nodiscard]] double sqnr_db(std::size_t arithmetic) const;
};

/// Calls advance() after every chunk of samples; each is computed with all arithmetics by one thread.
evaluation evaluate(subject const& what, calibration const& found, int threads, explore::progress& bar);

/// Rows of accuracy.csv.
xcim::io::table make_accuracy_table(std::vector<evaluation> const& all);

}  // namespace flare
