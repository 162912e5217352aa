// A web server that says hello.
//
//   $ build/release/examples/tutorial/37_wsgi_hello &
//   $ curl http://127.0.0.1:8000/
//   <p>Hello World</p>

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <string>

using namespace greenroom;

void application(http::Request&, http::Response& response) {
  response.send("<p>Hello World</p>", "text/html");
}

int main(int argc, char** argv) {
  const net::Endpoint endpoint =
      net::Endpoint::parse(argc > 1 ? argv[1] : "127.0.0.1:8000");
  http::Server(endpoint, application, {.access_log = &std::cerr})
      .serve_forever();
}
