#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/json/object.hpp>

namespace emostream::socketio {

/// Tells a parent_namespace whether to create a child. Can be kept and called later, on the I/O thread. Only
/// the first call, on any copy, counts. After the client has disconnected, calls have no effect.
class decision {
 public:
  explicit decision(std::function<void(bool)> decide)
      : decide_(std::make_shared<std::function<void(bool)>>(std::move(decide))) {}
  void operator()(bool accepted) const {
    if (const auto decide = std::exchange(*decide_, nullptr)) decide(accepted);
  }

 private:
  std::shared_ptr<std::function<void(bool)>> decide_;
};

/// A regular expression: std::regex, or another type for which argument-dependent lookup finds
/// regex_search().
template <class Pattern>
concept name_pattern = requires(const Pattern& pattern, const char* text) {
  { regex_search(text, text, pattern) } -> std::convertible_to<bool>;
};

/// Decides for which names a parent_namespace creates children: a function that returns a bool, a function
/// that gets a decision, or a regular expression. An exception counts as false.
class namespace_predicate {
  using auth = const boost::json::object&;
  template <class Function>
  static constexpr bool returns = std::is_invocable_r_v<bool, Function&, std::string_view, auth>;

 public:
  /// The name and the auth that a function gets are valid until it returns or calls the decision, whichever
  /// is first; copy what is needed later. It is called for clients that no middleware has accepted yet: limit
  /// the work that it starts.
  template <class Function>
  requires returns<Function> namespace_predicate(Function accepts)
      : decide_(
            [accepts = std::move(accepts)](std::string_view name, auth a, const decision& decide) mutable {
              decide(accepts(name, a));
            }) {}
  template <std::invocable<std::string_view, auth, decision> Function>
  requires(!returns<Function> && !std::same_as<Function, namespace_predicate>)
      namespace_predicate(Function decide)
      : decide_(std::move(decide)) {}
  /// Accepts the names that contain a match. As in Node.js, it also applies to hub::of(). Strangers choose
  /// the names, and std::regex may need exponential time for a pattern with nested repetitions, such as
  /// `(a+)+`: do not use one, or pass a boost::regex, which then gives up with an exception.
  template <name_pattern Pattern>
  namespace_predicate(Pattern pattern)
      : matches_([pattern = std::move(pattern)](std::string_view name) {
          return bool(regex_search(name.data(), name.data() + name.size(), pattern));
        }) {}

  void operator()(std::string_view name, auth a, const decision& decide) const {
    return matches_ ? decide(matches_(name)) : decide_(name, a, decide);
  }
  /// Whether it is a regular expression that matches.
  [[nodiscard]] bool matches(std::string_view name) const { return matches_ && matches_(name); }

 private:
  std::function<bool(std::string_view)> matches_;  ///< null unless it is a regular expression
  std::function<void(std::string_view, auth, decision)> decide_;
};

}  // namespace emostream::socketio
