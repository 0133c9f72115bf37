#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"

namespace {

using namespace emostream;

/// What every command takes: where the settings come from.
struct common {
  std::optional<std::filesystem::path> config;

  void add_to(CLI::App& command) {
    command.add_option("--config", config, "TOML file with the settings (emostream config prints one)")
        ->check(CLI::ExistingFile);
  }

  [[nodiscard]] cli::settings load() const {
    cli::settings s;
    s.load(config);
    return s;
  }
};

int run(int argc, char** argv) {
  CLI::App app{"Emostream: faces and their expressions, frame by frame, over Socket.IO", "emostream"};
  app.set_version_flag("--version", EMOSTREAM_VERSION);
  app.footer("Every setting of the file is a variable too: server.port is EMOSTREAM_SERVER_PORT.");

  common shared;
  int status = 0;

  auto* serve = app.add_subcommand("serve", "Serve until SIGTERM");
  shared.add_to(*serve);
  std::optional<std::string> host;
  std::optional<std::int64_t> port;
  std::optional<std::int64_t> workers;
  serve->add_option("--host", host, "address to listen on (server.host)");
  serve->add_option("--port", port, "port to listen on, 0 for a free one (server.port)")
      ->check(CLI::Range(0, 65535));
  serve->add_option("--workers", workers, "threads that compute, 0 for one a core (vision.workers)")
      ->check(CLI::Range(0, 1024));
  bool dev = false;
  serve->add_flag("--dev", dev, "development: a secret made once and kept in .emostream/, unless one is set");
  serve->callback([&] {
    auto s = shared.load();
    if (host) s.server.host = *host;
    if (port) s.server.port = *port;
    if (workers) s.vision.workers = *workers;
    status = cli::serve(std::move(s), dev);
  });

  auto* token = app.add_subcommand(
      "token", "Print a JWT for an account, signed with jwt.secret or else with that of serve --dev");
  shared.add_to(*token);
  std::string subject;
  std::int64_t ttl = 3600;
  token->add_option("--sub", subject, "the account")->required()->check([](const std::string& name) {
    return name.empty() ? "must not be empty" : "";
  });
  token->add_option("--ttl", ttl, "seconds it is valid for")
      ->check(CLI::Range(1, 366 * 86400))
      ->capture_default_str();
  token->callback([&] { status = cli::token(shared.load(), subject, std::chrono::seconds(ttl)); });

  auto* analyze = app.add_subcommand("analyze",
                                     "Print the faces of images as JSON, one line an image; or score the "
                                     "models on images that are labelled");
  shared.add_to(*analyze);
  std::vector<std::filesystem::path> images;
  cli::evaluate_options evaluation;
  auto* input = analyze->add_option_group("input");
  input->add_option("images", images, "JPEG, PNG or WebP files, or folders of them");
  auto* folder = input->add_option("--evaluate", evaluation.folder,
                                   "folder with a folder of images for each label; the largest face counts");
  folder->check(CLI::ExistingDirectory);
  input->require_option(1);
  analyze->add_flag("--cropped", evaluation.cropped, "the images are faces cut out already")->needs(folder);
  analyze->add_flag("--json", evaluation.json, "print the scores as JSON")->needs(folder);
  analyze->callback([&] {
    const auto s = shared.load();
    status = images.empty() ? cli::evaluate(s, evaluation) : cli::analyze(s, images);
  });

  auto* models = app.add_subcommand("models", "List and check the models in force, or those given");
  shared.add_to(*models);
  cli::list_models_options listed;
  models->add_option("models", listed.models, "folders with a model.toml; front, back or a BlazeFace's file");
  models->add_flag("--json", listed.json, "print JSON");
  models->callback([&] { status = cli::list_models(shared.load(), listed); });

  auto* config = app.add_subcommand("config", "Print the settings in force as a TOML file");
  shared.add_to(*config);
  config->callback([&] { status = cli::print_config(shared.load()); });

  CLI11_PARSE(app, argc, argv);
  if (app.get_subcommands().empty()) {
    std::fputs(app.help().c_str(), stderr);
    return 1;
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "emostream: %s\n", e.what());
    return 1;
  }
}
