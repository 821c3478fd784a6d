#pragma once

/// \file
/// Files for tests of loaders: a folder that goes away, and systematic damage.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <system_error>

#include <doctest/doctest.h>

#include <xcim/core/error.hpp>

namespace xcim::test {

/// A new folder for temporary files, removed with all its content at the end of the scope.
class temporary_folder {
public:
    temporary_folder() {
        auto device = std::random_device{};
        do
            path_ = std::filesystem::temp_directory_path() / ("xcim-test-" + std::to_string(device()));
        while (!std::filesystem::create_directory(path_));
    }
    temporary_folder(temporary_folder const&) = delete;
    temporary_folder& operator=(temporary_folder const&) = delete;
    ~temporary_folder() {
        auto ignored = std::error_code{};
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::filesystem::path operator/(std::string const& name) const { return path_ / name; }

    [[nodiscard]] std::size_t number_of_files() const {
        auto const entries = std::filesystem::directory_iterator{path_};
        return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
    }

private:
    std::filesystem::path path_;
};

inline void write(std::filesystem::path const& path, std::string const& content) {
    auto out = std::ofstream{path, std::ios::binary | std::ios::trunc};
    out << content;
}

inline std::string read(std::filesystem::path const& path) {
    auto in = std::ifstream{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// The error that `call` throws: "file", "format", ..., with its sentence; empty where it throws none.
struct caught {
    errc code = errc::precondition;
    std::string sentence;

    [[nodiscard]] bool says(std::string const& part) const { return sentence.find(part) != std::string::npos; }
};

template <class F>
caught error_of(F&& call) {
    try {
        call();
    } catch (error const& problem) {
        return {problem.code(), problem.what()};
    }
    return {};
}

template <class F>
bool fails(F&& call, errc code) {
    auto const problem = error_of(call);
    return problem.code == code && !problem.sentence.empty();
}

/// Every file shorter than `content` throws errc::format. `load` takes a path; any other exception ends the test.
template <class Load>
void check_every_truncation(std::string const& content, Load&& load) {
    auto const folder = temporary_folder{};
    auto const path = folder / "cut";
    for (auto size = std::size_t{0}; size < content.size(); ++size) {
        write(path, content.substr(0, size));
        CAPTURE(size);
        CHECK(fails([&] { load(path); }, errc::format));
    }
}

/// Files with one to four bytes changed among the first `header` bytes: each throws xcim::error or loads.
template <class Load>
void check_flipped_bytes(std::string const& content, std::size_t header, Load&& load, int rounds = 2000) {
    auto const folder = temporary_folder{};
    auto const path = folder / "flipped";
    auto random = std::mt19937{20240607};
    auto refused = 0;
    for (auto round = 0; round < rounds; ++round) {
        auto damaged = content;
        for (auto flips = random() % 4 + 1; flips > 0; --flips)
            damaged[random() % header] = static_cast<char>(random());
        write(path, damaged);
        CAPTURE(round);
        try {
            load(path);
        } catch (error const& problem) {
            ++refused;
            CHECK((problem.code() == errc::format || problem.code() == errc::file));
        }
    }
    CHECK(refused > 0);
}

/// A missing file, a folder and an empty file.
template <class Load>
void check_no_file(Load&& load) {
    auto const folder = temporary_folder{};
    CHECK(fails([&] { load(folder / "missing"); }, errc::file));
    std::filesystem::create_directory(folder / "folder");
    CHECK(fails([&] { load(folder / "folder"); }, errc::file));
    write(folder / "empty", "");
    CHECK(fails([&] { load(folder / "empty"); }, errc::format));
    CHECK(error_of([&] { load(folder / "missing"); }).says("missing"));
}

}  // namespace xcim::test
