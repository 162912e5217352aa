// A chat room, in the browser and for curl.
//
//   $ chat_room                      http://127.0.0.1:5000/
//   $ chat_room --listen 0.0.0.0:80  for others, too
//
// Each room is an actor, and so is each user. Each connection is served by a
// greenlet. Ctrl-C ends the program once the requests in progress are answered.

#include "../flags.hpp"
#include "web.hpp"

#include <greenroom/greenroom.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>

#include <boost/program_options.hpp>

#include <csignal>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace {

namespace options = boost::program_options;
using namespace std::chrono_literals;

struct Settings {
  std::string listen = "127.0.0.1:5000";
  bool logs = false;
};

bool read_settings(int argc, char** argv, Settings& settings) {
  options::options_description flags("chat_room: a chat room on the web");
  flags.add_options()(
      "listen", options::value(&settings.listen)->value_name("ADDRESS:PORT"),
      "where; default 127.0.0.1:5000")("log",
                                       options::bool_switch(&settings.logs),
                                       "a line on stderr for each request");
  return read_flags(argc, argv, flags);
}

int run(const Settings& settings) {
  greenroom::net::Endpoint endpoint;
  try {
    endpoint = greenroom::net::Endpoint::parse(settings.listen);
  } catch (const std::invalid_argument& error) {
    throw BadFlag(error.what());
  }
  const greenroom::Watchdog watchdog;  // reports who keeps the others waiting
  chat::Web web;
  greenroom::http::Server server(
      endpoint, std::ref(web),
      {.access_log = settings.logs ? &std::clog : nullptr});
  server.start();
  for (const int signal : {SIGINT, SIGTERM})
    greenroom::net::on_signal(signal, [&] { server.stop(); });
  std::cout << "chat room at http://" << server.endpoint().to_string() << "/"
            << std::endl;
  server.serve_forever();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Settings settings;
    return read_settings(argc, argv, settings) ? run(settings) : 0;
  } catch (const BadFlag& error) {
    return refuse("chat_room", error);
  } catch (const std::system_error& error) {
    std::cerr << "chat_room: " << error.what()
              << "\nChoose another port: chat_room --listen 127.0.0.1:5001\n";
    return 1;
  }
}
