// Any bytes, sent to a connection of an http::Server: it may answer what it
// likes, but in HTTP, and must come to an end.
//
// The first byte says where the input is cut in two, so that the server meets
// heads and chunks of which a part is missing.

#include "greenroom/runtime/greenlet.hpp"
#include "greenroom/runtime/hub.hpp"
#include "greenroom/runtime/net/http/connection.hpp"
#include "greenroom/runtime/net/http/service.hpp"
#include "greenroom/runtime/net/unix_socket.hpp"
#include "greenroom/runtime/spawn.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace {

using namespace greenroom;

// Reads everything there is to read, and says it again.
void handle(http::Request& request, http::Response& response) {
  std::string seen = request.path() + std::string(request.query());
  for (const auto& [name, value] : http::parse_form(request.query()))
    seen += name + value;
  for (const auto& [name, value] : request.headers()) seen += name;
  if (request.target() == "/unread") return;
  response.write(seen);
  response.write(request.body());
}

std::string answer_to(std::string_view first, std::string_view second) {
  auto service = std::make_shared<detail::HttpService>();
  service->handler = handle;
  service->limits.body_size = 4096;
  auto [client, server] = net::UnixSocket::pair();
  const auto connection = make_greenlet<detail::HttpConnection>(
      service, std::move(server), net::Endpoint());
  connection->start();

  const auto sends = spawn([&, &client = client] {
    std::error_code ignored;  // the server may have hung up
    client.write(first, ignored);
    sleep();
    sleep();
    client.write(second, ignored);
    client.shutdown_write(ignored);
  });
  std::string answer;
  std::array<char, 4096> piece{};
  std::error_code error;
  while (const auto count = client.read_some(piece, error))
    answer.append(piece.data(), count);
  sends->join();
  connection->join();
  return answer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const Hub hub;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  const auto cut = std::min<std::size_t>(data[0], bytes.size());
  const auto answer = answer_to(bytes.substr(0, cut), bytes.substr(cut));
  if (answer.empty() || answer.starts_with("HTTP/1.1 ")) return 0;
  std::cerr << "no HTTP: " << answer << '\n';
  std::abort();
}
