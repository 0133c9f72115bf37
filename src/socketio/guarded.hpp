#pragma once

#include <exception>
#include <string_view>

#include "base/log.hpp"

namespace emostream::socketio {

/// Calls the application's code and logs what it throws: a bug in a handler must not end the server. True if
/// it threw nothing.
template <class Call>
bool guarded(std::string_view what, const Call& call) {
  try {
    call();
    return true;
  } catch (const std::exception& e) {
    spdlog::error("{} threw: {}", what, e.what());
  } catch (...) {
    spdlog::error("{} threw something", what);
  }
  return false;
}

}  // namespace emostream::socketio
