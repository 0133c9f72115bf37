#pragma once

#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>

#include <boost/json/value_to.hpp>

#include "socketio/event.hpp"

namespace emostream::socketio {

/// The first arguments, converted to these types by boost::json::value_to(); nullopt if one cannot be.
template <class... Values>
std::optional<std::tuple<Values...>> convert_arguments(const arguments& args) {
  return [&]<std::size_t... I>(std::index_sequence<I...>)->std::optional<std::tuple<Values...>> {
    auto converted = std::make_tuple(boost::json::try_value_to<Values>(args.at(I))...);
    if (!(std::get<I>(converted).has_value() && ...)) return std::nullopt;
    return std::tuple<Values...>(std::move(*std::get<I>(converted))...);
  }
  (std::index_sequence_for<Values...>());
}

}  // namespace emostream::socketio
