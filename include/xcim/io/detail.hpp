#pragma once

/// \file
/// What the loaders share: files with checked sizes, element types and their conversion, checked shapes.

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <xcim/core/error.hpp>

namespace xcim::io {

/// Element types an array can be loaded as or saved from: bool, integers of 8 to 64 bits, float, double.
template <class T>
concept element = std::same_as<T, bool> || std::same_as<T, float> || std::same_as<T, double> ||
    std::same_as<T, signed char> || std::same_as<T, unsigned char> || std::same_as<T, short> ||
    std::same_as<T, unsigned short> || std::same_as<T, int> || std::same_as<T, unsigned> || std::same_as<T, long> ||
    std::same_as<T, unsigned long> || std::same_as<T, long long> || std::same_as<T, unsigned long long>;

}  // namespace xcim::io

namespace xcim::io::detail {

using bytes = std::span<std::byte const>;
using shape_view = std::span<std::size_t const>;

// ---- words of an error ----------------------------------------------------------------------------------------------

/// `text` in quotes, fit for one line of an error: no control characters, at most 80 characters.
inline std::string in_quotes(std::string_view text) {
    auto shown = std::string{text.substr(0, 80)};
    std::ranges::replace_if(
        shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return "'" + shown + (text.size() > 80 ? "...'" : "'");
}

inline std::string name_of(std::filesystem::path const& path) { return "file '" + path.string() + "'"; }

/// The shortest text that reads back as the same number.
template <class T>
std::string number_text(T value) {
    if constexpr (std::same_as<T, bool>) {
        return value ? "true" : "false";
    } else {
        auto text = std::array<char, 32>{};
        auto const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
        return {text.data(), end};
    }
}

/// "(2, 3)", "(5,)", "()"; of a longer shape only the first extents.
inline std::string shape_text(shape_view shape, std::size_t shown = 16) {
    auto text = std::string{"("};
    for (auto i = std::size_t{0}; i < std::min(shape.size(), shown); ++i)
        text += (i == 0 ? "" : ", ") + number_text(shape[i]);
    return text + (shape.size() == 1 ? ",)" : shape.size() > shown ? ", ...)" : ")");
}

/// The index of the `position`-th element in row-major order, as text.
inline std::string index_text(std::size_t position, shape_view shape) {
    auto index = std::vector<std::size_t>(shape.size());
    for (auto axis = shape.size(); axis-- > 0; position /= shape[axis])
        index[axis] = position % shape[axis];
    return shape_text(index);
}

[[noreturn]] inline void damaged(std::string const& origin, std::string const& sentence) {
    throw error(errc::format, origin + ": " + sentence);
}

// ---- files ----------------------------------------------------------------------------------------------------------

/// A file opened for reading whose size is known. Throws errc::file unless `path` is a regular file that opens.
class input_file {
public:
    explicit input_file(std::filesystem::path const& path) : name_{name_of(path)} {
        auto failed = std::error_code{};
        auto const status = std::filesystem::status(path, failed);
        if (!std::filesystem::exists(status))
            throw error(errc::file, name_ + " does not exist or cannot be reached: the path of a file is needed");
        if (!std::filesystem::is_regular_file(status))
            throw error(errc::file, name_ + " is a directory or a device: a regular file is needed");
        size_ = std::filesystem::file_size(path, failed);
        if (!failed)
            stream_.open(path, std::ios::binary);
        if (failed || !stream_)
            throw error(errc::file, name_ + " cannot be opened: a file that may be read is needed");
    }

    [[nodiscard]] std::string const& name() const noexcept { return name_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }  // bytes

    /// Throws errc::format unless the file has bytes [offset, offset + count); `what` names them.
    void require(std::uint64_t offset, std::uint64_t count, std::string_view what) const {
        if (offset > size_ || count > size_ - offset)
            damaged(name_, std::string{what} + " needs " + number_text(count) + " bytes from byte " +
                               number_text(offset) + " on, but the file has " + number_text(size_) + " bytes");
    }

    /// Fills `destination` from byte `offset` on.
    void read(std::uint64_t offset, std::span<std::byte> destination, std::string_view what) {
        require(offset, destination.size(), what);
        stream_.clear();
        stream_.seekg(static_cast<std::streamoff>(offset));
        stream_.read(reinterpret_cast<char*>(destination.data()), static_cast<std::streamsize>(destination.size()));
        if (!stream_)
            throw error(errc::file, name_ + " ended or failed inside " + std::string{what} +
                                        ": a file that does not change while it is read is needed");
    }

    /// Bytes [offset, offset + count), checked before they are allocated.
    [[nodiscard]] std::vector<std::byte> read(std::uint64_t offset, std::uint64_t count, std::string_view what) {
        require(offset, count, what);
        auto content = std::vector<std::byte>(static_cast<std::size_t>(count));
        read(offset, content, what);
        return content;
    }

private:
    std::string name_;
    std::uint64_t size_ = 0;
    std::ifstream stream_;
};

/// The whole content of a file.
inline std::vector<std::byte> read_file(std::filesystem::path const& path) {
    auto file = input_file{path};
    return file.read(0, file.size(), "the content");
}

/// Throws errc::file where `path` is something that must not be replaced by a file, such as a folder or /dev/null.
inline void require_replaceable(std::filesystem::path const& path) {
    auto ignored = std::error_code{};
    auto const status = std::filesystem::status(path, ignored);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
        throw error(errc::file, name_of(path) + " is a directory or a device: the path of a regular file is needed");
}

/// Writes a temporary beside `path` and renames it. Throws errc::file, and then `path` is as it was before.
inline void write_file(std::filesystem::path const& path, bytes content) {
    require_replaceable(path);
    auto temporary = path;
    temporary += ".unfinished-" + number_text(std::random_device{}());
    auto ignored = std::error_code{};
    auto out = std::ofstream{temporary, std::ios::binary | std::ios::trunc};
    out.write(reinterpret_cast<char const*>(content.data()), static_cast<std::streamsize>(content.size()));
    out.close();
    if (!out) {
        std::filesystem::remove(temporary, ignored);
        throw error(errc::file, name_of(path) + " cannot be written: a folder that exists, may be written and has room"
                                                " is needed");
    }
    auto failed = std::error_code{};
    std::filesystem::rename(temporary, path, failed);
    if (failed) {
        std::filesystem::remove(temporary, ignored);
        throw error(errc::file, name_of(path) + " cannot be replaced (" + failed.message() + "): a file is needed");
    }
}

inline bytes bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }

// ---- endianness -----------------------------------------------------------------------------------------------------

/// The T stored at byte `offset`. Precondition: offset + sizeof(T) <= raw.size().
template <class T>
T load(bytes raw, std::size_t offset, std::endian order) {
    auto image = std::array<std::byte, sizeof(T)>{};
    std::memcpy(image.data(), raw.data() + offset, sizeof(T));
    if (order != std::endian::native)
        std::ranges::reverse(image);
    return std::bit_cast<T>(image);
}

/// Appends `value`, little endian.
template <class T>
void append(std::vector<std::byte>& out, T value) {
    auto image = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
    if constexpr (std::endian::native != std::endian::little)
        std::ranges::reverse(image);
    out.insert(out.end(), image.begin(), image.end());
}

// ---- element types --------------------------------------------------------------------------------------------------

/// IEEE 754 binary16, as it lies in a file.
struct half {
    std::uint16_t bits;

