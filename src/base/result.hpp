#pragma once

#include <expected>
#include <system_error>

namespace emostream {

/// A value, or why there is none. Expected failures travel so; exceptions are for start-up and for bugs.
template <class T>
using result = std::expected<T, std::error_code>;

/// The failure half of a result<T>, from an error enum of the folder that failed.
template <class Error>
std::unexpected<std::error_code> failure(Error error) {
  return std::unexpected(make_error_code(error));
}

}  // namespace emostream
