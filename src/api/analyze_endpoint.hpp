#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "auth/token.hpp"
#include "net/http/request_plan.hpp"
#include "pipeline/frame_queue.hpp"
#include "service/clocks.hpp"
#include "service/frame_budget.hpp"
#include "service/io_mailbox.hpp"
#include "service/request_error.hpp"
#include "service/service_options.hpp"
#include "vision/models/model_info.hpp"

namespace emostream::api {

/// Charges an image of `bytes` bytes to the account and reserves budget for it, or returns the limit that it
/// exceeds: service::emotion_service::admit_frame().
using admit_function = std::function<service::or_error<service::frame_budget::reservation>(
    const std::string& account, std::size_t bytes)>;

/// POST /api/v1/analyze: one image in, one result out. It shares the workers with the frames of Socket.IO,
/// and each request has a mailbox of its own, so that none replaces another.
///
/// I/O thread only. `tokens`, `queue` and whatever the functions use must outlive it.
class analyze_endpoint {
 public:
  analyze_endpoint(const service::service_options& limits, const auth::token_authority& tokens,
                   vision::model_info model, pipeline::frame_queue& queue,
                   service::analyzer_factory open_stream, admit_function admit, service::post_function post,
                   service::clocks clock = {});
  ~analyze_endpoint();
  analyze_endpoint(const analyze_endpoint&) = delete;
  analyze_endpoint& operator=(const analyze_endpoint&) = delete;

  /// What becomes of a request with that head: a net::head_handler. Who is not let in sends no body.
  [[nodiscard]] std::variant<net::plan::answer, net::plan::read_body> plan(request_head head);

  /// Refuses requests from now on; `done` is called once those in work are answered.
  void drain(std::move_only_function<void()> done);

  /// Images in work now.
  [[nodiscard]] std::size_t in_work() const;

  /// How many requests were answered so far, by HTTP status.
  [[nodiscard]] const std::map<int, std::uint64_t>& answered() const;

 private:
  struct request;
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace emostream::api
