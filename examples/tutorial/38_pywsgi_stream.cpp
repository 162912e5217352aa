// A page that is sent piece by piece, in chunks.
//
//   $ build/release/examples/tutorial/38_pywsgi_stream &
//   $ curl http://127.0.0.1:8000/
//   <p>HelloWorld</p>

#include <greenroom/greenroom.hpp>

#include <iostream>

using namespace greenroom;

void application(http::Request&, http::Response& response) {
  response.set_header("Content-Type", "text/html");
  response.write("<p>Hello");
  response.write("World</p>");
}

int main(int argc, char** argv) {
  const net::Endpoint endpoint =
      net::Endpoint::parse(argc > 1 ? argv[1] : "127.0.0.1:8000");
  http::Server(endpoint, application, {.access_log = &std::cerr})
      .serve_forever();
}
