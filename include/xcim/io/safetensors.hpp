#pragma once

/// \file
/// Weights by name, .safetensors: 64-bit little-endian length of the header, header (a JSON object name -> dtype,
/// shape, data_offsets; padded with spaces), data (little endian, row-major, without gaps). Format: section "Format" of
/// the README of huggingface/safetensors.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xcim/core/error.hpp>
#include <xcim/io/detail.hpp>
#include <xcim/ops/xtensor.hpp>

namespace xcim::io {

namespace detail {

/// Insertions, removals and replacements that make one name the other.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
    auto row = std::vector<std::size_t>(b.size() + 1);
    for (auto j = std::size_t{0}; j <= b.size(); ++j)
        row[j] = j;
    for (auto i = std::size_t{1}; i <= a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i);
        for (auto j = std::size_t{1}; j <= b.size(); ++j)
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])}));
    }
    return row[b.size()];
}

/// The entry of one tensor in the header.
struct tensor_entry {
    std::string name;
    dtype_info element;
    std::vector<std::size_t> shape;
    std::uint64_t begin;  // bytes after the header
    std::uint64_t end;
};

/// The header of a safetensors file of which everything is checked: entries in the order of their data.
struct safetensors_header {
    std::vector<tensor_entry> entries;
    std::map<std::string, std::string> metadata;
    std::uint64_t data = 0;  // byte of the file where the data begins
};

inline nlohmann::json parse_header(std::string const& origin, std::string_view text) {
    using event = nlohmann::json::parse_event_t;
    if (!text.starts_with('{') || text.find('\0') != std::string_view::npos)
        damaged(origin, "the header does not begin with '{' or has a zero byte: a JSON object is needed");
    auto open = std::vector<std::set<std::string>>{};  // keys so far of the objects around this place
    try {
        return nlohmann::json::parse(text, [&](int depth, event what, nlohmann::json& parsed) {
            if (depth > 8)
                damaged(origin, "the header is nested deeper than 8: tensors by name are needed");
            if (what == event::object_start)
                open.emplace_back();
            else if (what == event::object_end)
                open.pop_back();
            else if (what == event::key && !open.back().insert(parsed.get<std::string>()).second)
                damaged(origin, "the header has the name " + in_quotes(parsed.get<std::string>()) +
                                    " twice: each is needed once");
            return true;
        });
    } catch (nlohmann::json::exception const& problem) {
        damaged(origin, std::string{"the header is no JSON ("} + problem.what() + "): a JSON object is needed");
    }
}

/// An array of JSON numbers that are integers from 0 on, or errc::format.
inline std::vector<std::uint64_t> naturals(std::string const& origin, nlohmann::json const& list,
                                           std::string_view what) {
    if (!list.is_array() || !std::ranges::all_of(list, [](auto const& item) { return item.is_number_unsigned(); }))
        damaged(origin,
                std::string{what} + " is " + in_quotes(list.dump()) + ": a list of integers from 0 on is needed");
    return list.get<std::vector<std::uint64_t>>();
}

inline tensor_entry parse_entry(std::string const& file, std::string const& name, nlohmann::json const& entry) {
    auto const origin = file + ", tensor " + in_quotes(name);
    if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") || !entry.contains("shape") ||
        !entry.contains("data_offsets"))
        damaged(origin, "its entry is " + in_quotes(entry.dump()) + ": dtype, shape and data_offsets are needed");
    auto const type = entry["dtype"].is_string() ? entry["dtype"].get<std::string>() : entry["dtype"].dump();
    auto const element = find_dtype(&dtype_info::safetensors, type);
    if (!element)
        damaged(origin,
                "its dtype is " + in_quotes(type) + ": one of " + dtype_names(&dtype_info::safetensors) + " is needed");
    auto const extents = naturals(origin, entry["shape"], "its shape");
    auto const offsets = naturals(origin, entry["data_offsets"], "its data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1])
        damaged(origin, "its data_offsets are " + in_quotes(entry["data_offsets"].dump()) + ": begin <= end is needed");
    auto shape = std::vector<std::size_t>{};
    for (auto const extent : extents) {
        if (!std::in_range<std::size_t>(extent))
            damaged(origin, "its extent " + number_text(extent) + " is too large for this machine");
        shape.push_back(static_cast<std::size_t>(extent));
    }
    static_cast<void>(require_elements(origin, shape, element->size, offsets[1] - offsets[0]));
    return {name, *element, std::move(shape), offsets[0], offsets[1]};
}

