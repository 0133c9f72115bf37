#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace emostream::socketio {

/// The names of one or several rooms, as a parameter: "a", a std::string or std::string_view, {"a", "b"}, a
/// std::vector<std::string>, or another socket's rooms().
struct room_names {
  /// An element of a list in braces. A class, since {"a", "b"} would be a pair of iterators to
  /// std::string_view.
  struct name {
    template <class Text>
    requires std::convertible_to<const Text&, std::string_view> name(const Text& t) : text(t) {}
    std::string_view text;
  };

  room_names(std::string one) { names.push_back(std::move(one)); }
  template <class Text>
  requires std::convertible_to<const Text&, std::string_view> room_names(const Text& one) {
    names.emplace_back(std::string_view(one));
  }
  room_names(std::initializer_list<name> several) {
    for (const auto& n : several) names.emplace_back(n.text);
  }
  room_names(std::vector<std::string> several) : names(std::move(several)) {}
  room_names(const std::set<std::string, std::less<>>& several) : names(several.begin(), several.end()) {}

  std::vector<std::string> names;
};

}  // namespace emostream::socketio
