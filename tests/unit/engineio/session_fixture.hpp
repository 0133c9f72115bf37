#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engineio/error.hpp"
#include "engineio/session.hpp"

namespace emostream::engineio {

/// A session with a manual clock, and its pending actions.
struct session_fixture : testing::Test {
  options opts;
  time_point now{std::chrono::hours(1)};
  std::unique_ptr<session> s;
  actions out;

  void open(enum transport first = transport::polling) {
    s = std::make_unique<session>("sid", first, opts, now);
    if (first == transport::polling)
      EXPECT_TRUE(poll().starts_with(R"(0{"sid":"sid")"));
    else
      EXPECT_TRUE(written().starts_with(R"(0{"sid":"sid")"));
  }

  void send(std::string text) {
    const auto m = message::text(std::move(text));
    s->send({&m, 1}, out);
  }

  /// Sends a poll request; returns the response if there is one already.
  std::string poll() {
    EXPECT_TRUE(s->poll(now, out));
    return polled();
  }
  /// Sends a POST request; returns whether it was accepted.
  bool post(std::string_view body) {
    if (!s->begin_post(false, out)) return false;
    const bool accepted = s->finish_post(body, now, out).has_value();
    s->end_post();
    return accepted;
  }
  void receive(std::string_view text) { s->receive(text, false, now, out); }

  /// Writes the pending packets to the WebSocket; returns its messages separated by spaces.
  std::string written() {
    std::vector<packet> packets;
    s->take_packets(packets);
    s->packets_written(out);
    std::string all;
    for (const auto& p : packets)
      all += (all.empty() ? "" : " ") + std::string(p.prefix()) + std::string(p.text());
    return all;
  }

  /// Advances the clock, calling tick() at each deadline.
  void wait(milliseconds time) {
    const auto end = now + time;
    while (s->deadline() && *s->deadline() <= end) {
      now = std::max(now, *s->deadline());
      s->tick(now, out);
    }
    now = end;
  }

  // Each of these removes the pending actions of one kind and returns them as text, separated by spaces;
  // closes_websocket() returns whether there were any.

  std::string polled() {
    return take<action::answer_poll>([](const auto& a) { return a.payload.bytes; });
  }
  std::string delivered() {
    return take<action::deliver>(
        [](const auto& a) { return (a.content.binary ? "b:" : "") + std::string(a.content.content); });
  }
  std::string closed() {
    return take<action::closed>([](const auto& a) { return std::string(to_string(a.reason)); });
  }
  bool closes_websocket() {
    return !take<action::close_websocket>([](const auto&) { return std::string("yes"); }).empty();
  }

 private:
  template <class Action, class Format>
  std::string take(Format format) {
    std::string all;
    actions others;
    for (auto& a : out) {
      if (const auto* action = std::get_if<Action>(&a))
        all += (all.empty() ? "" : " ") + format(*action);
      else
        others.push_back(std::move(a));
    }
    out.swap(others);
    return all;
  }
};

}  // namespace emostream::engineio
