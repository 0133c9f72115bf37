// Loads a Socket.IO server and prints what came of it as one line of JSON; see loads.hpp.
#include <cstdlib>
#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <sys/prctl.h>

#include "load/loads.hpp"

using namespace emostream::bench;

int main(int argc, char** argv) {
  ::prctl(PR_SET_TIMERSLACK, 1);  // nanosecond: events of a rate are to be sent when they are due

  CLI::App app{"Loads a Socket.IO server and measures it"};
  app.require_subcommand(1);
  target server;
  echo_load echo;
  broadcast_load broadcast;
  idle_load idle;
  camera_load cameras;
  double warm_up = server.warm_up.count();
  double measured = server.measured.count();
  double settle = idle.settle.count();

  const auto command = [&](const char* name, const char* what) {
    auto* c = app.add_subcommand(name, what);
    c->add_option("--port", server.port)->required();
    c->add_option("--pid", server.pid, "the server's process, whose CPU and memory are looked at")
        ->required();
    c->add_option("--warm-up", warm_up, "seconds before anything counts");
    return c;
  };
  auto* echoes = command("echo", "events that come back");
  echoes->add_flag("--binary", echo.binary, "an attachment instead of text");
  echoes->add_option("--bytes", echo.bytes);
  echoes->add_option("--connections", echo.connections);
  echoes->add_option("--rate", echo.rate, "events a second; 0: as fast as they are answered");
  echoes->add_option("--seconds", measured);
  auto* broadcasts = command("broadcast", "events of one that all receive");
  broadcasts->add_option("--bytes", broadcast.bytes);
  broadcasts->add_option("--connections", broadcast.connections);
  broadcasts->add_option("--seconds", measured);
  auto* idles = command("idle", "connections that do nothing");
  idles->add_option("--connections", idle.connections);
  idles->add_option("--at-once", idle.at_once);
  idles->add_option("--settle", settle, "seconds before memory is looked at");
  auto* sending = command("cameras", "frames that come back as results");
  sending->add_option("--path", cameras.path, "of Engine.IO");
  sending->add_option("--name-space", cameras.name_space);
  sending->add_option("--images", cameras.images, "files that each camera sends in turn")->required();
  sending->add_option("--tokens", cameras.tokens, "of the accounts")->required();
  sending->add_option("--clients", cameras.clients);
  sending->add_option("--fps", cameras.fps, "of each; 0: as fast as frames are answered");
  sending->add_option("--greedy-fps", cameras.greedy_fps, "of one camera more");
  sending->add_flag("--answers", cameras.answers, "print what each image is answered, measure nothing");
  sending->add_option("--seconds", measured);
  CLI11_PARSE(app, argc, argv);

  server.warm_up = seconds(warm_up);
  server.measured = seconds(measured);
  idle.settle = seconds(settle);
  try {
    const auto figures = echoes->parsed()       ? run(server, echo)
                         : broadcasts->parsed() ? run(server, broadcast)
                         : sending->parsed()    ? run(server, cameras)
                                                : run(server, idle);
    std::cout << boost::json::serialize(figures) << '\n';
  } catch (const std::exception& e) {
    std::cerr << "load: " << e.what() << '\n';
    return EXIT_FAILURE;
  }
}
