// Random data, pushed to a browser twice a second.
//
//   $ build/release/examples/tutorial/40_websocket &
//   > new WebSocket("ws://127.0.0.1:10000/").onmessage = e =>
//   console.log(e.data)
//   {"x":0,"y":4}
//   ...and one more each half second

#include <greenroom/greenroom.hpp>

#include <chrono>
#include <cstdlib>
#include <random>
#include <string>

using namespace greenroom;
using namespace std::chrono_literals;

void send_random_data(http::Request& request, http::Response& response) {
  http::WebSocket socket(request, response);
  std::minstd_rand random(std::random_device{}());
  std::uniform_int_distribution<int> one_to_five(1, 5);
  for (int x = 0;; ++x) {
    const int y = one_to_five(random);
    socket.send(R"({"x":)" + std::to_string(x) + R"(,"y":)" +
                std::to_string(y) + "}");
    sleep(500ms);
  }
}

int main() {
  const char* port = std::getenv("PORT");
  http::Server(net::Endpoint::parse(port != nullptr ? port : "10000"),
               send_random_data)
      .serve_forever();
}
