#pragma once

/// \file
/// What a check of laws returns: a value any test framework can assert on.

#include <xcim/config.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// The violated laws as sentences; none is good news. `if (auto r = check_adc(mine, contexts); !r)
/// print(to_string(r))`.
class report {
public:
    /// A wrong model breaks a law for thousands of codes: only the first sentences are kept, all are counted.
    static constexpr std::size_t most_sentences = 20;

    [[nodiscard]] bool ok() const { return count_ == 0; }
    explicit operator bool() const { return ok(); }

    /// Number of violations, those without a kept sentence included.
    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] std::vector<std::string> const& violations() const { return sentences_; }

    void violate(std::string sentence) {
        if (sentences_.size() < most_sentences) {
            sentences_.push_back(std::move(sentence));
        }
        ++count_;
    }

    /// States that `holds`; `sentence()` says what does not.
    template <class Sentence>
    void require(bool holds, Sentence const& sentence) {
        if (!holds) {
            violate(sentence());
        }
    }

    /// Takes over the violations of another report, each with `prefix` before it.
    void add(report const& other, std::string const& prefix = "") {
        for (auto const& sentence : other.sentences_) {
            violate(prefix + sentence);
        }
        count_ += other.count_ - other.sentences_.size();
    }

    friend std::string to_string(report const& r) {
        std::string text = r.ok() ? "all laws hold" : std::to_string(r.count_) + " violations";
        for (auto const& sentence : r.sentences_) {
            text += "\n  " + sentence;
        }
        return text;
    }

private:
    std::size_t count_ = 0;
    std::vector<std::string> sentences_;
};

}  // namespace xcim::inline XCIM_ABI::testing
