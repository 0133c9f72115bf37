// Fuzzes the parsers of event payloads: an accepted request must be within the documented bounds. The first
// byte selects the parser; the rest is the JSON text of the arguments.

#include "service/payload.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/utf8.hpp"
#include "socketio/json.hpp"

using namespace emostream;
using namespace emostream::service;

namespace {

constexpr std::size_t max_image_bytes = 100;

void require(bool invariant) {
  if (!invariant) std::abort();
}

void check(const request_error& error) {
  require(error.code == 400 || error.code == 413 || error.code == 500);
  require(!error.reason.empty() && !error.message.empty() && error.message.size() < 300);
}

void check(const config_change& change) {
  session_config config;
  change.apply_to(config);
  require(config.min_confidence >= lowest_min_confidence && config.min_confidence <= 1);
  require(config.max_faces >= 0 && config.max_faces <= 100);
  require(change.ignored.size() <= 64);
}

void check(const std::string& room) {
  require(!room.empty() && room.size() <= 64);
}

void check(const initialize_request& request) {
  check(request.config);
  if (request.room) check(*request.room);
}
void check(const control_request& request) {
  check(request.config);
}
void check(const room_request& request) {
  check(request.room);
}
void check(const frame_request& request) {
  if (request.timestamp) require(std::isfinite(*request.timestamp) && *request.timestamp >= 0);
  require(request.image.owner && !request.image.content.empty());
  require(request.image.content.size() <=
          (request.image.is_text ? 2 * max_image_bytes + 300 : max_image_bytes));
  std::string buffer;
  (void)pipeline::image_bytes(request.image, buffer);
}

template <class Request>
void check(const or_error<Request>& request) {
  if (request)
    check(*request);
  else
    check(request.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (!is_utf8(text)) return 0;
  auto parsed = socketio::parse_json(text, {.depth = 8});
  if (!parsed) return 0;

  socketio::arguments args;
  if (parsed->is_array())
    args.values = std::move(parsed->get_array());
  else
    args.values.push_back(std::move(*parsed));
  for (const std::size_t length : {std::size_t{0}, std::size_t{3}, max_image_bytes + 1})
    args.attachments.push_back(std::make_shared<const std::string>(length, 'x'));

  switch (data[0] % 5) {
    case 0:
      check(parse_initialize(args.at(0)));
      break;
    case 1:
      check(parse_control(args.at(0)));
      break;
    case 2:
      check(parse_join_room(args.at(0)));
      break;
    case 3:
      check(parse_leave_room(args.at(0)));
      break;
    default: {
      const auto id = frame_id_of(args.at(0));
      if (id && id->is_string()) require(id->get_string().size() <= 128);
      check(parse_video_frame(args, {.max_bytes = max_image_bytes}));
    }
  }
  return 0;
}
