// What gevent-websocket does: gevent itself has no WebSocket.

#include "../support/catch2.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/http/server/server.hpp>
#include <greenroom/runtime/net/http/websocket/websocket.hpp>
#include <greenroom/runtime/sync/event.hpp>

#include <string>

namespace greenroom::test {
namespace {

// golden/40_websocket. Unlike there, another version is answered with 426, as
// RFC 6455 says, and a handler that only sends learns of the close at its next
// send.
TEST_CASE("gevent 352: the handshake, and send() after the client has closed",
          "[conformance][websocket]") {
  const Hub hub;
  Event refused;
  http::Server server(net::Endpoint("127.0.0.1", 0),
                      [&](http::Request& request, http::Response& response) {
                        http::WebSocket socket(request, response);
                        CHECK_FALSE(socket.receive().has_value());
                        CHECK_THROWS_AS(socket.send("late"), http::ClientGone);
                        refused.set();
                      });
  server.start();
  http::WebSocket client("ws://" + server.endpoint().to_string() + "/");
  client.close();
  refused.wait();
}

}  // namespace
}  // namespace greenroom::test
