#pragma once

/// \file
/// NumPy's array files, .npy. Format: NEP 1 and the documentation of numpy.lib.format, versions 1.0, 2.0 and 3.0.

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xcim/core/error.hpp>
#include <xcim/io/detail.hpp>
#include <xcim/ops/xtensor.hpp>

namespace xcim::io {

namespace detail {

inline constexpr auto npy_magic = std::string_view{"\x93NUMPY"};

struct npy_header {
    dtype_info element;
    encoding stored;
    std::vector<std::size_t> shape;
};

/// Reads the header: the literal of a Python dictionary with exactly the keys descr, fortran_order and shape.
class npy_header_parser {
public:
    npy_header_parser(std::string_view text, std::string const& origin) : rest_{text}, origin_{origin} {}

    npy_header parse() {
        auto element = std::optional<dtype_info>{};
        auto order = std::endian::little;
        auto column_major = std::optional<bool>{};
        auto shape = std::optional<std::vector<std::size_t>>{};
        expect('{');
        while (!accept('}')) {
            auto const key = string();
            expect(':');
            if (key == "descr" && !element)
                element = descr(order);
            else if (key == "fortran_order" && !column_major)
                column_major = boolean();
            else if (key == "shape" && !shape)
                shape = tuple();
            else
                damaged(origin_, "the npy header has the key " + in_quotes(key) + " twice or needlessly: descr, " +
                                     "fortran_order and shape are needed, each once");
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        skip_space();
        if (!rest_.empty())
            fail("nothing but spaces after the dictionary");
        if (!element || !column_major || !shape)
            fail("each of the keys descr, fortran_order and shape");
        return {*element, {element->type, order, *column_major}, *shape};
    }

private:
    [[noreturn]] void fail(std::string const& needed) const {
        damaged(origin_, "the npy header has " + (rest_.empty() ? "its end" : in_quotes(rest_.substr(0, 24))) +
                             " where " + needed + " is needed");
    }

    void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }

    bool accept(char c) {
        skip_space();
        auto const found = rest_.starts_with(c);
        rest_.remove_prefix(found ? 1 : 0);
        return found;
    }

    void expect(char c) {
        if (!accept(c))
            fail(in_quotes({&c, 1}));
    }

    std::string_view string() {
        auto const quote = accept('\'') ? '\'' : accept('"') ? '"' : '\0';
        auto const end = quote == '\0' ? std::string_view::npos : rest_.find(quote);
        if (end == std::string_view::npos)
            fail("a string in quotes");
        auto const text = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return text;
    }

    bool boolean() {
        skip_space();
        for (auto const value : {true, false})
            if (auto const word = std::string_view{value ? "True" : "False"}; rest_.starts_with(word)) {
                rest_.remove_prefix(word.size());
                return value;
            }
        fail("True or False");
    }

    std::size_t extent() {
        skip_space();
        auto value = std::size_t{0};
        auto const [end, problem] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (problem != std::errc{})
            fail("an extent, an integer from 0 on of at most 64 bits,");
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        rest_.remove_prefix(rest_.starts_with('L') ? 1 : 0);  // written by Python 2
        return value;
    }

    std::vector<std::size_t> tuple() {
        auto values = std::vector<std::size_t>{};
        expect('(');
        while (!accept(')')) {
            values.push_back(extent());
            if (accept(','))
                continue;
            if (values.size() == 1)
                fail("',', as in the tuple (5,),");
            expect(')');
            break;
        }
        return values;
    }

    /// '<f4': byte order, kind, size in bytes.
    dtype_info descr(std::endian& order) {
        auto const text = string();
        auto const info = find_dtype(&dtype_info::npy, text.substr(std::min<std::size_t>(1, text.size())));
        auto const mark = text.empty() ? ' ' : text.front();
        if (!info || (mark != '<' && mark != '>' && !(mark == '|' && info->size == 1)))
            damaged(origin_, "the npy header has the element type " + in_quotes(text) +
                                 ": < or > (or | for one byte) and " + "one of " + dtype_names(&dtype_info::npy) +
                                 " is needed");
        order = mark == '>' ? std::endian::big : std::endian::little;
        return *info;
    }

