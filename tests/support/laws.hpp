#pragma once

/// \file
/// Reports of testing/ as doctest assertions.

#include <doctest/doctest.h>

#include <xcim/testing/report.hpp>

/// One assertion; a failure prints the violated laws.
#define CHECK_LAWS(...)                                                                                                \
    do {                                                                                                               \
        auto const found_ = __VA_ARGS__;                                                                               \
        CHECK_MESSAGE(found_.ok(), to_string(found_));                                                                 \
    } while (false)
