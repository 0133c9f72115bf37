#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace emostream::evaluation {

/// The index of the label that a folder's name stands for; std::nullopt if there is none, or more than one.
/// The name matches a label if their letters are equal, regardless of case and other ASCII characters, or if
/// both are words for the same expression: happy and joy stand for happiness, 1_Sad for sadness.
/// A label that is equal to the name except for case takes precedence over all others.
std::optional<std::size_t> find_label(std::string_view name, std::span<const std::string> labels);

}  // namespace emostream::evaluation
