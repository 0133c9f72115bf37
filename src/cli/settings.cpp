#include "cli/settings.hpp"

#include <algorithm>
#include <unistd.h>

#include "api/analyze_request.hpp"
#include "base/log.hpp"

namespace emostream::cli {

namespace {

std::vector<std::string> process_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  return variables;
}

}  // namespace

emostream::server::options default_server_options() {
  emostream::server::options o;
  o.net.host = "127.0.0.1";
  o.engineio.protocol.max_http_buffer_size = 2'000'000;
  o.net.max_buffered_bytes = 1'000'000'000;
  return o;
}

settings_table settings::table() {
  constexpr auto unlimited = setting::unlimited;
  auto& net = server.net;
  auto& sessions = server.engineio;
  auto& engineio = sessions.protocol;
  return settings_table({
      {"server.host", net.host,
       "IP address or host name to listen on; 0.0.0.0 or :: listens on all interfaces."},
      {"server.port", net.port, 0, 65535, "TCP port to listen on; 0 selects a free port."},
      {"server.tls_certificate", net.tls_certificate,
       "PEM file of the certificate, followed by its chain, for HTTPS; reloaded on SIGHUP. Empty: plain "
       "HTTP."},
      {"server.tls_key", net.tls_key, "PEM file of the certificate's private key, without a password."},
      {"server.hsts_max_age_s", net.hsts_max_age, 0, 63'072'000,
       "max-age of the header Strict-Transport-Security, which makes browsers use HTTPS only; 0: no header."},
      {"server.cors_origins", net.cors_origins,
       "Origins of pages that may connect; * allows all, null allows pages opened from disk."},
      {"server.trusted_proxies", net.trusted_proxies,
       "Addresses and networks of reverse proxies whose forwarding headers are trusted."},
      {"server.proxy_headers",
       net.proxy_headers,
       {{"x-forwarded", net::forwarded_by::x_forwarded}, {"forwarded", net::forwarded_by::forwarded}},
       "Forwarding headers that trusted proxies set: x-forwarded (X-Forwarded-For and -Proto) or forwarded "
       "(RFC 7239)."},
      {"server.cors_credentials", net.cors_credentials,
       "Allow pages of the origins in cors_origins to send cookies."},
      {"server.cookie", sessions.cookie, &emostream::server::session_cookie::name,
       "Name of a session cookie for load balancers with sticky sessions; empty: no cookie."},
      {"server.http_compression", sessions.http_compression,
       "Compress long-polling responses of 1 KiB or more."},
      {"server.per_message_deflate", net.per_message_deflate,
       "Compress WebSocket messages of 1 KiB or more for clients that support permessage-deflate."},
      {"server.max_connections", net.max_connections, 1, unlimited,
       "Maximum number of TCP connections at the same time."},
      {"server.max_connections_per_address", net.max_connections_per_address, 0, unlimited,
       "Maximum number of connections, and of sessions, of one client address or IPv6 /64; 0: no limit."},
      {"server.max_sessions", sessions.max_sessions, 1, unlimited,
       "Maximum number of Engine.IO sessions at the same time."},
      {"server.max_rooms", service.max_rooms, 1, unlimited,
       "Maximum number of rooms with members at the same time."},
      {"server.max_payload_bytes", engineio.max_http_buffer_size, 1000, 100'000'000,
       "Maximum size of a long-polling request body and of a WebSocket message; base64 makes an image a "
       "third larger."},
      {"server.max_buffered_bytes", net.max_buffered_bytes, 1'000'000, unlimited,
       "Maximum total size of incomplete messages, of request bodies, and of results that clients have not "
       "read; a connection that needs more is closed."},
      {"server.ping_interval_ms", engineio.ping_interval, 100, 3'600'000,
       "Time between two heartbeat pings."},
      {"server.ping_timeout_ms", engineio.ping_timeout, 100, 3'600'000,
       "Time that a client has to answer a ping before its session is closed."},
      {"server.allow_eio3", engineio.allow_eio3,
       "Also accept clients of Socket.IO 2, which use Engine.IO protocol 3."},
      {"server.drain_grace_ms", net.drain_grace, 0, 600'000,
       "Maximum time that a shutdown waits for connections to close, once the frames in flight are "
       "answered."},
      {"server.metrics", metrics.enabled, "Serve GET /metrics for Prometheus; always enabled by --dev."},
      {"server.metrics_token", metrics.token,
       "Bearer token that GET /metrics requires; empty: none. Prefer the environment variable "
       "EMOSTREAM_SERVER_METRICS_TOKEN."},

      {"jwt.secret", token.secret,
       "HMAC secret for HS256, at least 32 bytes. Prefer the environment variable EMOSTREAM_JWT_SECRET."},
      {"jwt.issuer", token.issuer, "The `iss` claim that tokens must have; empty: any."},
      {"jwt.audience", token.audience, "The `aud` claim that tokens must have; empty: any."},
      {"jwt.leeway_s", token.leeway, 0, 3600, "Tolerated clock difference when `exp` and `nbf` are checked."},
      {"jwt.max_ttl_s", token.max_ttl, 0, 315'360'000,
       "A token that expires later than this from now is rejected; 0: no limit."},

      {"account.rooms",
       service.rooms,
       {{"open", service::room_policy::open}, {"claimed", service::room_policy::claimed}},
       "Rooms that a client may join whose token has no `rooms` claim: open (any room whose name it knows) "
       "or "
       "claimed (none)."},
      {"account.max_connections", service.account.max_connections, 1, unlimited,
       "Maximum number of connections of one account at the same time."},
      {"account.events", service.account.max_events, 0.1, 1e6,
       "Average number of events other than frames per second, and of connections, of an account."},
      {"account.event_burst", service.account.event_burst, 1, 1'000'000,
       "Number of these events and connections that an account may make at once."},
      {"account.rate", service.account.max_fps, 0.1, 1e6,
       "Average number of frames per second that an account may send, over all its connections and HTTP "
       "requests."},
      {"account.burst", service.account.burst, 1, 1'000'000,
       "Number of frames that an account may send at once."},
      {"account.bytes_per_second", service.account.max_bytes_per_second, 1000, unlimited,
       "Average number of image bytes per second that an account may send, counted as received (base64 or "
       "binary); the burst is the same number, or server.max_payload_bytes or http.max_image_bytes if that "
       "is "
       "larger."},
      {"account.idle_timeout_s", service.idle_timeout, 0, 86400,
       "A client that sends no event for this long, and whose rooms get no result, is disconnected; "
       "0: never."},
      {"account.max_requests", service.account.max_requests, 1, unlimited,
       "Maximum number of HTTP analysis requests of one account at the same time."},

      {"frames.max_bytes", service.image.max_bytes, 1000, 100'000'000, "Maximum size of an encoded image."},
      {"frames.max_width", largest_frame.width, 32, 16384,
       "Maximum image width in pixels; only the product with max_height is enforced, to allow portraits."},
      {"frames.max_height", largest_frame.height, 32, 16384,
       "Maximum image height in pixels; see max_width."},
      {"frames.rate", service.max_fps, 0.1, 1000.0,
       "Average number of frames per second that a connection may send."},
      {"frames.burst", service.burst, 1, 1000, "Number of frames that a connection may send at once."},
      {"frames.max_bad", service.max_bad_frames, 1, 1000,
       "Number of invalid frames in a row after which a client is disconnected."},
      {"frames.max_bytes_in_flight", service.max_bytes_in_flight, 1000, unlimited,
       "Maximum total size of the images that are queued or processed; further frames are rejected."},
      {"frames.deadline_ms", queue.deadline, 1, 60'000,
       "A frame that waited longer in the queue is dropped."},
      {"frames.fresh_ms", queue.max_fresh_age, 0, 60'000,
       "A queued frame older than this yields to frames of other clients if its sender is expected "
       "to replace it soon."},

      {"http.max_image_bytes", service.http_image.max_bytes, 1000, 100'000'000,
       "Maximum size of an encoded image in an HTTP request."},
      {"http.max_pixels", service.http_image.max_pixels, 1024, 1'000'000'000,
       "Maximum number of pixels of an image in an HTTP request; one of more than 16 million is analyzed at "
       "a "
       "reduced scale."},
      {"http.max_memory_bytes", service.http_image.max_memory, 1'000'000, unlimited,
       "Maximum memory for decoding an image of an HTTP request, besides its pixels; a progressive JPEG "
       "takes "
       "3 to 6 bytes per pixel, a lossless WebP 4."},

      {"pace.too_long_ms", service.rate_advisor.decrease_above, 1, 60'000,
       "target_fps is halved when the 95th percentile of the queue times is above this."},
      {"pace.short_ms", service.rate_advisor.increase_below, 0, 60'000,
       "target_fps is raised while the 95th percentile of the queue times is below this."},
      {"pace.climb_every_ms", service.rate_advisor.increase_interval, 1, 600'000,
       "Minimum time between two increases of target_fps, each by one frame per second."},

      {"vision.workers", queue.workers, 0, 1024, "Number of worker threads; 0: one per core."},
      {"vision.detector", models.detector,
       "Face detector: back (256x256), front (128x128, near faces only), a model folder, or a BlazeFace ONNX "
       "file."},
      {"vision.classifier", models.classifier, "Model folder of the classifier; empty: the shipped model."},
      {"vision.second_look", models.verifier,
       "Detector that looks at each new face in a close-up: as vision.detector, or auto (front if "
       "vision.detector is back, otherwise none); empty: faces are those of vision.detector, with its "
       "confidence."},
      {"vision.min_confidence", service.min_confidence, 0.05, 1.0,
       "Minimum confidence of a face, unless the client sets its own."},
      {"vision.far_faces", analyzer.far_faces,
       "Also searches enlarged parts of each image, for faces from 16 pixels in 640x480: always, not only if "
       "a "
       "small face is in view."},
      {"vision.max_measured", analyzer.max_classified, 1, 64,
       "Maximum number of faces that are classified in a frame of a session; if there are more, they take "
       "turns and keep their last result."},
      {"vision.detect_every", stream.detect_every, 1, 1000,
       "Faces are detected at least once in this many frames, and tracked in between; 1: in every frame. "
       "While only large faces are in view, small ones are detected every second time."},
      {"vision.detect_after_ms", stream.detect_after, 1, 600'000,
       "Faces are also detected after this time if that is sooner and fewer frames wait than there are "
       "workers; both intervals are a third of that while no face is in view."},
      {"vision.id_lifetime_ms", stream.id_lifetime, 0, 600'000,
       "A face that reappears within this time keeps its id if it is recognized."},
      {"vision.reuse_ms", stream.reuse_for, 0, 60'000,
       "A face whose appearance does not change keeps its last classification for this long; 0: never."},

      {"smoothing.tau_ms", service.smoothing.tau, 1, 60'000,
       "Time constant of the exponential average of a face's emotions."},
      {"smoothing.hysteresis", service.smoothing.hysteresis, 0.0, 1.0,
       "How much more probable another emotion must be to become the dominant one."},

      {"log.level",
       log.level,
       {"trace", "debug", "info", "warn", "error", "off"},
       "Minimum level of log lines."},
      {"log.json", log.json, "Write each log line as a JSON object."},
  });
}

