// set_target(): an accepted target has a path and gives the same result when parsed again. An Engine.IO
// request that is accepted for it names a session; or it would open one, and then it uses WebSocket if, and
// only if, the HTTP request is an upgrade.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engineio/handshake.hpp"
#include "net/http/request_parsing.hpp"

using namespace emostream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view target(reinterpret_cast<const char*>(data), size);
  request_head head;
  head.method = "GET";
  if (!net::set_target(head, target)) return 0;
  if (head.target != target || head.path.empty()) std::abort();
  request_head again;
  if (!net::set_target(again, head.target) || again.path != head.path || again.query != head.query)
    std::abort();
  for (const bool upgrade : {false, true}) {
    const auto request = engineio::parse_request(head, upgrade, {});
    if (!request) continue;
    if (request->sid ? request->sid->empty()
                     : upgrade != (request->transport == engineio::transport::websocket))
      std::abort();
  }
  return 0;
}
