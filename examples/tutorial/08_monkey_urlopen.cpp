// Three sites at once: each greenlet waits alone, without any patching.
//
//   $ build/release/examples/tutorial/08_monkey_urlopen
//   GET: /python
//   GET: /yahoo
//   GET: /github
//   56192 bytes received from /github.
//   520000 bytes received from /yahoo.
//   48896 bytes received from /python.

#include <greenroom/greenroom.hpp>

#include <chrono>
#include <cstddef>
#include <iostream>
#include <map>
#include <string>

using namespace greenroom;
using namespace std::chrono_literals;

struct Page {
  std::size_t size;
  Duration delay;
};

const std::map<std::string, Page> pages{{"/python", {48896, 300ms}},
                                        {"/yahoo", {520000, 200ms}},
                                        {"/github", {56192, 100ms}}};

void application(http::Request& request, http::Response& response) {
  const Page& page = pages.at(request.path());
  sleep(page.delay);
  response.send(std::string(page.size, 'x'));
}

int main() {
  http::Server server({"127.0.0.1", 0}, application);
  server.start();
  const auto f = [&](const std::string& path) {
    std::cout << "GET: " << path << '\n';
    const auto page =
        http::get("http://" + server.endpoint().to_string() + path);
    std::cout << page.body.size() << " bytes received from " << path << ".\n";
  };
  joinall({spawn(f, "/python"), spawn(f, "/yahoo"), spawn(f, "/github")});
}