inline safetensors_header read_header(input_file& file) {
    constexpr auto longest = std::uint64_t{100'000'000};  // bytes, as in the reference implementation
    auto const length = load<std::uint64_t>(file.read(0, 8, "the length of the header"), 0, std::endian::little);
    if (length > longest)
        damaged(file.name(), "the header claims " + number_text(length) + " bytes: at most " + number_text(longest) +
                                 " are allowed");
    auto const text = file.read(8, length, "the header");
    auto const json = parse_header(file.name(), {reinterpret_cast<char const*>(text.data()), text.size()});

    auto header = safetensors_header{};
    header.data = 8 + length;
    for (auto const& [name, value] : json.items()) {
        if (name != "__metadata__") {
            header.entries.push_back(parse_entry(file.name(), name, value));
            continue;
        }
        if (!value.is_object() || !std::ranges::all_of(value, [](auto const& item) { return item.is_string(); }))
            damaged(file.name(), "its __metadata__ is " + in_quotes(value.dump()) + ": texts by name are needed");
        header.metadata = value.get<std::map<std::string, std::string>>();
    }
    std::ranges::sort(header.entries, {}, [](auto const& entry) { return std::pair{entry.begin, entry.end}; });
    auto filled = std::uint64_t{0};
    for (auto const& entry : header.entries) {
        if (entry.begin != filled)
            damaged(file.name(), "the data of tensor " + in_quotes(entry.name) + " begins at " +
                                     number_text(entry.begin) + ", but that before it ends at " + number_text(filled) +
                                     ": neither gaps nor overlaps are allowed");
        filled = entry.end;
    }
    if (filled != file.size() - header.data)
        damaged(file.name(), "the tensors take " + number_text(filled) + " bytes, but " +
                                 number_text(file.size() - header.data) + " follow the header: the two must agree");
    return header;
}

}  // namespace detail

/// Arrays by name, in the order of the names, as a safetensors file holds them: a map that only reads.
///
///     for (auto const& [name, array] : load_safetensors("model.safetensors")) ...
template <element T>
class basic_tensors {
public:
    using map_type = std::map<std::string, xt::xarray<T>>;
    using value_type = typename map_type::value_type;
    using const_iterator = typename map_type::const_iterator;
    using metadata_type = std::map<std::string, std::string>;

    basic_tensors() = default;

    /// `origin` names the source in errors.
    explicit basic_tensors(map_type arrays, metadata_type metadata = {}, std::string origin = "tensors")
        : arrays_{std::move(arrays)}, metadata_{std::move(metadata)}, origin_{std::move(origin)} {}

    /// The array of this name; errc::format names the nearest ones where there is none.
    [[nodiscard]] xt::xarray<T> const& at(std::string const& name) const {
        auto const found = arrays_.find(name);
        if (found == arrays_.end())
            detail::damaged(origin_, "it has no tensor " + detail::in_quotes(name) + ": the nearest of its " +
                                         detail::number_text(size()) + " names are [" + nearest(name) + "]");
        return found->second;
    }
    [[nodiscard]] xt::xarray<T> const& operator[](std::string const& name) const { return at(name); }

    [[nodiscard]] bool contains(std::string const& name) const { return arrays_.contains(name); }
    [[nodiscard]] std::size_t size() const noexcept { return arrays_.size(); }
    [[nodiscard]] bool empty() const noexcept { return arrays_.empty(); }
    [[nodiscard]] const_iterator begin() const noexcept { return arrays_.begin(); }
    [[nodiscard]] const_iterator end() const noexcept { return arrays_.end(); }

    /// The texts under __metadata__, empty where the file has none.
    [[nodiscard]] metadata_type const& metadata() const noexcept { return metadata_; }