std::string settings_reference() {
  return "# Settings\n\n"
         "Written by `emostream config --markdown`; do not edit.\n\n"
         "Settings are keys of a TOML file (`--config FILE`) and environment variables, which take "
         "precedence:\n"
         "the key `port` in the table `[server]` is `EMOSTREAM_SERVER_PORT`. In variables, lists are "
         "separated by\n"
         "commas. Keys that end in `_ms` are milliseconds, in `_s` seconds.\n\n" +
         settings().table().to_markdown();
}

void settings::load(const std::optional<std::filesystem::path>& file) {
  const auto unrecognized = table().load(file, process_environment());
  derive();
  check();
  emostream::log::configure(log.level, log.json);
  for (const auto& name : unrecognized)
    spdlog::warn("the environment variable {} is not a setting of emostream", name);
}

/// Sets the options that have no setting of their own but are derived from others.
void settings::derive() {
  const auto max_message = server.engineio.protocol.max_http_buffer_size;
  server.socketio.max_attachment_bytes = max_message;
  auto& account = service.account;
  const auto largest = static_cast<std::int64_t>(std::max(max_message, service.http_image.max_bytes));
  account.burst_bytes = std::max(account.max_bytes_per_second, largest);
  service.image.max_pixels = std::int64_t{largest_frame.width} * largest_frame.height;
}

