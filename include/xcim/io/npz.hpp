#pragma once

/// \file
/// NumPy's archives of arrays, .npz: a ZIP file with one member name.npy per array. Needs libzip.
/// Format: the documentation of numpy.savez, PKWARE's APPNOTE.TXT for ZIP, npy.hpp for the members.

#include <zip.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xcim/core/error.hpp>
#include <xcim/io/detail.hpp>
#include <xcim/io/npy.hpp>
#include <xcim/ops/xtensor.hpp>

namespace xcim::io {

namespace detail {

struct zip_closer {
    void operator()(zip_t* archive) const noexcept { zip_discard(archive); }
    void operator()(zip_file_t* member) const noexcept { zip_fclose(member); }
};
using zip_archive = std::unique_ptr<zip_t, zip_closer>;
using zip_member = std::unique_ptr<zip_file_t, zip_closer>;

inline zip_archive open_zip(std::filesystem::path const& path, int flags, errc problem) {
    auto code = 0;
    auto archive = zip_archive{zip_open(path.string().c_str(), flags, &code)};
    if (!archive) {
        auto reason = zip_error_t{};
        zip_error_init_with_code(&reason, code);
        auto const text = std::string{zip_error_strerror(&reason)};
        zip_error_fini(&reason);
        throw error(problem, name_of(path) + " is no ZIP archive that opens (" + text + "): an npz file is needed");
    }
    return archive;
}

/// The unpacked content of one member. It grows as it is unpacked, so a size that the archive only claims costs
/// nothing.
inline std::vector<std::byte> unpack(zip_t* archive, zip_stat_t const& entry, std::string const& origin) {
    auto const member = zip_member{zip_fopen_index(archive, entry.index, 0)};
    if (!member)
        damaged(origin, std::string{"it cannot be opened ("} + zip_strerror(archive) + "): a whole archive is needed");
    auto content = std::vector<std::byte>{};
    auto chunk = std::array<std::byte, 1U << 16U>{};
    auto count = zip_int64_t{0};
    while ((count = zip_fread(member.get(), chunk.data(), chunk.size())) > 0) {
        auto const part = std::span{chunk}.first(static_cast<std::size_t>(count));
        content.insert(content.end(), part.begin(), part.end());
        if (content.size() > entry.size)
            break;
    }
    if (count < 0)
        damaged(origin, std::string{"it cannot be unpacked ("} + zip_file_strerror(member.get()) +
                            "): undamaged data is needed");
    if (content.size() != entry.size)
        damaged(origin, "it unpacks to another size than the " + number_text(entry.size) +
                            " bytes in the directory: the two must agree");
    return content;
}

}  // namespace detail

/// How save_npz packs the members.
enum class packing {
    stored,    ///< as they are, like numpy.savez
    deflated,  ///< compressed, like numpy.savez_compressed
};

/// All arrays of an npz file, by name; stored and deflated members.
///
/// returns   name (without .npy) -> array, elements converted to T as load_npy does
/// throws    errc::file    the file is missing, no regular file or not readable
///           errc::format  no ZIP archive, a damaged, encrypted or otherwise compressed member, a member that is no
///           npy,
///                         a name twice, or an element that T cannot hold
template <element T>
std::map<std::string, xt::xarray<T>> load_npz(std::filesystem::path const& path) {
    using namespace detail;
    constexpr auto suffix = std::string_view{".npy"};
    auto const file_size = input_file{path}.size();
    auto const archive = open_zip(path, ZIP_RDONLY | ZIP_CHECKCONS, errc::format);
    auto const entries = static_cast<zip_uint64_t>(zip_get_num_entries(archive.get(), 0));
    auto arrays = std::map<std::string, xt::xarray<T>>{};
    auto packed = std::uint64_t{0};  // bytes of all members so far: members that share bytes exceed the file
    for (auto i = zip_uint64_t{0}; i < entries; ++i) {
        auto entry = zip_stat_t{};
        constexpr auto wanted = zip_uint64_t{ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD |
                                             ZIP_STAT_ENCRYPTION_METHOD};
        if (zip_stat_index(archive.get(), i, 0, &entry) != 0 || (entry.valid & wanted) != wanted)
            damaged(name_of(path), "member " + number_text(i) +
                                       " has no complete entry in the directory: a name, the " +
                                       "sizes and the compression are needed");
        auto const member = std::string_view{entry.name};
        auto const origin = name_of(path) + ", member " + in_quotes(member);
        if (!member.ends_with(suffix))
            damaged(origin, "its name does not end in .npy: only arrays are allowed");
        if (entry.encryption_method != ZIP_EM_NONE ||
            (entry.comp_method != ZIP_CM_STORE && entry.comp_method != ZIP_CM_DEFLATE))
            damaged(origin, "it is encrypted or compressed by method " + number_text(unsigned{entry.comp_method}) +
                                ": a stored (0) or deflated (8) member is needed");
        if (entry.comp_size > file_size - packed)
            damaged(origin, "it claims " + number_text(entry.comp_size) + " bytes, but " +
                                number_text(file_size - packed) + " of the file are left: members must not overlap");
        packed += entry.comp_size;
        auto name = std::string{member.substr(0, member.size() - suffix.size())};
        if (arrays.contains(name))
            damaged(origin, "the name is there twice: each name is needed once");
        arrays.emplace(std::move(name), parse_npy<T>(unpack(archive.get(), entry, origin), origin));
    }
    return arrays;
}

/// Writes arrays as npz, in the order of their names; the same arrays give the same bytes.
///
/// throws    errc::file    the file cannot be written; an older one is then as it was
template <element T = float>
void save_npz(std::filesystem::path const& path, std::map<std::string, xt::xarray<T>> const& arrays,
              packing how = packing::stored) {
    using namespace detail;
    require_replaceable(path);
    if (arrays.empty()) {  // libzip writes no archive without members
        write_file(path, bytes_of(std::string_view{"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22}));
        return;
    }
    auto contents = std::vector<std::vector<std::byte>>{};  // libzip reads them when it closes
    contents.reserve(arrays.size());
    auto archive = open_zip(path, ZIP_CREATE | ZIP_TRUNCATE, errc::file);
    auto const require = [&](bool done) {
        if (!done)
            throw error(errc::file, name_of(path) + " cannot be written (" + zip_strerror(archive.get()) +
                                        "): a folder that exists, may be written and has room is needed");
    };
    for (auto const& [name, array] : arrays) {
        auto const& content = contents.emplace_back(npy_content(array));
        auto* const source = zip_source_buffer(archive.get(), content.data(), content.size(), 0);
        require(source != nullptr);
        auto const index = zip_file_add(archive.get(), (name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
        if (index < 0)
            zip_source_free(source);
        require(index >= 0);
        auto const at = static_cast<zip_uint64_t>(index);
        auto const method = how == packing::stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
        require(zip_set_file_compression(archive.get(), at, method, 0) == 0);
        require(zip_file_set_dostime(archive.get(), at, 0, 0x21, 0) == 0);  // 1980-01-01
    }
    require(zip_close(archive.get()) == 0);
    static_cast<void>(archive.release());  // closed
}

}  // namespace xcim::io
