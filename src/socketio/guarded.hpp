#pragma once

#include <exception>
#include <string_view>

#include "base/log.hpp"

namespace emostream::socketio {

/// Calls the application's code and logs what it throws: a bug in a handler must not end the server. `which`
/// names the one of its kind. True if it threw nothing.
template <class Call>
bool guarded(std::string_view what, std::string_view which, const Call& call) {
  try {
    call();
    return true;
  } catch (const std::exception& e) {
    spdlog::error("{}{}{} threw: {}", what, which.empty() ? "" : " ", which, e.what());
  } catch (...) {
    spdlog::error("{}{}{} threw something", what, which.empty() ? "" : " ", which);
  }
  return false;
}

template <class Call>
bool guarded(std::string_view what, const Call& call) {
  return guarded(what, {}, call);
}

}  // namespace emostream::socketio