    /// The same as a plain map.
    [[nodiscard]] map_type const& map() const noexcept { return arrays_; }

private:
    [[nodiscard]] std::string nearest(std::string_view wanted) const {
        wanted = wanted.substr(0, 256);
        auto ranked = std::vector<std::pair<std::size_t, std::string_view>>{};
        for (auto const& [name, array] : arrays_)
            ranked.emplace_back(detail::edit_distance(wanted, std::string_view{name}.substr(0, 256)), name);
        std::ranges::sort(ranked);
        auto text = std::string{};
        for (auto i = std::size_t{0}; i < std::min<std::size_t>(3, ranked.size()); ++i)
            text += (i == 0 ? "" : ", ") + detail::in_quotes(ranked[i].second);
        return text;
    }

    map_type arrays_;
    metadata_type metadata_;
    std::string origin_ = "tensors";
};

/// The usual element type.
using tensors = basic_tensors<float>;

/// All tensors of a safetensors file: BOOL, I8 to I64, U8 to U64, F16, BF16, F32, F64.
///
/// returns   name -> array in the shape of the header, elements converted to T as load_npy does; metadata
/// throws    errc::file    the file is missing, no regular file or not readable
///           errc::format  a header that is no JSON object of tensors, a name twice, another dtype, a shape, offset or
///                         length that does not agree with the others or the file, gaps, overlaps, or an element that T
///                         cannot hold (for float: an integer of more than 24 significant bits)
template <element T>
basic_tensors<T> load_safetensors_as(std::filesystem::path const& path) {
    auto file = detail::input_file{path};
    auto header = detail::read_header(file);
    auto arrays = typename basic_tensors<T>::map_type{};
    for (auto const& entry : header.entries) {
        auto const origin = file.name() + ", tensor " + detail::in_quotes(entry.name);
        auto const raw = file.read(header.data + entry.begin, entry.end - entry.begin, "the data");
        auto array = xt::xarray<T, xt::layout_type::row_major>::from_shape(entry.shape);
        detail::decode(origin, raw, {entry.element.type}, entry.shape, array.data());
        arrays.emplace(entry.name, std::move(array));
    }
    return basic_tensors<T>{std::move(arrays), std::move(header.metadata), file.name()};
}

/// As load_safetensors_as<float>.
inline tensors load_safetensors(std::filesystem::path const& path) { return load_safetensors_as<float>(path); }

/// Writes arrays by name, in the order of the names; the element type is T's.
///
/// throws    errc::value   a name is __metadata__, or a name or text is not UTF-8
///           errc::file    the file cannot be written; an older one is then as it was
template <element T = float>
void save_safetensors(std::filesystem::path const& path, std::map<std::string, xt::xarray<T>> const& arrays,
                      std::map<std::string, std::string> const& metadata = {}) {
    using namespace detail;
    auto header = nlohmann::json::object();
    if (!metadata.empty())
        header["__metadata__"] = metadata;
    auto filled = std::size_t{0};
    for (auto const& [name, array] : arrays) {
        if (name == "__metadata__")
            throw error(errc::value, name_of(path) + ": a tensor is named '__metadata__': another name is needed");
        auto const end = filled + array.size() * sizeof(T);
        header[name] = {{"dtype", info_of<T>().safetensors},
                        {"shape", std::vector<std::size_t>(array.shape().begin(), array.shape().end())},
                        {"data_offsets", {filled, end}}};
        filled = end;
    }
    auto text = std::string{};
    try {
        text = header.dump();
    } catch (nlohmann::json::exception const&) {
        throw error(errc::value, name_of(path) + ": a name or a text of the metadata is not UTF-8: UTF-8 is needed");
    }
    text.append((8 - text.size() % 8) % 8, ' ');

    auto content = std::vector<std::byte>{};
    content.reserve(8 + text.size() + filled);
    append(content, std::uint64_t{text.size()});
    std::ranges::copy(bytes_of(text), std::back_inserter(content));
    for (auto const& [name, array] : arrays)
        for (auto value = array.template begin<xt::layout_type::row_major>(),
                  last = array.template end<xt::layout_type::row_major>();
             value != last; ++value)
            append(content, *value);
    write_file(path, content);
}

/// Writes what load_safetensors returned, with its metadata.
template <element T>
void save_safetensors(std::filesystem::path const& path, basic_tensors<T> const& arrays) {
    save_safetensors(path, arrays.map(), arrays.metadata());
}

}  // namespace xcim::io
