// The web server of gevent's tutorial, without its log. Prints the port it
// listens at. ../hello_world.cpp compares it with the other programs of that
// name.

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;

int main() {
  http::Server server({"127.0.0.1", 0}, [](auto&, auto& response) {
    response.send("<p>Hello World</p>", "text/html");
  });
  server.start();
  std::cout << server.endpoint().port() << std::endl;
  server.serve_forever();
}
