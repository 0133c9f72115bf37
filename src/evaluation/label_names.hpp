#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace emostream::evaluation {

/// The one of `labels` that a folder's name stands for; none if there is none, or more than one. Case, digits
/// and everything but letters aside, the name is the label's, or both are spellings of one expression: happy
/// and joy are happiness, 1_Sad is sadness.
std::optional<std::size_t> find_label(std::string_view name, std::span<const std::string> labels);

}  // namespace emostream::evaluation
