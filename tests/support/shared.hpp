#pragma once

/// \file
/// Finds the folder with real data and reference results, which is not part of the repository.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace xcim::test {

/// The file or folder `relative` under the shared folder, or nothing where it is missing. The shared folder is that of
/// the environment variable XCIM_SHARED where it is set, else shared/ in or above XCIM_SOURCE_DIR.
inline std::optional<std::filesystem::path> shared(std::string_view relative) {
    auto ignored = std::error_code{};
    if (auto const* const set = std::getenv("XCIM_SHARED"); set != nullptr && *set != '\0') {
        auto found = std::filesystem::path{set} / relative;
        return std::filesystem::exists(found, ignored) ? std::optional{found} : std::nullopt;
    }
#ifdef XCIM_SOURCE_DIR
    for (auto folder = std::filesystem::path{XCIM_SOURCE_DIR};; folder = folder.parent_path()) {
        if (auto found = folder / "shared" / relative; std::filesystem::exists(found, ignored))
            return found;
        if (folder == folder.parent_path())
            break;
    }
#endif
    return std::nullopt;
}

/// As shared(), and one printed line where it is missing:
///
///     auto const file = xcim::test::shared_or_skip("data/cifar10/test_batch.bin");
///     if (!file)
///         return;
inline std::optional<std::filesystem::path>
shared_or_skip(std::string_view relative, char const* source = __builtin_FILE(), int line = __builtin_LINE()) {
    auto found = shared(relative);
    if (!found)
        std::printf("skipped: %s:%d needs shared/%s\n", std::filesystem::path{source}.filename().string().c_str(), line,
                    std::string{relative}.c_str());
    return found;
}

}  // namespace xcim::test
