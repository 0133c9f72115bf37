// Load generator: runs one of the loads in loads.hpp against a Socket.IO server and prints the figures as one
// line of JSON.
#include <cstdlib>
#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <sys/prctl.h>

#include "load/loads.hpp"

using namespace emostream::bench;

int main(int argc, char** argv) {
  ::prctl(PR_SET_TIMERSLACK, 1);  // 1 ns, so that events are sent at their scheduled time

  CLI::App app{"Runs a load against a Socket.IO server and prints figures"};
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
    c->add_option("--pid", server.pid, "process of the server, whose CPU time and memory are measured")
        ->required();
    c->add_option("--warm-up", warm_up, "seconds before the measurement");
    return c;
  };
  auto* echo_command = command("echo", "events that the server sends back");
  echo_command->add_flag("--binary", echo.binary, "binary attachments instead of text");
  echo_command->add_option("--bytes", echo.bytes);
  echo_command->add_option("--connections", echo.connections);
  echo_command->add_option(
      "--rate", echo.rate,
      "events per second over all connections; 0: each connection sends when the previous event is answered");
  echo_command->add_option("--seconds", measured);
  auto* broadcast_command = command("broadcast", "events of one socket that all sockets receive");
  broadcast_command->add_option("--bytes", broadcast.bytes);
  broadcast_command->add_option("--connections", broadcast.connections);
  broadcast_command->add_option("--seconds", measured);
  auto* idle_command = command("idle", "idle connections");
  idle_command->add_option("--connections", idle.connections);
  idle_command->add_option("--max-connecting", idle.max_connecting);
  idle_command->add_option("--settle", settle, "seconds to wait before memory is measured");
  auto* cameras_command = command("cameras", "video frames to the emotion service");
  cameras_command->add_option("--path", cameras.path, "Engine.IO path");
  cameras_command->add_option("--namespace", cameras.name_space);
  cameras_command->add_option("--images", cameras.images, "files that each camera sends in turn")->required();
  cameras_command->add_option("--scenes", cameras.scenes,
                              "the images are those of so many scenes, of which each camera shows one");
  cameras_command->add_option("--tokens", cameras.tokens, "tokens of the accounts")->required();
  cameras_command->add_option("--clients", cameras.clients);
  cameras_command->add_option(
      "--fps", cameras.fps,
      "frames per second of each client; 0: each sends when the previous frame is answered");
  cameras_command->add_option("--greedy-fps", cameras.greedy_fps,
                              "frames per second of one additional client");
  cameras_command->add_flag("--answers", cameras.answers,
                            "print the result of each image instead of measuring");
  cameras_command->add_option("--seconds", measured);
  CLI11_PARSE(app, argc, argv);

  server.warm_up = seconds(warm_up);
  server.measured = seconds(measured);
  idle.settle = seconds(settle);
  try {
    const auto figures = echo_command->parsed()        ? run(server, echo)
                         : broadcast_command->parsed() ? run(server, broadcast)
                         : cameras_command->parsed()   ? run(server, cameras)
                                                       : run(server, idle);
    std::cout << boost::json::serialize(figures) << '\n';
  } catch (const std::exception& e) {
    std::cerr << "load: " << e.what() << '\n';
    return EXIT_FAILURE;
  }
}
