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
#include "service/emotion_service.hpp"
#include "service/frame_budget.hpp"
#include "service/io_mailbox.hpp"
#include "service/request_error.hpp"
#include "service/service_options.hpp"
#include "vision/models/model_info.hpp"

namespace emostream::api {

/// Charges an image of `bytes` bytes to the account and reserves budget for it, or returns the limit that it
/// exceeds. Implemented with service::emotion_service::admit_image().
using admit_function =
    std::function<service::or_error<service::admitted_image>(const std::string& account, std::size_t bytes)>;

/// Handles POST /api/v1/analyze: analyzes one image and responds with the result. The images share the
/// workers with the frames of Socket.IO, and count towards the worker time of the same accounts; each request
/// has its own mailbox, so that no image replaces another.
///
/// I/O thread only. `tokens`, `queue` and everything that the functions use must outlive it.
class analyze_endpoint {
 public:
  analyze_endpoint(const service::service_options& limits, const auth::token_authority& tokens,
                   vision::model_info model, pipeline::frame_queue& queue,
                   service::analyzer_factory make_analyzer, admit_function admit, service::post_function post,
                   service::clocks clock = {});
  ~analyze_endpoint();
  analyze_endpoint(const analyze_endpoint&) = delete;
  analyze_endpoint& operator=(const analyze_endpoint&) = delete;

  /// A net::request_planner: accepts or rejects a request by its head, so that a rejected request is answered
  /// before its body is read.
  [[nodiscard]] std::variant<net::plan::answer, net::plan::read_body> plan(const request_head& head);

  /// Rejects new requests, and images that have not been received completely. Calls `done` once every image
  /// in flight has been answered.
  void drain(std::move_only_function<void()> done);

  /// The number of images in flight.
  [[nodiscard]] std::size_t in_flight() const;

  /// The number of responses so far, by HTTP status.
  [[nodiscard]] const std::map<int, std::uint64_t>& response_counts() const;

 private:
  struct request;
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace emostream::api
