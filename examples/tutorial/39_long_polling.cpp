// Clients wait for news: each datum goes to one of them.
//
//   $ build/release/examples/tutorial/39_long_polling &
//   $ curl -sN http://127.0.0.1:8000/
//   "Hello World"
//   ...and one more each second

#include <greenroom/greenroom.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace greenroom;
using namespace std::chrono_literals;

Queue<std::string> data_source;

void producer() {
  for (;;) {
    data_source.put_nowait("Hello World");
    sleep(1s);
  }
}

void ajax_endpoint(http::Request&, http::Response& response) {
  // A client that has gone takes no datum from those who are there.
  const http::WhileConnected watch(response);
  response.set_header("Content-Type", "application/json");
  for (;;) response.write('"' + data_source.get() + "\"\n");
}

int main(int argc, char** argv) {
  const net::Endpoint endpoint =
      net::Endpoint::parse(argc > 1 ? argv[1] : "127.0.0.1:8000");
  spawn(producer);
  http::Server(endpoint, ajax_endpoint, {.access_log = &std::cerr})
      .serve_forever();
}
