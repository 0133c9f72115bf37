#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config.hpp"

namespace emostream::cli {

/// Everything that can be configured, with its default. The tables and keys of the TOML file have the same
/// names.
struct settings {
  struct {
    std::string host = "127.0.0.1";
    std::int64_t port = 8000;
    std::string tls_certificate;
    std::string tls_key;
    std::vector<std::string> cors_origins{"*"};
    std::vector<std::string> trusted_proxies;
    std::string proxy_headers = "x-forwarded";
    bool cors_credentials = false;
    std::string cookie;
    bool http_compression = true;
    bool per_message_deflate = false;
    std::int64_t max_connections = 20'000;
    std::int64_t max_connections_per_address = 0;
    std::int64_t max_sessions = 20'000;
    std::int64_t max_rooms = 10'000;
    std::int64_t max_payload_bytes = 2'000'000;
    std::int64_t ping_interval_ms = 25'000;
    std::int64_t ping_timeout_ms = 20'000;
    bool allow_eio3 = false;
    std::int64_t drain_grace_ms = 5'000;
    bool metrics = false;
    std::string metrics_token;
  } server;
  struct {
    std::string secret;
    std::string issuer;
    std::string audience;
    std::int64_t leeway_s = 30;
  } jwt;
  struct {
    std::int64_t max_connections = 10;
    double rate = 60;
    std::int64_t burst = 30;
    std::int64_t bytes_per_second = 30'000'000;
    std::int64_t idle_timeout_s = 300;
    std::int64_t max_requests = 8;
  } account;
  struct {
    std::int64_t max_bytes = 1'000'000;
    std::int64_t max_width = 1920;
    std::int64_t max_height = 1080;
    double rate = 10;
    std::int64_t burst = 3;
    std::int64_t max_bad = 5;
    std::int64_t max_bytes_in_flight = 256'000'000;
    std::int64_t deadline_ms = 250;
    std::int64_t fresh_ms = 15;
  } frames;
  struct {
    std::int64_t too_long_ms = 100;
    std::int64_t short_ms = 30;
    std::int64_t climb_every_ms = 2'000;
  } pace;
  struct {
    std::int64_t workers = 0;
    std::string detector = "back";
    std::string classifier;
    std::string second_look = "auto";
    double min_confidence = 0.5;
    std::int64_t max_measured = 8;
    std::int64_t detect_every = 10;
    std::int64_t detect_after_ms = 1'000;
    std::int64_t id_lifetime_ms = 1'500;
    std::int64_t reuse_ms = 500;
  } vision;
  struct {
    std::int64_t tau_ms = 400;
    double hysteresis = 0.1;
  } smoothing;
  struct {
    std::string level = "info";
    bool json = false;
  } log;

  /// Reads the file, if one is named, and then the environment. Throws config_error, also where settings
  /// contradict each other.
  void load(const std::optional<std::filesystem::path>& file);

  /// The settings as a TOML file with a comment on every key.
  [[nodiscard]] std::string to_toml();

 private:
  void bind(config& keys);
  void check() const;
};

}  // namespace emostream::cli
