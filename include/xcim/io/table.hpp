#pragma once

/// \file
/// Results as rows and named columns, to and from CSV, to JSON. Format: RFC 4180 (quoting), RFC 8259.
///
///     auto results = table{{"model", "bits", "accuracy"}};
///     results.add("resnet20", 6, 0.8103);
///     results.write_csv("results.csv");

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <xcim/core/error.hpp>
#include <xcim/io/detail.hpp>

namespace xcim::io {

/// Column names and rows of integers, reals and texts.
struct table {
    using cell = std::variant<std::int64_t, double, std::string>;

    std::vector<std::string> columns;
    std::vector<std::vector<cell>> rows{};  // each as long as columns

    /// Appends a row. Integers and bool become int64, reals double.
    ///
    /// throws    errc::shape   the number of cells is not that of the columns
    ///           errc::value   an integer that int64 cannot hold
    template <class... T>
    void add(T&&... cells) {
        if (sizeof...(cells) != columns.size())
            throw error(errc::shape, "table: a row of " + detail::number_text(sizeof...(cells)) + " cells, but " +
                                         detail::number_text(columns.size()) + " columns: one cell a column is needed");
        rows.push_back({to_cell(std::forward<T>(cells))...});
    }

    /// Writes a line of names and a line a row; texts in quotes where they need them or would read as a number or
    /// nothing, reals with the fewest digits that read back as the same double.
    ///
    /// throws    errc::shape   no columns, or a row with another number of cells
    ///           errc::value   a column name twice
    ///           errc::file    the file cannot be written; an older one is then as it was
    void write_csv(std::filesystem::path const& path) const;

    /// Writes a list of objects, one a row, keys in the order of the columns. JSON has no NaN and no infinity: these
    /// become the texts "nan", "inf" and "-inf".
    ///
    /// throws    as write_csv; errc::value also for text that is not UTF-8
    void write_json(std::filesystem::path const& path) const;

    friend bool operator==(table const&, table const&) = default;

private:
    template <class T>
    static cell to_cell(T&& value) {
        using plain = std::remove_cvref_t<T>;
        if constexpr (std::same_as<plain, cell>) {
            return std::forward<T>(value);
        } else if constexpr (std::same_as<plain, bool>) {
            return std::int64_t{value};
        } else if constexpr (std::integral<plain>) {
            if (!std::in_range<std::int64_t>(value))
                throw error(errc::value, "table: " + detail::number_text(value) +
                                             " is no 64-bit signed integer: one, " + "a real or a text is needed");
            return static_cast<std::int64_t>(value);
        } else if constexpr (std::floating_point<plain>) {
            return static_cast<double>(value);
        } else {
            return std::string{std::forward<T>(value)};
        }
    }

