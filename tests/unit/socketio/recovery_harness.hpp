#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "socketio/harness.hpp"
#include "socketio/json.hpp"

namespace emostream::socketio::test {

inline options with_recovery() {
  options opts;
  opts.recovery.enabled = true;
  return opts;
}

/// A client that was told who it is.
struct visitor {
  peer p;
  std::string pid;
  std::string id;
  std::shared_ptr<socket> end;  ///< the server's

  void lose(disconnect_reason why = "transport close") { p.connection->on_close(why); }
};

inline std::string member(const std::string& answer, std::string_view name) {
  const auto json = parse_json(std::string_view(answer).substr(answer.find('{')), 4);
  const auto* found = json ? json->get_object().if_contains(name) : nullptr;
  return found ? std::string(found->as_string()) : std::string();
}

/// Connects with that auth; everything after the answer is left to be taken.
inline visitor come(world& w, const std::string& auth = "", const std::string& nsp = "/") {
  visitor v{w.open(), {}, {}, {}};
  v.p.send("0" + (nsp == "/" ? "" : nsp + ",") + auth);
  if (v.p.out->sent.empty()) return v;
  const std::string answer = *v.p.out->sent.front().data;
  v.p.out->sent.erase(v.p.out->sent.begin());
  EXPECT_EQ(answer.substr(0, 1), "0") << answer;
  v.pid = member(answer, "pid");
  v.id = member(answer, "sid");
  if (auto* known = w->find(nsp)) v.end = known->find(v.id);
  return v;
}

inline std::string asking(const std::string& pid, const std::string& offset) {
  return R"({"pid":")" + pid + R"(","offset":")" + offset + R"("})";
}

inline visitor come_back(world& w, const visitor& lost, const std::string& offset,
                         const std::string& nsp = "/") {
  return come(w, asking(lost.pid, offset), nsp);
}

}  // namespace emostream::socketio::test