    std::string_view rest_;
    std::string const& origin_;
};

/// The content of an npy file: version 1.0 (2.0 for a shape that needs it), little endian, row-major.
template <class E>
std::vector<std::byte> npy_content(xt::xexpression<E> const& expression) {
    using value_type = typename E::value_type;
    auto const& array = expression.derived_cast();
    auto const shape = std::vector<std::size_t>(array.shape().begin(), array.shape().end());
    auto header = std::string{"{'descr': '"} + (sizeof(value_type) == 1 ? '|' : '<') +
                  std::string{info_of<value_type>().npy} +
                  "', 'fortran_order': False, 'shape': " + shape_text(shape, shape.size()) + ", }";
    auto const is_long = header.size() > 65'000;
    auto const before = npy_magic.size() + (is_long ? 6 : 4);
    header.append(63 - (before + header.size()) % 64, ' ');  // the data begins at a multiple of 64 bytes
    header += '\n';

    auto content = std::vector<std::byte>{};
    content.reserve(before + header.size() + array.size() * sizeof(value_type));
    std::ranges::copy(bytes_of(npy_magic), std::back_inserter(content));
    append(content, std::uint8_t{is_long ? std::uint8_t{2} : std::uint8_t{1}});
    append(content, std::uint8_t{0});
    if (is_long)
        append(content, static_cast<std::uint32_t>(header.size()));
    else
        append(content, static_cast<std::uint16_t>(header.size()));
    std::ranges::copy(bytes_of(header), std::back_inserter(content));
    for (auto value = array.template begin<xt::layout_type::row_major>(),
              end = array.template end<xt::layout_type::row_major>();
         value != end; ++value)
        append(content, static_cast<value_type>(*value));
    return content;
}

}  // namespace detail

/// An array from the content of an npy file in memory; `origin` names it in errors.
///
/// returns   the array, row-major, elements converted to T (see load_npy)
/// throws    errc::format  as load_npy
template <element T>
xt::xarray<T> parse_npy(std::span<std::byte const> content, std::string const& origin = "npy content") {
    using namespace detail;
    auto const require = [&](std::size_t offset, std::size_t count, std::string_view what) {
        if (offset > content.size() || count > content.size() - offset)
            damaged(origin, std::string{what} + " needs " + number_text(count) + " bytes from byte " +
                                number_text(offset) + " on, but it has " + number_text(content.size()) + " bytes");
    };
    auto const preamble = npy_magic.size() + 2;
    require(0, preamble, "the npy magic string and version");
    if (!std::ranges::equal(content.first(npy_magic.size()), bytes_of(npy_magic)))
        damaged(origin, "it does not begin with the npy magic string: an npy file is needed");
    auto const major = std::to_integer<unsigned>(content[preamble - 2]);
    auto const minor = std::to_integer<unsigned>(content[preamble - 1]);
    if (major < 1 || major > 3 || minor != 0)
        damaged(origin,
                "its npy version is " + number_text(major) + "." + number_text(minor) + ": 1.0, 2.0 or 3.0 is needed");
    auto const length_size = std::size_t{major == 1 ? 2U : 4U};
    require(preamble, length_size, "the length of the npy header");
    auto const length = std::size_t{major == 1 ? load<std::uint16_t>(content, preamble, std::endian::little)
                                               : load<std::uint32_t>(content, preamble, std::endian::little)};
    auto const start = preamble + length_size;
    require(start, length, "the npy header");
    auto const text = std::string_view{reinterpret_cast<char const*>(content.data()) + start, length};
    auto const header = npy_header_parser{text, origin}.parse();

    auto const raw = content.subspan(start + length);
    static_cast<void>(require_elements(origin, header.shape, header.element.size, raw.size()));
    auto array = xt::xarray<T, xt::layout_type::row_major>::from_shape(header.shape);
    decode(origin, raw, header.stored, header.shape, array.data());
    return array;
}

/// The array in an npy file of bool, 8- to 64-bit integers or 16- to 64-bit reals, either byte order, C or Fortran
/// order.
///
/// returns   the array in the shape of the header, row-major, elements converted to T
/// throws    errc::file    the file is missing, no regular file or not readable
///           errc::format  damaged, of another type or size than it claims, or with an element that T cannot hold: an
///                         integer out of range or not exact in a real T, a fraction for an integer T, a finite real
///                         that would become infinite. Rounding to a narrower real is allowed.
template <element T>
xt::xarray<T> load_npy(std::filesystem::path const& path) {
    return parse_npy<T>(detail::read_file(path), detail::name_of(path));
}

/// Writes an array or expression as npy: element type as it is, little endian, C order.
///
/// throws    errc::file    the file cannot be written; an older one is then as it was
template <class E>
requires element<typename E::value_type>
void save_npy(std::filesystem::path const& path, xt::xexpression<E> const& expression) {
    detail::write_file(path, detail::npy_content(expression));
}

}  // namespace xcim::io
