// A pool of handlers: one for each socket, and no more than it has places.
//
//   $ build/release/examples/tutorial/27_socket_pool
//   full True free 0 len 2
//   Exception: At maximum pool size
//   got b'one'
//   ...

#include <greenroom/greenroom.hpp>

#include <array>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <utility>

using namespace greenroom;
using namespace std::chrono_literals;

class SocketPool {
 public:
  explicit SocketPool(int size) : pool_(size) {}

  void add_handler(net::UnixSocket socket) {
    if (pool_.full()) throw std::runtime_error("At maximum pool size");
    pool_.spawn([socket = std::move(socket)]() mutable { listen(socket); });
  }
  void shutdown() {
    killall(pool_.members());  // pool_.kill() would close the pool, too
    pool_.join();
  }

  void print() const {
    std::cout << "full " << (pool_.full() ? "True" : "False") << " free "
              << pool_.free_count() << " len " << pool_.size() << '\n';
  }

 private:
  static void listen(net::Stream& socket) {
    std::array<char, 1024> buffer{};
    while (const auto count = socket.read_some(buffer))
      std::cout << "got b'" << std::string_view(buffer.data(), count) << "'\n";
    std::cout << "eof\n";
  }

  Pool pool_;
};

int main() {
  SocketPool sockets(2);
  auto [here1, there1] = net::UnixSocket::pair();
  auto [here2, there2] = net::UnixSocket::pair();
  sockets.add_handler(std::move(here1));
  sockets.add_handler(std::move(here2));
  sockets.print();
  try {
    sockets.add_handler({});
  } catch (const std::runtime_error& error) {
    std::cout << "Exception: " << error.what() << '\n';
  }

  there1.write("one");
  sleep(50ms);
  there2.write("two");
  sleep(50ms);
  there1.close();
  sleep(50ms);
  sockets.print();

  auto [here3, there3] = net::UnixSocket::pair();
  sockets.add_handler(std::move(here3));
  there3.write("three");
  sleep(50ms);
  sockets.shutdown();
  std::cout << "after shutdown: ";
  sockets.print();
}
