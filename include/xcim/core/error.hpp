#pragma once

/// \file
/// The one exception type of the library.

#include <stdexcept>
#include <string>

namespace xcim {

/// What kind of thing went wrong; the sentence in what() says which argument, what was found and what is needed.
enum class errc {
    shape,         ///< a tensor's shape does not fit the operation or another argument
    bits,          ///< a number of bits outside its range, or two formats that disagree
    range,         ///< a parameter outside its range
    value,         ///< an element that is not finite, or outside what a quantiser or cell takes
    composition,   ///< policies or a programmed array that do not fit each other
    file,          ///< a file that cannot be opened, read or written
    format,        ///< a file whose content is damaged or of another kind than asked for
    precondition,  ///< XCIM_ASSERT, where asserts throw
};

/// Thrown at the entry of the public functions; nothing has been changed when it is thrown.
class error : public std::runtime_error {
public:
    error(errc code, std::string const& sentence) : std::runtime_error("xcim: " + sentence), code_{code} {}

    [[nodiscard]] errc code() const noexcept { return code_; }

private:
    errc code_;
};

}  // namespace xcim