    void require_rectangle(std::filesystem::path const& path) const {
        if (columns.empty())
            throw error(errc::shape, detail::name_of(path) + ": the table has no columns: one or more are needed");
        for (auto const& row : rows)
            if (row.size() != columns.size())
                throw error(errc::shape, detail::name_of(path) + ": a row of the table has " +
                                             detail::number_text(row.size()) + " cells, but there are " +
                                             detail::number_text(columns.size()) +
                                             " columns: one cell a column is needed");
        auto names = std::set<std::string_view>{};
        for (auto const& name : columns)
            if (!names.insert(name).second)
                throw error(errc::value, detail::name_of(path) + ": the table has the column " +
                                             detail::in_quotes(name) + " twice: each name is needed once");
    }
};

namespace detail {

/// The number that the whole text is, or nothing. An integer beyond int64 and a real beyond double stay text.
inline std::optional<table::cell> parse_number(std::string_view text) {
    auto const* const end = text.data() + text.size();
    auto integer = std::int64_t{0};
    auto const as_integer = std::from_chars(text.data(), end, integer);
    if (as_integer.ptr == end && as_integer.ec == std::errc{})
        return integer;
    if (as_integer.ptr == end)
        return std::nullopt;
    auto real = 0.0;
    auto const as_real = std::from_chars(text.data(), end, real);
    if (as_real.ptr == end && as_real.ec == std::errc{})
        return real;
    return std::nullopt;
}

inline std::string csv_text(std::string const& text, bool quote_always) {
    if (!quote_always && text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    auto out = std::string{'"'};
    for (auto const c : text)
        out += c == '"' ? std::string{"\"\""} : std::string{c};
    return out + '"';
}

inline std::string csv_cell(table::cell const& cell) {
    if (auto const* const text = std::get_if<std::string>(&cell))
        return csv_text(*text, text->empty() || parse_number(*text).has_value());
    if (auto const* const integer = std::get_if<std::int64_t>(&cell))
        return number_text(*integer);
    auto text = number_text(std::get<double>(cell));
    return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;  // 1.0, not the integer 1
}

/// Fields of a CSV text, one record at a time.
class csv_reader {
public:
    struct field {
        std::string text;
        bool is_quoted = false;
    };

    csv_reader(std::string_view text, std::string const& origin) : rest_{text}, origin_{origin} {}

    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
    [[nodiscard]] std::size_t line() const noexcept { return line_; }

    std::vector<field> record() {
        auto fields = std::vector<field>{};
        ++line_;
        do
            fields.push_back(next());
        while (accept(","));
        if (!accept("\r\n") && !accept("\n") && !rest_.empty())
            fail("a quote, or a carriage return alone, inside a field");
        return fields;
    }

    [[noreturn]] void fail(std::string const& found) const {
        damaged(origin_, "line " + number_text(line_) + " has " + found + ": CSV as in RFC 4180 is needed");
    }

private:
    bool accept(std::string_view token) {
        auto const found = rest_.starts_with(token);
        rest_.remove_prefix(found ? token.size() : 0);
        return found;
    }

    field next() {
        if (!accept("\"")) {
            auto const plain = rest_.substr(0, rest_.find_first_of(",\"\r\n"));
            rest_.remove_prefix(plain.size());
            return {std::string{plain}};
        }
        auto text = std::string{};
        for (;;) {
            auto const end = rest_.find('"');
            if (end == std::string_view::npos)
                fail("a quote that does not end");
            text += rest_.substr(0, end);
            rest_.remove_prefix(end + 1);
            if (!accept("\""))
                return {text, true};
            text += '"';  // two quotes stand for one
        }
    }

    std::string_view rest_;
    std::string const& origin_;
    std::size_t line_ = 0;  // records so far
};

}  // namespace detail

inline void table::write_csv(std::filesystem::path const& path) const {
    require_rectangle(path);
    auto text = std::string{};
    for (auto const& name : columns)
        text += detail::csv_text(name, name.empty()) + ',';
    text.back() = '\n';
    for (auto const& row : rows) {
        for (auto const& value : row)
            text += detail::csv_cell(value) + ',';
        text.back() = '\n';
    }
    detail::write_file(path, detail::bytes_of(text));
}

inline void table::write_json(std::filesystem::path const& path) const {
    require_rectangle(path);
    auto list = nlohmann::ordered_json::array();
    for (auto const& row : rows) {
        auto& object = list.emplace_back(nlohmann::ordered_json::object());
        for (auto i = std::size_t{0}; i < columns.size(); ++i)
            std::visit(
                [&](auto const& value) {
                    if constexpr (std::same_as<std::remove_cvref_t<decltype(value)>, double>)
                        if (!std::isfinite(value)) {
                            object[columns[i]] = std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
                            return;
                        }
                    object[columns[i]] = value;
                },
                row[i]);
    }
    try {
        detail::write_file(path, detail::bytes_of(list.dump(2) + '\n'));
    } catch (nlohmann::json::exception const&) {
        throw error(errc::value, detail::name_of(path) + ": a text of the table is not UTF-8: UTF-8 is needed");
    }
}

/// A table from a CSV file whose first line has the names of the columns; lines end in LF or CRLF.
///
/// returns   cells in quotes as texts; others as int64, as double or as texts, the first that holds all of the cell
/// throws    errc::file    the file is missing, no regular file or not readable
///           errc::format  it is empty, a quote is open or astray, or a row has another number of cells than the first
inline table read_csv(std::filesystem::path const& path) {
    auto const content = detail::read_file(path);
    auto const origin = detail::name_of(path);
    auto text = std::string_view{reinterpret_cast<char const*>(content.data()), content.size()};
    if (text.starts_with("\xef\xbb\xbf"))  // byte order mark
        text.remove_prefix(3);
    if (text.empty())
        detail::damaged(origin, "it is empty: a line of column names is needed");
    auto reader = detail::csv_reader{text, origin};
    auto result = table{};
    for (auto& name : reader.record())
        result.columns.push_back(std::move(name.text));
    while (!reader.done()) {
        auto& row = result.rows.emplace_back();
        for (auto& field : reader.record()) {
            auto number = field.is_quoted ? std::nullopt : detail::parse_number(field.text);
            row.push_back(number ? *std::move(number) : table::cell{std::move(field.text)});
        }
        if (row.size() != result.columns.size())
            reader.fail(detail::number_text(row.size()) + " cells, not " + detail::number_text(result.columns.size()));
    }
    return result;
}

}  // namespace xcim::io
