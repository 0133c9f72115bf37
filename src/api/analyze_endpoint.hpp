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
#include "service/frame_budget.hpp"
#include "service/options.hpp"
#include "service/problem.hpp"
#include "service/services.hpp"

namespace emostream::api {

/// Lets an image of so many bytes of that account in, for as long as the share lives, or says why not:
/// service::application::admit_frame().
using admit_function = std::function<service::expected<service::frame_budget::share>(
    const std::string& account, std::size_t bytes)>;

/// POST /api/v1/analyze: one image in, one result out. It shares the workers with the frames of Socket.IO,
/// and each request has a lane of its own, so that none replaces another.
///
/// I/O thread only. `tokens`, `queue` and whatever the functions use must outlive it.
class analyze_endpoint {
 public:
  analyze_endpoint(const service::options& limits, const auth::token_authority& tokens,
                   service::model_info model, pipeline::frame_queue& queue,
                   service::stream_opener open_stream, admit_function admit, service::post_function post,
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
