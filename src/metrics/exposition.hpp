#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/histogram.hpp"

namespace emostream::metrics {

/// Metrics as they are at one moment, to be read by Prometheus. A name that comes again, with other labels,
/// joins the family of that name. Names are in base units: seconds, bytes; counters end in `_total`.
class exposition {
 public:
  /// Names and values. Values come out of small sets: each combination is a time series for ever.
  using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  exposition();
  ~exposition();
  exposition(const exposition&) = delete;
  exposition& operator=(const exposition&) = delete;

  void counter(std::string_view name, std::string_view help, double value, labels of = {});
  void gauge(std::string_view name, std::string_view help, double value, labels of = {});
  void histogram(std::string_view name, std::string_view help, const emostream::histogram& values,
                 labels of = {});

  /// In the text format, version 0.0.4.
  [[nodiscard]] std::string text() const;
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::metrics
