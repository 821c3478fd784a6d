#include <doctest/doctest.h>

#include <xcim/core/threads.hpp>

#include <atomic>
#include <stdexcept>
#include <vector>

TEST_CASE("every task runs exactly once, for any number of threads") {
    for (int const threads : {-1, 0, 1, 2, 3, 8}) {
        for (std::size_t const count : {0U, 1U, 2U, 5U, 100U}) {
            std::vector<std::atomic<int>> runs(count);
            xcim::for_each_task(count, threads, [&](std::size_t i) { ++runs[i]; });
            for (auto const& r : runs) {
                CHECK(r == 1);
            }
        }
    }
}

TEST_CASE("an exception of a task arrives in the caller") {
    for (int const threads : {1, 2, 3}) {
        std::atomic<int> started{0};
        CHECK_THROWS_WITH_AS(xcim::for_each_task(1000, threads,
                                                 [&](std::size_t i) {
                                                     ++started;
                                                     if (i == 3) {
                                                         throw std::runtime_error("task 3");
                                                     }
                                                 }),
                             "task 3", std::runtime_error);
        CHECK(started >= 1);
    }
}
