#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/histogram.hpp"

namespace emostream::metrics {

/// Collects the metrics of one scrape in Prometheus' text format. Samples with the same name and different
/// labels form one family. Names use base units (seconds, bytes); counters end in `_total`.
class exposition {
 public:
  /// Names and values. Values must come from small sets, because each combination is a time series.
  using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  exposition();
  ~exposition();
  exposition(const exposition&) = delete;
  exposition& operator=(const exposition&) = delete;

  void counter(std::string_view name, std::string_view help, double value, labels label_pairs = {});
  void gauge(std::string_view name, std::string_view help, double value, labels label_pairs = {});
  void histogram(std::string_view name, std::string_view help, const emostream::histogram& values,
                 labels label_pairs = {});

  /// The metrics in the text format, version 0.0.4.
  [[nodiscard]] std::string text() const;
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::metrics
