#include "cli/settings.hpp"

#include <limits>
#include <unistd.h>

#include "base/log.hpp"

namespace emostream::cli {

namespace {

std::vector<std::string> process_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  return variables;
}

}  // namespace

void settings::bind(config& keys) {
  constexpr auto any = std::numeric_limits<std::int64_t>::max();
  keys.bind("server.host", server.host, "the address to listen on; 0.0.0.0 or :: for all");
  keys.bind("server.port", server.port, 0, 65535, "0 takes a free one");
  keys.bind("server.tls_certificate", server.tls_certificate,
            "PEM file, its chain behind it: HTTPS; read again on SIGHUP. Empty: plain HTTP");
  keys.bind("server.tls_key", server.tls_key, "PEM file of its key, without a password");
  keys.bind("server.cors_origins", server.cors_origins,
            "origins that browsers may come from; * is all, null pages opened from disk");
  keys.bind("server.trusted_proxies", server.trusted_proxies,
            "addresses and networks of reverse proxies that say where a request comes from");
  keys.bind("server.proxy_headers", server.proxy_headers,
            "where they say it: x-forwarded (X-Forwarded-For and -Proto) or forwarded (RFC 7239)");
  keys.bind("server.cors_credentials", server.cors_credentials, "let those pages send cookies");
  keys.bind("server.cookie", server.cookie,
            "the name of a cookie that tells a load balancer the session; empty: none");
  keys.bind("server.http_compression", server.http_compression, "compress answers to polls from 1 KiB on");
  keys.bind("server.per_message_deflate", server.per_message_deflate,
            "compress WebSocket messages from 1 KiB on, if the client can");
  keys.bind("server.max_connections", server.max_connections, 1, any, "TCP connections at once");
  keys.bind("server.max_connections_per_address", server.max_connections_per_address, 0, any,
            "and sessions, of one client address or IPv6 /64; 0: as many as come");
  keys.bind("server.max_sessions", server.max_sessions, 1, any, "Engine.IO sessions at once");
  keys.bind("server.max_rooms", server.max_rooms, 1, any, "rooms with somebody in them at once");
  keys.bind("server.max_payload_bytes", server.max_payload_bytes, 1000, 100'000'000,
            "the largest Engine.IO message; base64 makes a frame a third larger");
  keys.bind("server.ping_interval_ms", server.ping_interval_ms, 100, 3'600'000, "between two heartbeats");
  keys.bind("server.ping_timeout_ms", server.ping_timeout_ms, 100, 3'600'000, "for the client to answer one");
  keys.bind("server.allow_eio3", server.allow_eio3, "clients of Socket.IO 2, which speak Engine.IO 3, too");
  keys.bind("server.drain_grace_ms", server.drain_grace_ms, 0, 600'000, "for clients to close after SIGTERM");
  keys.bind("server.metrics", server.metrics, "GET /metrics for Prometheus; always with --dev");
  keys.bind("server.metrics_token", server.metrics_token,
            "the bearer token that it asks for; empty: none. Better in EMOSTREAM_SERVER_METRICS_TOKEN");

  keys.bind("jwt.secret", jwt.secret,
            "the HMAC secret of HS256, at least 32 bytes; better in EMOSTREAM_JWT_SECRET");
  keys.bind("jwt.issuer", jwt.issuer, "`iss` that tokens must have; empty: any");
  keys.bind("jwt.audience", jwt.audience, "`aud` that tokens must have; empty: any");
  keys.bind("jwt.leeway_s", jwt.leeway_s, 0, 3600, "how far clocks may differ");

  keys.bind("account.max_connections", account.max_connections, 1, any, "connections of one account at once");
  keys.bind("account.rate", account.rate, 0.1, 1e6, "frames a second of all its connections together");
  keys.bind("account.burst", account.burst, 1, 1'000'000, "frames that they may send at once");
  keys.bind("account.bytes_per_second", account.bytes_per_second, 1000, any,
            "of images as they come, base64 or not; as much, or one message, at once");
  keys.bind("account.idle_timeout_s", account.idle_timeout_s, 0, 86400,
            "a connection without events for so long is ended; 0: never");
  keys.bind("account.max_requests", account.max_requests, 1, any,
            "HTTP requests for an analysis of one account at once");

  keys.bind("frames.max_bytes", frames.max_bytes, 1000, 100'000'000, "of an encoded image");
  keys.bind("frames.max_width", frames.max_width, 32, 16384, "pixels");
  keys.bind("frames.max_height", frames.max_height, 32, 16384, "pixels");
  keys.bind("frames.rate", frames.rate, 0.1, 1000.0, "frames a second that a connection may send");
  keys.bind("frames.burst", frames.burst, 1, 1000, "frames that it may send at once");
  keys.bind("frames.max_bad", frames.max_bad, 1, 1000, "bad frames in a row, then it is disconnected");
  keys.bind("frames.max_bytes_in_flight", frames.max_bytes_in_flight, 1000, any,
            "of images waiting and in work, over all connections; more are refused");
  keys.bind("frames.deadline_ms", frames.deadline_ms, 1, 60'000, "a frame that waited longer is dropped");
  keys.bind("frames.fresh_ms", frames.fresh_ms, 0, 60'000,
            "when many wait, a frame older than this waits for its sender's next");

  keys.bind("pace.too_long_ms", pace.too_long_ms, 1, 60'000,
            "target_fps is halved when frames wait longer (the 95th percentile)");
  keys.bind("pace.short_ms", pace.short_ms, 0, 60'000, "it climbs while they wait less");
  keys.bind("pace.climb_every_ms", pace.climb_every_ms, 1, 600'000, "by one a second, so often");

  keys.bind("vision.workers", vision.workers, 0, 1024, "threads that compute; 0: one a core");
  keys.bind("vision.detector", vision.detector,
            "back (256x256), front (128x128, near faces only), a model folder, or a BlazeFace's ONNX file");
  keys.bind("vision.classifier", vision.classifier, "a model folder; empty: the one shipped");
  keys.bind("vision.second_look", vision.second_look,
            "a detector as above that looks again, from near, at each face that is new; auto: front, where "
            "vision.detector is back; empty: none");
  keys.bind("vision.min_confidence", vision.min_confidence, 0.05, 1.0,
            "of a face, unless the client says otherwise");
  keys.bind("vision.max_measured", vision.max_measured, 1, 64,
            "faces of a frame that are classified, the largest");
  keys.bind("vision.detect_every", vision.detect_every, 1, 1000,
            "faces are looked for in every so many frames and followed in between; 1: not followed");
  keys.bind("vision.detect_after_ms", vision.detect_after_ms, 1, 600'000,
            "or after so long, if that is sooner and no frame waits; half of both while no face is in view");
  keys.bind("vision.id_lifetime_ms", vision.id_lifetime_ms, 0, 600'000,
            "a face that comes back within this time has its id again");
  keys.bind("vision.reuse_ms", vision.reuse_ms, 0, 60'000,
            "a face that looks the same keeps its emotions for so long, unclassified; 0: never");

  keys.bind("smoothing.tau_ms", smoothing.tau_ms, 1, 60'000,
            "time constant of the average of a face's emotions");
  keys.bind("smoothing.hysteresis", smoothing.hysteresis, 0.0, 1.0,
            "how much more probable another emotion must be to become the dominant one");

  keys.bind("log.level", log.level, "trace, debug, info, warn, error or off");
  keys.bind("log.json", log.json, "one JSON object a line");
}

void settings::load(const std::optional<std::filesystem::path>& file) {
  config keys;
  bind(keys);
  const auto foreign = keys.load(file, process_environment());
  if (!log::configure(log.level, log.json))
    throw config_error("log.level must be trace, debug, info, warn, error or off");
  check();
  for (const auto& name : foreign) spdlog::warn("environment variable {} is no setting of ours", name);
}

void settings::check() const {
  if (server.tls_certificate.empty() != server.tls_key.empty())
    throw config_error("server.tls_certificate and server.tls_key go together, and " +
                       std::string(server.tls_key.empty() ? "the key" : "the certificate") + " is missing");
  if (server.proxy_headers != "x-forwarded" && server.proxy_headers != "forwarded")
    throw config_error("server.proxy_headers must be x-forwarded or forwarded");
  // base64 takes four bytes for three, and the event around it has a name, an id and a time
  if (const auto needed = frames.max_bytes / 3 * 4 + 2000; server.max_payload_bytes < needed)
    throw config_error("server.max_payload_bytes must be at least " + std::to_string(needed) +
                       " to take frames of frames.max_bytes as base64");
  if (frames.max_bytes_in_flight < server.max_payload_bytes)
    throw config_error("frames.max_bytes_in_flight must be at least server.max_payload_bytes");
}

std::string settings::to_toml() {
  config keys;
  bind(keys);
  return keys.to_toml();
}

}  // namespace emostream::cli
