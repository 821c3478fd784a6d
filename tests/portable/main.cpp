/// \file
/// Prints the hash of each object it is linked with, one a line. XCIM_TEST_SECOND is defined where there are two, built
/// for different targets.

#include <cinttypes>
#include <cstdint>
#include <cstdio>

std::uint64_t XCIM_TEST_FIRST();
#ifdef XCIM_TEST_SECOND
std::uint64_t XCIM_TEST_SECOND();
#endif

int main() {
    std::printf("%016" PRIx64 "\n", XCIM_TEST_FIRST());
#ifdef XCIM_TEST_SECOND
    std::printf("%016" PRIx64 "\n", XCIM_TEST_SECOND());
#endif
}
