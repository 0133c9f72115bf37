#include "metrics/report.hpp"

#include <algorithm>
#include <cctype>

#include "metrics/exposition.hpp"

namespace emostream::metrics {

namespace {

double number(auto n) {
  return static_cast<double>(n);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

void add_by_reason(exposition& out, std::string_view name, std::string_view help,
                   const service::counters_by_reason& counts) {
  for (const auto& [reason, count] : counts)
    out.counter(name, help, number(count), {{"reason", lower_case(reason)}});
}

void add_connections(exposition& out, const snapshot& s) {
  const auto& server = s.server;
  const auto connection_address_refusals = server.address_refusals - server.session_address_refusals;
  constexpr std::string_view refused = "emostream_connections_refused_total";
  constexpr std::string_view refused_help = "TCP connections refused because of a limit.";
  out.gauge("emostream_connections_open", "Open TCP connections.", number(server.connections_open));
  out.gauge("emostream_connections_limit", "Limit of open TCP connections.", number(s.info.max_connections));
  out.counter("emostream_connections_accepted_total", "TCP connections accepted.",
              number(server.connections_accepted));
  out.counter(refused, refused_help, number(server.connections_refused - connection_address_refusals),
              {{"reason", "limit"}});
  out.counter(refused, refused_help, number(connection_address_refusals), {{"reason", "address"}});
  out.gauge("emostream_buffered_bytes", "Incomplete messages, request bodies and unread results, in bytes.",
            number(server.buffered_bytes));
  out.gauge("emostream_buffered_bytes_limit", "Limit of these bytes.", number(s.info.max_buffered_bytes));
  out.counter("emostream_buffered_bytes_exceeded_total",
              "Connections closed and requests rejected because of that limit.",
              number(server.memory_refusals));
  out.counter("emostream_tls_handshakes_failed_total", "Failed TLS handshakes.",
              number(server.tls_handshakes_failed));
  out.counter("emostream_http_requests_total", "HTTP requests, polls included.",
              number(server.http_requests));
  out.counter("emostream_http_errors_total", "HTTP responses with 4xx or 5xx.", number(server.http_errors));

  constexpr std::string_view sessions_refused = "emostream_engineio_sessions_refused_total";
  constexpr std::string_view sessions_refused_help =
      "Engine.IO sessions refused; limit: too many, or the server is draining.";
  out.gauge("emostream_engineio_sessions_open", "Open Engine.IO sessions.", number(server.sessions_open));
  out.gauge("emostream_engineio_sessions_limit", "Limit of open Engine.IO sessions.",
            number(s.info.max_sessions));
  out.counter("emostream_engineio_sessions_opened_total", "Engine.IO sessions opened.",
              number(server.sessions_opened));
  out.counter(sessions_refused, sessions_refused_help,
              number(server.sessions_refused - server.session_address_refusals), {{"reason", "limit"}});
  out.counter(sessions_refused, sessions_refused_help, number(server.session_address_refusals),
              {{"reason", "address"}});
  out.counter(sessions_refused, sessions_refused_help, number(server.sessions_forbidden),
              {{"reason", "forbidden"}});
  out.counter("emostream_engineio_upgrades_total", "Sessions that went from polling to WebSocket.",
              number(server.sessions_upgraded));
  out.counter("emostream_slow_clients_closed_total", "Connections closed because the client did not read.",
              number(server.slow_clients_closed));
}

void add_sessions(exposition& out, const service::service_stats& app) {
  const auto& t = app.since_start;
  out.gauge("emostream_sessions", "Clients in the namespace.", number(app.sessions));
  out.gauge("emostream_sessions_processing", "Clients in the state processing.", number(app.processing));
  out.counter("emostream_sessions_opened_total", "Clients that connected to the namespace.",
              number(t.sessions_opened));
  add_by_reason(out, "emostream_sessions_refused_total", "Clients refused, by the code of CONNECT_ERROR.",
                t.rejected_connections);
  out.counter("emostream_sessions_idle_closed_total", "Clients disconnected after the idle timeout.",
              number(t.idle_disconnects));
  out.gauge("emostream_accounts", "Accounts with a client.", number(app.accounts));
  constexpr std::string_view limited = "emostream_account_refusals_total";
  constexpr std::string_view limited_help =
      "Connections, frames and images over the limits of their account.";
  out.counter(limited, limited_help, number(t.rejected_connections[service::connect_code::connection_limit]),
              {{"limit", "connections"}});
  out.counter(limited, limited_help, number(t.account_rate_exceeded), {{"limit", "rate"}});
  out.counter("emostream_events_rejected_total", "Events over the rates of their connection or account.",
              number(t.events_rejected));
  out.gauge("emostream_rooms", "Rooms with a member.", number(app.rooms));
  add_by_reason(out, "emostream_errors_total", "error_message events sent.", t.errors_sent);
  out.gauge("emostream_advised_fps", "target_fps of all clients that are processing, summed.",
            number(app.advised_fps));
  constexpr std::string_view pace = "emostream_pace_changes_total";
  constexpr std::string_view pace_help = "Changes of target_fps sent to clients.";
  out.counter(pace, pace_help, number(t.target_fps_decreased), {{"direction", "down"}});
  out.counter(pace, pace_help, number(t.target_fps_increased), {{"direction", "up"}});
}

void add_frames(exposition& out, const snapshot& s) {
  const auto& t = s.app.since_start;
  out.counter("emostream_frames_received_total",
              "Frames received. Each ends as processed, failed or dropped.", number(t.frames_received));
  out.counter("emostream_frames_received_bytes_total", "Bytes of the frames' encoded images.",
              number(t.frame_bytes_received));
  out.counter("emostream_frames_processed_total", "Frames analyzed.", number(t.frames_analyzed));
  add_by_reason(out, "emostream_frames_failed_total",
                "Frames with an invalid payload or image, and failures of the server.", t.frames_failed);
  add_by_reason(out, "emostream_frames_dropped_total", "Frames dropped without a result.", t.frames_dropped);
  out.counter("emostream_results_total", "detection_result events, each counted once for all receivers.",
              number(t.results_sent));

  constexpr std::string_view stage = "emostream_frame_stage_seconds";
  constexpr std::string_view stage_help = "Time of each stage of a frame; queue: until a worker took it.";
  out.histogram(stage, stage_help, t.stage_seconds.queue, {{"stage", "queue"}});
  out.histogram(stage, stage_help, t.stage_seconds.decode, {{"stage", "decode"}});
  out.histogram(stage, stage_help, t.stage_seconds.detect, {{"stage", "detect"}});
  out.histogram(stage, stage_help, t.stage_seconds.classify, {{"stage", "classify"}});
  out.histogram("emostream_frame_latency_seconds", "Time from the arrival of a frame to its result.",
                t.stage_seconds.latency);

  out.gauge("emostream_frames_waiting", "Frames waiting for a worker.", number(s.queue.waiting));
  out.gauge("emostream_frames_working", "Frames being processed.", number(s.queue.working));
  out.gauge("emostream_frames_in_flight_bytes", "Bytes of the images in flight.",
            number(s.app.bytes_in_flight));
  out.gauge("emostream_frames_in_flight_limit_bytes", "Limit of the bytes in flight.",
            number(s.app.max_bytes_in_flight));
  out.gauge("emostream_workers", "Worker threads.", number(s.info.workers));
  out.counter("emostream_workers_busy_seconds_total",
              "Time all workers have spent on frames and on images of requests.", s.queue.busy_ms_sum / 1e3);
}

void add_image_requests(exposition& out, const status_counts& responses) {
  for (const auto& [status, count] : responses)
    out.counter("emostream_image_requests_total", "Responses of POST /api/v1/analyze.", number(count),
                {{"status", std::to_string(status)}});
}

void add_process(exposition& out, const process_usage& p) {
  out.counter("process_cpu_seconds_total", "User and system CPU time.", p.cpu_seconds);
  out.gauge("process_resident_memory_bytes", "Resident memory.", number(p.resident_bytes));
  out.gauge("process_threads", "Threads.", number(p.threads));
  out.gauge("process_start_time_seconds", "Start time since the epoch.", p.start_time);
  out.gauge("process_open_fds", "Open file descriptors.", number(p.open_fds));
  out.gauge("process_max_fds", "Limit of open file descriptors.", number(p.max_fds));
}

}  // namespace

std::string report(const snapshot& s) {
  exposition out;
  out.gauge("emostream_build_info", "Always 1; version and models are in the labels.", 1,
            {{"version", s.info.version}, {"detector", s.info.detector}, {"classifier", s.info.classifier}});
  out.gauge("emostream_ready", "1 while /readyz answers 200.", s.ready ? 1 : 0);
  for (const resource r : all_resources)
    out.gauge("emostream_saturated", "1 while the resource is saturated.",
              s.saturated.is_saturated(r) ? 1 : 0, {{"by", to_string(r)}});
  out.counter("emostream_log_lines_dropped_total", "Log lines dropped because stderr was not read.",
              number(s.log_lines_dropped));
  add_connections(out, s);
  add_sessions(out, s.app);
  add_frames(out, s);
  add_image_requests(out, s.image_requests);
  if (s.process) add_process(out, *s.process);
  return out.text();
}

}  // namespace emostream::metrics