    [[nodiscard]] constexpr float value() const {
        auto const sign = (bits & 0x8000U) << 16U;
        auto const exponent = (bits >> 10U) & 0x1fU;
        auto const fraction = bits & 0x3ffU;
        if (exponent == 0)  // zero and subnormals, in units of 2^-24
            return (sign != 0 ? -1.0F : 1.0F) * static_cast<float>(fraction) * 0x1p-24F;
        auto const wide = exponent == 0x1f ? 0xffU : exponent + (127 - 15);
        return std::bit_cast<float>(static_cast<std::uint32_t>(sign | wide << 23U | fraction << 13U));
    }
};

/// The upper half of an IEEE 754 binary32.
struct brain {
    std::uint16_t bits;

    [[nodiscard]] constexpr float value() const {
        return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
    }
};

/// The element stored as T at byte `offset`, as a number: halves as float, a bool as its byte.
template <class T>
auto load_element(bytes raw, std::size_t offset, std::endian order) {
    if constexpr (std::same_as<T, bool>)
        return load<std::uint8_t>(raw, offset, order);
    else if constexpr (std::same_as<T, half> || std::same_as<T, brain>)
        return load<T>(raw, offset, order).value();
    else
        return load<T>(raw, offset, order);
}

enum class dtype { boolean, i8, u8, i16, u16, i32, u32, i64, u64, f16, bf16, f32, f64 };

struct dtype_info {
    dtype type;
    std::size_t size;      // bytes
    std::string_view npy;  // kind and size; empty: npy has no such type
    std::string_view safetensors;
};

inline constexpr auto dtypes = std::array{
    dtype_info{dtype::boolean, 1, "b1", "BOOL"}, dtype_info{dtype::i8, 1, "i1", "I8"},
    dtype_info{dtype::u8, 1, "u1", "U8"},        dtype_info{dtype::i16, 2, "i2", "I16"},
    dtype_info{dtype::u16, 2, "u2", "U16"},      dtype_info{dtype::i32, 4, "i4", "I32"},
    dtype_info{dtype::u32, 4, "u4", "U32"},      dtype_info{dtype::i64, 8, "i8", "I64"},
    dtype_info{dtype::u64, 8, "u8", "U64"},      dtype_info{dtype::f16, 2, "f2", "F16"},
    dtype_info{dtype::bf16, 2, "", "BF16"},      dtype_info{dtype::f32, 4, "f4", "F32"},
    dtype_info{dtype::f64, 8, "f8", "F64"},
};

/// The row of `dtypes` whose `column` is `name`, or nothing.
inline std::optional<dtype_info> find_dtype(std::string_view dtype_info::*column, std::string_view name) {
    auto const found = std::ranges::find(dtypes, name, column);
    return name.empty() || found == dtypes.end() ? std::nullopt : std::optional{*found};
}

/// "b1, i1, ..." or "BOOL, I8, ...".
inline std::string dtype_names(std::string_view dtype_info::*column) {
    auto text = std::string{};
    for (auto const& row : dtypes)
        if (auto const name = row.*column; !name.empty())
            text += (text.empty() ? "" : ", ") + std::string{name};
    return text;
}

/// Calls visit(std::type_identity<T>{}) with the type as it is stored.
template <class Visitor>
auto with_type(dtype type, Visitor&& visit) {
    switch (type) {
    case dtype::boolean:
        return visit(std::type_identity<bool>{});
    case dtype::i8:
        return visit(std::type_identity<std::int8_t>{});
    case dtype::u8:
        return visit(std::type_identity<std::uint8_t>{});
    case dtype::i16:
        return visit(std::type_identity<std::int16_t>{});
    case dtype::u16:
        return visit(std::type_identity<std::uint16_t>{});
    case dtype::i32:
        return visit(std::type_identity<std::int32_t>{});
    case dtype::u32:
        return visit(std::type_identity<std::uint32_t>{});
    case dtype::i64:
        return visit(std::type_identity<std::int64_t>{});
    case dtype::u64:
        return visit(std::type_identity<std::uint64_t>{});
    case dtype::f16:
        return visit(std::type_identity<half>{});
    case dtype::bf16:
        return visit(std::type_identity<brain>{});
    case dtype::f32:
        return visit(std::type_identity<float>{});
    case dtype::f64:
        return visit(std::type_identity<double>{});
    }
    throw error(errc::format, "an element type outside the enumeration");
}

template <element T>
constexpr dtype_info info_of() {
    auto const kind = std::same_as<T, bool> ? 'b' : std::floating_point<T> ? 'f' : std::signed_integral<T> ? 'i' : 'u';
    return *std::ranges::find_if(
        dtypes, [=](auto const& row) { return row.size == sizeof(T) && !row.npy.empty() && row.npy[0] == kind; });
}

// ---- conversion -----------------------------------------------------------------------------------------------------

/// `value` as To, or nothing where more would be lost than the rounding of a wider real: an integer out of range or
/// with more significant bits than a real To has, a fraction, a NaN or infinity for an integer, a finite real that
/// would become infinite, anything but 0 and 1 for a bool.
template <element To, class From>
constexpr std::optional<To> convert(From value) {
    if constexpr (std::same_as<To, From>) {
        return value;
    } else if constexpr (std::same_as<From, bool>) {
        return static_cast<To>(value);
    } else if constexpr (std::same_as<To, bool>) {
        return value == From{0} || value == From{1} ? std::optional{value == From{1}} : std::nullopt;
    } else if constexpr (std::integral<From> && std::integral<To>) {
        return std::in_range<To>(value) ? std::optional{static_cast<To>(value)} : std::nullopt;
    } else if constexpr (std::integral<From>) {
        auto const wide = static_cast<std::uint64_t>(value);
        auto const magnitude = std::cmp_less(value, 0) ? 0 - wide : wide;
        auto const significant =
            magnitude == 0 ? 0 : static_cast<int>(std::bit_width(magnitude)) - std::countr_zero(magnitude);
        return std::cmp_greater(significant, std::numeric_limits<To>::digits) ? std::nullopt
                                                                              : std::optional{static_cast<To>(value)};
    } else if constexpr (std::integral<To>) {
        constexpr auto lowest = static_cast<From>(std::numeric_limits<To>::min());  // 0 or a power of two: exact
        constexpr auto half_end = std::uint64_t{1} << (std::numeric_limits<To>::digits - 1);
        constexpr auto end = From{2} * static_cast<From>(half_end);
        auto const fits = value >= lowest && value < end && value == std::trunc(value);  // false for NaN
        return fits ? std::optional{static_cast<To>(value)} : std::nullopt;
    } else {
        auto const narrowed = static_cast<To>(value);
        return std::isinf(narrowed) && !std::isinf(value) ? std::nullopt : std::optional{narrowed};
    }
}

// ---- arrays ---------------------------------------------------------------------------------------------------------

/// Product of the extents; nothing where it, or its part without the zeros, is too large for an array of 8-byte
/// elements.
inline std::optional<std::size_t> element_count(shape_view shape) {
    constexpr auto largest = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / 8;
    auto product = std::size_t{1};
    for (auto const extent : shape) {
        if (extent > largest / product)
            return std::nullopt;
        product *= std::max<std::size_t>(extent, 1);
    }
    return std::ranges::find(shape, 0U) == shape.end() ? product : 0;
}

/// Elements of an array of `shape` that fills exactly `available` bytes; throws errc::format where it does not.
inline std::size_t require_elements(std::string const& origin, shape_view shape, std::size_t element_size,
                                    std::uint64_t available) {
    auto const count = element_count(shape);
    if (!count || available % element_size != 0 || *count != available / element_size)
        damaged(origin, "the shape " + shape_text(shape) + " of " + number_text(element_size) +
                            "-byte elements does not fill the " + number_text(available) +
                            " bytes of data: the two must agree");
    return *count;
}

/// Where the `position`-th element in row-major order lies in column-major order.
inline std::size_t column_major(std::size_t position, std::size_t count, shape_view shape) {
    auto offset = std::size_t{0};
    for (auto axis = shape.size(); axis-- > 0; position /= shape[axis]) {
        count /= shape[axis];  // now the stride of this axis
        offset += position % shape[axis] * count;
    }
    return offset;
}

/// How the elements of an array lie in a file.
struct encoding {
    dtype type;
    std::endian order = std::endian::little;
    bool column_major = false;
};

[[noreturn]] inline void cannot_hold(std::string const& origin, std::size_t position, shape_view shape,
                                     std::string const& found, std::string_view type) {
    damaged(origin, "element " + index_text(position, shape) + " is " + found + ", which " + std::string{type} +
                        " cannot hold: an element type that loses nothing is needed");
}

/// Converts the elements in `raw` to To, row-major, at `out`. Precondition: `raw` holds exactly an array of `shape`.
template <element To>
void decode(std::string const& origin, bytes raw, encoding stored, shape_view shape, To* out) {
    with_type(stored.type, [&]<class From>(std::type_identity<From>) {
        auto const count = raw.size() / sizeof(From);
        if constexpr (std::same_as<From, To> && !std::same_as<From, bool>) {
            if (count != 0 && stored.order == std::endian::native && !stored.column_major) {
                std::memcpy(out, raw.data(), raw.size());
                return;
            }
        }
        for (auto i = std::size_t{0}; i < count; ++i) {
            auto const at = stored.column_major ? column_major(i, count, shape) : i;
            auto const value = load_element<From>(raw, at * sizeof(From), stored.order);
            if constexpr (std::same_as<From, bool>)
                if (value > 1)
                    cannot_hold(origin, i, shape, number_text(value), "b1");
            auto const converted = convert<To>(value);
            if (!converted)
                cannot_hold(origin, i, shape, number_text(value), info_of<To>().npy);
            out[i] = *converted;
        }
    });
}

}  // namespace xcim::io::detail
