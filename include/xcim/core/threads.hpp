#pragma once

/// \file
/// Independent tasks on several threads. Threads live for one call: no pool, no global state.

#include <xcim/config.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// Calls work(i) once for every i in [0, count), on up to `threads` threads, in no particular order; the first
/// exception thrown by any of them is thrown here after all have stopped. One thread runs in the caller.
template <class Work>
void for_each_task(std::size_t count, int threads, Work const& work) {
    auto const helpers = std::min<std::size_t>(static_cast<std::size_t>(std::max(threads, 1)), count);
    if (helpers <= 1) {
        for (std::size_t i = 0; i < count; ++i) {
            work(i);
        }
        return;
    }
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex failure_mutex;
    auto const take_tasks = [&] {
        try {
            for (std::size_t i = next++; i < count; i = next++) {
                work(i);
            }
        } catch (...) {
            next = count;
            std::lock_guard const lock{failure_mutex};
            if (!failure) {
                failure = std::current_exception();
            }
        }
    };
    {
        std::vector<std::jthread> team;
        team.reserve(helpers - 1);
        for (std::size_t i = 1; i < helpers; ++i) {
            team.emplace_back(take_tasks);
        }
        take_tasks();
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
}

}  // namespace xcim::inline XCIM_ABI