void settings::check() const {
  const auto& net = server.net;
  if (net.tls_certificate.empty() != net.tls_key.empty())
    throw config_error("server.tls_certificate and server.tls_key go together, and " +
                       std::string(net.tls_key.empty() ? "the key" : "the certificate") + " is missing");
  // Base64 takes four bytes for three, and the event also contains its name, a frame id and a timestamp.
  const auto max_message = server.engineio.protocol.max_http_buffer_size;
  if (const auto needed = service.image.max_bytes / 3 * 4 + 2000; max_message < needed)
    throw config_error("server.max_payload_bytes must be at least " + std::to_string(needed) +
                       " to take frames of frames.max_bytes as base64");
  if (service.max_bytes_in_flight < max_message)
    throw config_error("frames.max_bytes_in_flight must be at least server.max_payload_bytes");
  if (net.max_buffered_bytes < max_message)
    throw config_error("server.max_buffered_bytes must be at least server.max_payload_bytes");
  const auto image = service.http_image.max_bytes;
  if (service.max_bytes_in_flight < image)
    throw config_error("frames.max_bytes_in_flight must be at least http.max_image_bytes");
  if (const auto needed = image + api::max_form_overhead; net.max_buffered_bytes < needed)
    throw config_error("server.max_buffered_bytes must be at least " + std::to_string(needed) +
                       " to take forms with images of http.max_image_bytes");
}

}  // namespace emostream::cli
