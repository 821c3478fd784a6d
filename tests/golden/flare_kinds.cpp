/// \file
/// No case is passed over: every folder of golden/flare and golden/ibert belongs to one of the tests beside this file.

#include <doctest/doctest.h>

#include <tests/support/shared.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

TEST_CASE("every golden case of FLARE and I-BERT is of a kind that is tested") {
    struct group {
        char const* folder;
        std::vector<std::string_view> kinds;
    };
    group const groups[] = {
        {"golden/flare", {"attention_", "bitsift_", "emsb_", "parse_msb_", "vdr_softmax_", "vdr_table_"}},
        {"golden/ibert", {"iexp_", "ipoly_", "isoftmax_", "igelu_", "ilayernorm_", "isqrt_"}},
    };
    for (auto const& g : groups) {
        auto const folder = xcim::test::shared_or_skip(g.folder);
        if (!folder) {
            return;
        }
        for (auto const& entry : std::filesystem::directory_iterator{*folder}) {
            if (entry.is_directory()) {
                auto const name = entry.path().filename().string();
                CAPTURE(name);
                CHECK(std::ranges::any_of(g.kinds, [&](std::string_view kind) { return name.starts_with(kind); }));
            }
        }
    }
}
