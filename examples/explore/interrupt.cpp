#include "interrupt.hpp"

#include <csignal>

namespace explore {

namespace {

std::sig_atomic_t volatile signals = 0;

extern "C" void on_signal(int signal) {
    signals = signals + 1;
    std::signal(signal, signals < 2 ? on_signal : SIG_DFL);  // some systems fall back to SIG_DFL by themselves
}

}  // namespace

void catch_interrupts() {
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
}

bool is_interrupted() { return signals != 0; }

}  // namespace explore
