#include "server.hpp"

#include "service.hpp"

#include <utility>

namespace greenroom::net {

Server::Server(std::shared_ptr<detail::Service> service) noexcept
    : service_(std::move(service)) {}

Server::~Server() { service_->abandon(); }

void Server::start() { service_->start(); }

void Server::stop(Duration grace) {
  const auto guard = service_;
  guard->stop(grace);
}

void Server::serve_forever() {
  const auto guard = service_;
  guard->serve_forever();
}

void Server::stop_accepting() { service_->stop_accepting(); }

void Server::start_accepting() { service_->start_accepting(); }

bool Server::started() const noexcept { return service_->started(); }

Endpoint Server::endpoint() const { return service_->endpoint(); }

std::size_t Server::handlers() const noexcept { return service_->handlers(); }

}  // namespace greenroom::net
