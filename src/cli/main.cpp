#include <csignal>
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

/// The options that all commands share.
struct common_options {
  std::optional<std::filesystem::path> config;

  void add_to(CLI::App& command) {
    command.add_option("--config", config, "TOML file with the settings, as `emostream config` prints it")
        ->check(CLI::ExistingFile);
  }

  [[nodiscard]] cli::settings load() const {
    cli::settings s;
    s.load(config);
    return s;
  }
};

int run(int argc, char** argv) {
  CLI::App app{"Emostream: real-time face detection and emotion recognition over Socket.IO", "emostream"};
  app.set_version_flag("--version", EMOSTREAM_VERSION);
  app.footer(
      "Each setting can also be set by an environment variable: server.port by EMOSTREAM_SERVER_PORT.");

  common_options common;
  int status = 0;

  auto* serve = app.add_subcommand("serve", "Run the server until SIGTERM or SIGINT");
  common.add_to(*serve);
  std::optional<std::string> host;
  std::optional<std::uint16_t> port;
  std::optional<unsigned> workers;
  serve->add_option("--host", host, "IP address or host name to listen on (server.host)");
  serve->add_option("--port", port, "port to listen on; 0: a free port (server.port)")
      ->check(CLI::Range(0, 65535));
  serve->add_option("--workers", workers, "number of worker threads; 0: one per core (vision.workers)")
      ->check(CLI::Range(0, 1024));
  bool dev = false;
  serve->add_flag(
      "--dev", dev,
      "development mode: without jwt.secret, create a secret and keep it in .emostream/; tell clients why "
      "a token is rejected; serve /metrics");
  serve->callback([&] {
    std::signal(SIGPIPE, SIG_IGN);  // writing to a log that nobody reads any more is an error, not the end
    auto s = common.load();
    if (host) s.server.net.host = *host;
    if (port) s.server.net.port = *port;
    if (workers) s.queue.workers = *workers;
    status = cli::serve(std::move(s), dev);
  });

  auto* token = app.add_subcommand(
      "token", "Print a JWT for an account, signed with jwt.secret or else with the secret of serve --dev");
  common.add_to(*token);
  std::string subject;
  std::int64_t ttl = 3600;
  token->add_option("--sub", subject, "name of the account")->required()->check([](const std::string& name) {
    return name.empty() ? "must not be empty" : "";
  });
  token->add_option("--ttl", ttl, "lifetime in seconds")
      ->check(CLI::Range(1, 366 * 86400))
      ->capture_default_str();
  token->callback([&] { status = cli::token(common.load(), subject, std::chrono::seconds(ttl)); });

  auto* analyze = app.add_subcommand("analyze",
                                     "Print the faces in images as JSON, one line per image; or evaluate "
                                     "the models on labelled images");
  common.add_to(*analyze);
  std::vector<std::filesystem::path> images;
  cli::evaluate_options evaluation;
  auto* input = analyze->add_option_group("input");
  input->add_option("images", images, "JPEG, PNG, WebP or GIF files, or folders with such files");
  auto* folder = input->add_option(
      "--evaluate", evaluation.folder,
      "folder with a folder of images for each label; the largest face of an image is scored");
  folder->check(CLI::ExistingDirectory);
  input->require_option(1);
  analyze->add_flag("--cropped", evaluation.cropped, "the images are cropped faces: skip face detection")
      ->needs(folder);
  analyze->add_flag("--json", evaluation.json, "print the scores as JSON")->needs(folder);
  analyze->callback([&] {
    const auto s = common.load();
    status = images.empty() ? cli::evaluate(s, evaluation) : cli::analyze(s, images);
  });

  auto* models = app.add_subcommand("models", "List and check the configured models, or the ones given");
  common.add_to(*models);
  cli::list_models_options listing;
  models->add_option("models", listing.models,
                     "folders with a model.toml, the ONNX file of a BlazeFace model, front or back");
  models->add_flag("--json", listing.json, "print JSON");
  models->callback([&] { status = cli::list_models(common.load(), listing); });

  auto* config = app.add_subcommand("config", "Print the settings as a TOML file");
  common.add_to(*config);
  bool markdown = false;
  config->add_flag("--markdown", markdown, "print the reference of all settings in Markdown instead");
  config->callback(
      [&] { status = markdown ? cli::print_settings_reference() : cli::print_config(common.load()); });

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
