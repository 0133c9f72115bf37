#pragma once

#include <exception>
#include <string_view>

#include "base/log.hpp"

namespace emostream {

/// Calls application code and logs any exception it throws, so that a bug in a handler does not terminate the
/// server. `what` is the kind of handler, `which` identifies it in the log (for example the event name).
/// Returns true if nothing was thrown.
template <class Call>
bool guarded(std::string_view what, std::string_view which, const Call& call) {
  try {
    call();
    return true;
  } catch (const std::exception& e) {
    spdlog::error("{}{}{} threw: {}", what, which.empty() ? "" : " ", which, e.what());
  } catch (...) {
    spdlog::error("{}{}{} threw an unknown exception", what, which.empty() ? "" : " ", which);
  }
  return false;
}

template <class Call>
bool guarded(std::string_view what, const Call& call) {
  return guarded(what, {}, call);
}

}  // namespace emostream
