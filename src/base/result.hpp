#pragma once

#include <expected>
#include <system_error>

namespace emostream {

/// A value or an error code. Expected failures are returned this way; exceptions are for start-up errors and
/// bugs.
template <class T>
using result = std::expected<T, std::error_code>;

/// The error of a result<T>, made from a library's error enum.
template <class Error>
std::unexpected<std::error_code> failure(Error error) {
  return std::unexpected(make_error_code(error));
}

}  // namespace emostream
