// A client that sends any bytes to a connection of an http::Server.
#pragma once

#include <greenroom/runtime/core/greenlet.hpp>
#include <greenroom/runtime/net/http/server/connection.hpp>
#include <greenroom/runtime/net/http/server/service.hpp>
#include <greenroom/runtime/net/unix_socket.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace greenroom::fuzz {

/// What the server answers until it hangs up. It gets `first` some turns before
/// `second`, and then the end of the stream.
inline std::string answer_to(const detail::HttpService::Handler& handler,
                             std::string_view first, std::string_view second) {
  auto service = std::make_shared<detail::HttpService>();
  service->handler = handler;
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

}  // namespace greenroom::fuzz
