#pragma once

/// \file
/// How far a run has come, on stderr.

#include <chrono>
#include <cstdint>
#include <string>

namespace explore {

/// A bar with the time left on a terminal, a line now and then elsewhere.
class progress {
public:
    /// `work` in any unit that grows in proportion to time.
    explicit progress(std::uint64_t work);
    ~progress();

    progress(progress const&) = delete;
    progress& operator=(progress const&) = delete;

    /// What is being done, shown beside the bar.
    void begin(std::string what);
    void advance(std::uint64_t work);

    /// Removes the bar, so that other text can be printed.
    void clear();

private:
    using clock = std::chrono::steady_clock;

    void show();
    [[nodiscard]] std::string time_left() const;

    std::uint64_t total_;
    std::uint64_t done_ = 0;
    std::string what_;
    bool is_terminal_;
    clock::time_point start_ = clock::now();
    clock::time_point shown_ = start_;
};

/// "2:05" or "1:02:05"
std::string format_duration(std::chrono::duration<double> time);

}  // namespace explore
