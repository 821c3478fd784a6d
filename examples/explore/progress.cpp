#include "progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

namespace explore {

namespace {

bool is_stderr_a_terminal() {
#if defined(_WIN32)
    return _isatty(_fileno(stderr)) != 0;
#else
    return isatty(STDERR_FILENO) != 0;
#endif
}

}  // namespace

std::string format_duration(std::chrono::duration<double> time) {
    auto const seconds = static_cast<long>(time.count() + 0.5);
    return seconds < 3600 ? fmt::format("{}:{:02}", seconds / 60, seconds % 60)
                          : fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

progress::progress(std::uint64_t work)
    : total_{std::max<std::uint64_t>(work, 1)}, is_terminal_{is_stderr_a_terminal()} {}

progress::~progress() { clear(); }

void progress::begin(std::string what) {
    what_ = std::move(what);
    if (is_terminal_) {
        show();
    }
}

void progress::advance(std::uint64_t work) {
    using namespace std::chrono_literals;
    done_ += work;
    if (clock::now() - shown_ > (is_terminal_ ? clock::duration{100ms} : clock::duration{15s})) {
        show();
    }
}

void progress::clear() {
    if (is_terminal_) {
        fmt::print(stderr, "\r\x1b[K");
    }
}

void progress::show() {
    shown_ = clock::now();
    auto const share = static_cast<double>(done_) / static_cast<double>(total_);
    if (!is_terminal_) {
        fmt::print(stderr, "{:3.0f} %, {} left: {}\n", 100 * share, time_left(), what_);
        return;
    }
    constexpr int width = 30;
    auto const filled = std::clamp(static_cast<int>(share * width), 0, width);
    fmt::print(stderr, "\r\x1b[K[{:#<{}}{:.<{}}] {:3.0f} %  {} left  {}", "", filled, "", width - filled, 100 * share,
               time_left(), what_);
    std::fflush(stderr);
}

std::string progress::time_left() const {
    if (done_ == 0) {
        return "?";
    }
    auto const elapsed = std::chrono::duration<double>(clock::now() - start_);
    return format_duration(elapsed *
                           (static_cast<double>(total_ - std::min(done_, total_)) / static_cast<double>(done_)));
}

}  // namespace explore
