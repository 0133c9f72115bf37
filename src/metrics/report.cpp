#include "metrics/report.hpp"

#include <algorithm>
#include <cctype>

#include "metrics/exposition.hpp"

namespace emostream::metrics {

namespace {

double number(auto n) {
  return static_cast<double>(n);
}

std::string lower_case(std::string_view word) {
  std::string out(word);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

void by_reason(exposition& out, std::string_view name, std::string_view help,
               const service::counters_by_reason& counts) {
  for (const auto& [word, count] : counts)
    out.counter(name, help, number(count), {{"reason", lower_case(word)}});
}

void tell_server(exposition& out, const facts& f) {
  const auto& s = f.server;
  const auto connection_addresses = s.address_refusals - s.session_address_refusals;
  constexpr std::string_view refused = "emostream_connections_refused_total";
  constexpr std::string_view refused_help = "TCP connections closed as soon as accepted.";
  out.gauge("emostream_connections_open", "TCP connections.", number(s.connections_open));
  out.gauge("emostream_connections_limit", "TCP connections there may be.", number(f.is.max_connections));
  out.counter("emostream_connections_accepted_total", "TCP connections.", number(s.connections_accepted));
  out.counter(refused, refused_help, number(s.connections_refused - connection_addresses),
              {{"reason", "limit"}});
  out.counter(refused, refused_help, number(connection_addresses), {{"reason", "address"}});
  out.counter("emostream_tls_handshakes_failed_total", "TLS handshakes.", number(s.tls_handshakes_failed));
  out.counter("emostream_http_requests_total", "HTTP requests, polls included.", number(s.http_requests));
  out.counter("emostream_http_errors_total", "HTTP requests answered with 4xx or 5xx.",
              number(s.http_errors));

  constexpr std::string_view turned_away = "emostream_engineio_sessions_refused_total";
  constexpr std::string_view turned_away_help = "Engine.IO sessions; limit: too many, or the server ends.";
  out.gauge("emostream_engineio_sessions_open", "Engine.IO sessions.", number(s.sessions_open));
  out.gauge("emostream_engineio_sessions_limit", "Engine.IO sessions there may be.",
            number(f.is.max_sessions));
  out.counter("emostream_engineio_sessions_opened_total", "Engine.IO sessions.", number(s.sessions_opened));
  out.counter(turned_away, turned_away_help, number(s.sessions_refused - s.session_address_refusals),
              {{"reason", "limit"}});
  out.counter(turned_away, turned_away_help, number(s.session_address_refusals), {{"reason", "address"}});
  out.counter(turned_away, turned_away_help, number(s.sessions_forbidden), {{"reason", "forbidden"}});
  out.counter("emostream_engineio_upgrades_total", "Sessions that went from polling to WebSocket.",
              number(s.sessions_upgraded));
  out.counter("emostream_slow_clients_closed_total", "Clients that did not read.",
              number(s.slow_clients_closed));
}

void tell_sessions(exposition& out, const service::service_stats& app) {
  const auto& t = app.since_start;
  out.gauge("emostream_sessions", "Clients in the namespace.", number(app.sessions));
  out.gauge("emostream_sessions_processing", "Clients that have started processing.", number(app.processing));
  out.counter("emostream_sessions_opened_total", "Clients that entered the namespace.",
              number(t.sessions_opened));
  by_reason(out, "emostream_sessions_refused_total", "Clients refused, by the code of CONNECT_ERROR.",
            t.rejected_connections);
  out.counter("emostream_sessions_idle_closed_total", "Clients disconnected for saying nothing.",
              number(t.idle_disconnects));
  out.gauge("emostream_accounts", "Accounts with a client.", number(app.accounts));
  constexpr std::string_view limited = "emostream_account_refusals_total";
  constexpr std::string_view limited_help = "Connections, and frames, over the limits of their account.";
  out.counter(limited, limited_help, number(t.rejected_connections[service::connect_code::connection_limit]),
              {{"limit", "connections"}});
  out.counter(limited, limited_help, number(t.account_rate_exceeded), {{"limit", "rate"}});
  out.gauge("emostream_rooms", "Rooms with a member.", number(app.rooms));
  by_reason(out, "emostream_errors_total", "error_message events sent.", t.errors_sent);
  out.gauge("emostream_advised_fps", "target_fps of all clients that are processing, summed.",
            number(app.advised_fps));
  constexpr std::string_view pace = "emostream_pace_changes_total";
  constexpr std::string_view pace_help = "Clients told another target_fps.";
  out.counter(pace, pace_help, number(t.target_fps_decreased), {{"direction", "down"}});
  out.counter(pace, pace_help, number(t.target_fps_increased), {{"direction", "up"}});
}

void tell_frames(exposition& out, const facts& f) {
  const auto& t = f.app.since_start;
  out.counter("emostream_frames_received_total", "Frames. Each is at last processed, failed or dropped.",
              number(t.frames_received));
  out.counter("emostream_frames_received_bytes_total", "Images of frames, as they came.",
              number(t.frame_bytes_received));
  out.counter("emostream_frames_processed_total", "Frames analyzed.", number(t.frames_analyzed));
  by_reason(out, "emostream_frames_failed_total", "Frames that are not what we take.", t.frames_failed);
  by_reason(out, "emostream_frames_dropped_total", "Frames given up without a result.", t.frames_dropped);
  out.counter("emostream_results_total", "detection_result events, each once however many hear it.",
              number(t.results_sent));

  constexpr std::string_view stage = "emostream_frame_stage_seconds";
  constexpr std::string_view stage_help = "Where the time of a frame goes; queue: until a worker took it.";
  out.histogram(stage, stage_help, t.stage_seconds.queue, {{"stage", "queue"}});
  out.histogram(stage, stage_help, t.stage_seconds.decode, {{"stage", "decode"}});
  out.histogram(stage, stage_help, t.stage_seconds.detect, {{"stage", "detect"}});
  out.histogram(stage, stage_help, t.stage_seconds.classify, {{"stage", "classify"}});
  out.histogram("emostream_frame_latency_seconds", "From a frame's arrival to its result's emission.",
                t.stage_seconds.latency);

  out.gauge("emostream_frames_waiting", "Frames that wait for a worker.", number(f.queue.waiting));
  out.gauge("emostream_frames_working", "Frames that workers are at.", number(f.queue.working));
  out.gauge("emostream_frames_in_flight_bytes", "Images of frames whose fate is open.",
            number(f.app.bytes_in_flight));
  out.gauge("emostream_frames_in_flight_limit_bytes", "Their budget.", number(f.app.max_bytes_in_flight));
  out.gauge("emostream_workers", "Threads that compute.", number(f.is.workers));
  out.counter("emostream_workers_busy_seconds_total", "Of all of them, at frames and images of requests.",
              f.queue.busy_ms_sum / 1e3);
}

void tell_images(exposition& out, const answers& answered) {
  for (const auto& [status, count] : answered)
    out.counter("emostream_image_requests_total", "Requests to POST /api/v1/analyze that were answered.",
                number(count), {{"status", std::to_string(status)}});
}

void tell_process(exposition& out, const process_facts& p) {
  out.counter("process_cpu_seconds_total", "User and system time.", p.cpu_seconds);
  out.gauge("process_resident_memory_bytes", "Resident memory.", number(p.resident_bytes));
  out.gauge("process_threads", "Threads.", number(p.threads));
  out.gauge("process_start_time_seconds", "Since the epoch.", p.start_time);
  out.gauge("process_open_fds", "File descriptors.", number(p.open_fds));
  out.gauge("process_max_fds", "File descriptors there may be.", number(p.max_fds));
}

}  // namespace

std::string report(const facts& f) {
  exposition out;
  out.gauge("emostream_build_info", "1; what runs is in the labels.", 1,
            {{"version", f.is.version}, {"detector", f.is.detector}, {"classifier", f.is.classifier}});
  out.gauge("emostream_ready", "1 as long as /readyz says so.", f.ready ? 1 : 0);
  for (const excess e : all_excesses)
    out.gauge("emostream_saturated", "1 if there is too much of it for new clients.",
              f.saturated.by(e) ? 1 : 0, {{"by", to_string(e)}});
  tell_server(out, f);
  tell_sessions(out, f.app);
  tell_frames(out, f);
  tell_images(out, f.images);
  if (f.process) tell_process(out, *f.process);
  return out.text();
}

}  // namespace emostream::metrics
