#include "stream_server.hpp"

#include "../../core/label.hpp"
#include "service.hpp"

#include <optional>
#include <stdexcept>
#include <system_error>

namespace greenroom {
namespace detail {
namespace {

using SharedServe = std::shared_ptr<const Serve>;

class Connection final : public ServiceHandler {
 public:
  Connection(SharedServe serve, net::Listener::Accepted accepted)
      : ServiceHandler(accepted.peer),
        serve_(std::move(serve)),
        descriptor_(std::move(accepted.descriptor)) {}

 private:
  void handle() override { (*serve_)(std::move(descriptor_), peer()); }
  void write_default_name(Label& label) const noexcept override {
    label << "Connection-" << id();
  }

  const SharedServe serve_;
  net::Descriptor descriptor_;
};

class StreamService final : public Service {
 public:
  StreamService(const net::Endpoint& endpoint, Serve serve,
                const net::ServerOptions& options,
                const net::ListenOptions& listen)
      : Service(endpoint, options),
        serve_(std::make_shared<const Serve>(std::move(serve))),
        listen_(listen) {}
  StreamService(net::Listener& listener, Serve serve,
                const net::ServerOptions& options)
      : Service(listener.local_endpoint(), options),
        serve_(std::make_shared<const Serve>(std::move(serve))),
        listener_(std::move(listener)) {}

 private:
  net::Endpoint open() override {
    if (!listener_) listener_.emplace(endpoint(), listen_);
    return listener_->local_endpoint();
  }
  void close() noexcept override {
    if (listener_) listener_->close();
  }
  void wait_for_arrival() override { listener_->wait(); }
  GreenletPtr take_in(std::error_code& error) override {
    auto accepted = listener_->try_accept(error);
    if (!accepted) return nullptr;
    return make_greenlet<Connection>(serve_, *std::move(accepted));
  }

  const SharedServe serve_;
  const net::ListenOptions listen_;
  std::optional<net::Listener> listener_;  // owning hub only
};

}  // namespace

void throw_not_handled(const net::Endpoint& endpoint) {
  throw std::invalid_argument("the handler does not take sockets of " +
                              endpoint.to_string());
}

}  // namespace detail

namespace net {

StreamServer::StreamServer(const Endpoint& endpoint, detail::Serve serve,
                           const ServerOptions& options,
                           const ListenOptions& listen)
    : Server(std::make_shared<detail::StreamService>(endpoint, std::move(serve),
                                                     options, listen)) {}

StreamServer::StreamServer(Listener& listener, detail::Serve serve,
                           const ServerOptions& options)
    : Server(std::make_shared<detail::StreamService>(listener, std::move(serve),
                                                     options)) {}

}  // namespace net
}  // namespace greenroom
