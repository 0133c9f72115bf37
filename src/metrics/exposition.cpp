#include "metrics/exposition.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace emostream::metrics {

struct exposition::impl {
  std::vector<prometheus::MetricFamily> families;

  prometheus::ClientMetric& add(std::string_view name, std::string_view help, prometheus::MetricType type,
                                labels label_pairs) {
    auto family = std::ranges::find(families, name, &prometheus::MetricFamily::name);
    if (family == families.end())
      family = families.insert(families.end(), {std::string(name), std::string(help), type, {}});
    auto& metric = family->metric.emplace_back();
    for (const auto& [label, value] : label_pairs)
      metric.label.push_back({std::string(label), std::string(value)});
    return metric;
  }
};

exposition::exposition() : impl_(std::make_unique<impl>()) {}
exposition::~exposition() = default;

void exposition::counter(std::string_view name, std::string_view help, double value, labels label_pairs) {
  impl_->add(name, help, prometheus::MetricType::Counter, label_pairs).counter.value = value;
}

void exposition::gauge(std::string_view name, std::string_view help, double value, labels label_pairs) {
  impl_->add(name, help, prometheus::MetricType::Gauge, label_pairs).gauge.value = value;
}

void exposition::histogram(std::string_view name, std::string_view help, const emostream::histogram& values,
                           labels label_pairs) {
  auto& out = impl_->add(name, help, prometheus::MetricType::Histogram, label_pairs).histogram;
  for (std::size_t i = 0; i < values.counts().size(); ++i) {
    out.sample_count += values.counts()[i];
    const bool last = i == values.bounds().size();
    out.bucket.push_back(
        {out.sample_count, last ? std::numeric_limits<double>::infinity() : values.bounds()[i]});
  }
  out.sample_sum = values.sum();
}

std::string exposition::text() const {
  return prometheus::TextSerializer().Serialize(impl_->families);
}

}  // namespace emostream::metrics
