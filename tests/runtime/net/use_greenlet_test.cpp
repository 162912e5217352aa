#include "../../support/catch2.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/use_greenlet.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <boost/asio/compose.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>

namespace greenroom::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::local::stream_protocol;
using boost::system::error_code;
using net::use_greenlet;

constexpr auto kNever = 24h;

// An operation of somebody else's library: calls its handler with `values`,
// later.
template <class... Signature, class... Values>
auto async_later(asio::io_context& context, auto token, Values... values) {
  return asio::async_initiate<decltype(token), void(Signature...)>(
      [&context](auto handler, auto... its) {
        const auto executor =
            asio::get_associated_executor(handler, context.get_executor());
        asio::post(executor, [handler = std::move(handler),
                              ... its = std::move(its)]() mutable {
          std::move(handler)(std::move(its)...);
        });
      },
      token, std::move(values)...);
}

// Runs an io_context on another thread until it goes.
class OtherThread {
 public:
  OtherThread() : thread_([this] { context_.run(); }) {}
  ~OtherThread() {
    work_.reset();
    thread_.join();
  }
  asio::io_context& context() { return context_; }

 private:
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{
      context_.get_executor()};
  std::thread thread_;
};

TEST_CASE("use_greenlet: a timer parks only the greenlet",
          "[runtime][net][use_greenlet]") {
  std::string log;
  const Hub hub;
  const auto waits = spawn([&] {
    asio::steady_timer timer(Hub::current().io_context(), 1ms);
    STATIC_REQUIRE(std::is_void_v<decltype(timer.async_wait(use_greenlet))>);
    timer.async_wait(use_greenlet);
    log += "timer";
  });
  sleep();
  log += "hub ";
  waits->join();
  CHECK(log == "hub timer");
}

TEST_CASE("use_greenlet: composed operations return their results",
          "[runtime][net][use_greenlet]") {
  const Hub hub;
  auto& context = Hub::current().io_context();
  stream_protocol::socket a(context);
  stream_protocol::socket b(context);
  asio::local::connect_pair(a, b);
  std::array<char, 5> text{};
  const auto reads = spawn(
      [&] { return asio::async_read(b, asio::buffer(text), use_greenlet); });
  CHECK(asio::async_write(a, asio::buffer("he", 2), use_greenlet) == 2);
  CHECK(asio::async_write(a, asio::buffer("llo", 3), use_greenlet) == 3);
  CHECK(reads->get() == 5);
  CHECK(std::string(text.data(), text.size()) == "hello");
}

TEST_CASE("use_greenlet: the resolver", "[runtime][net][use_greenlet]") {
  const Hub hub;
  asio::ip::tcp::resolver resolver(Hub::current().io_context());
  const auto found = resolver.async_resolve("127.0.0.1", "80", use_greenlet);
  CHECK(found.begin()->endpoint().port() == 80);
}

TEST_CASE("use_greenlet: errors are thrown, or given to whoever asks",
          "[runtime][net][use_greenlet]") {
  const Hub hub;
  auto& context = Hub::current().io_context();
  stream_protocol::socket a(context);
  stream_protocol::socket b(context);
  asio::local::connect_pair(a, b);
  b.close();
  std::array<char, 5> text{};
  CHECK_THROWS_AS(a.async_read_some(asio::buffer(text), use_greenlet),
                  boost::system::system_error);
  error_code error;
  CHECK(a.async_read_some(asio::buffer(text), use_greenlet[error]) == 0);
  CHECK(error == asio::error::eof);
  asio::steady_timer timer(context, 1ms);
  timer.async_wait(use_greenlet[error]);
  CHECK_FALSE(error);
}

TEST_CASE("use_greenlet: returns no value, one, several, and move-only ones",
          "[runtime][net][use_greenlet]") {
  const Hub hub;
  auto& context = Hub::current().io_context();
  async_later<>(context, use_greenlet);
  CHECK(async_later<int>(context, use_greenlet, 5) == 5);
  CHECK(async_later<int, std::string>(context, use_greenlet, 1,
                                      std::string("a")) ==
        std::tuple(1, std::string("a")));
  CHECK(*async_later<std::unique_ptr<int>>(context, use_greenlet,
                                           std::make_unique<int>(7)) == 7);
  CHECK(async_later<error_code, int, int>(context, use_greenlet, error_code(),
                                          1, 2) == std::tuple(1, 2));
  error_code error;
  const auto failed = async_later<error_code, std::string>(
      context, use_greenlet[error], error_code(asio::error::connection_reset),
      std::string("rest"));
  CHECK(error == asio::error::connection_reset);
  CHECK(failed == "rest");
}

// An operation of several steps, by somebody else.
struct TwoWaits {
  asio::steady_timer& timer;
  int step = 0;

  template <class Self>
  void operator()(Self& self, error_code error = {}) {
    if (error || step == 2) return self.complete(error, step);
    ++step;
    timer.expires_after(1ms);
    timer.async_wait(std::move(self));
  }
};

auto async_two_waits(asio::steady_timer& timer, auto token) {
  return asio::async_compose<decltype(token), void(error_code, int)>(
      TwoWaits{timer}, token, timer);
}

TEST_CASE("use_greenlet: an operation made with async_compose",
          "[runtime][net][use_greenlet]") {
  const Hub hub;
  asio::steady_timer timer(Hub::current().io_context());
  CHECK(async_two_waits(timer, use_greenlet) == 2);
}

TEST_CASE("use_greenlet: kill and Timeout cancel the operation",
          "[runtime][net][use_greenlet]") {
  const Hub hub;
  auto& context = Hub::current().io_context();
  const auto killed = spawn([&] {
    asio::steady_timer timer(context, kNever);
    timer.async_wait(use_greenlet);
  });
  stream_protocol::socket a(context);
  stream_protocol::socket b(context);
  asio::local::connect_pair(a, b);
  const auto reads = spawn([&] {
    std::array<char, 5> text{};
    asio::async_read(a, asio::buffer(text), use_greenlet);
  });
  sleep();
  CHECK(killed->kill());
  CHECK(reads->kill());
  CHECK(killed->successful());
  CHECK_FALSE(within(1ms, [&] {
    asio::steady_timer timer(context, kNever);
    timer.async_wait(use_greenlet);
  }));
  CHECK(wait());
}

TEST_CASE("use_greenlet: an operation that runs on another thread",
          "[runtime][net][use_greenlet]") {
  OtherThread other;
  const Hub hub;
  asio::steady_timer timer(other.context(), 1ms);
  timer.async_wait(use_greenlet);
  CHECK(async_two_waits(timer, use_greenlet) == 2);
  CHECK(async_later<int>(other.context(), use_greenlet, 5) == 5);
}

TEST_CASE("use_greenlet: kill cancels what runs on another thread",
          "[runtime][net][use_greenlet]") {
  OtherThread other;
  const Hub hub;
  for (int i = 0; i < 100; ++i) {
    const auto killed = spawn([&] {
      asio::steady_timer timer(other.context());
      for (;;) async_two_waits(timer, use_greenlet);
    });
    const auto also_killed = spawn([&] {
      asio::steady_timer timer(other.context(), kNever);
      timer.async_wait(use_greenlet);
    });
    for (int turn = 0; turn < i; ++turn) sleep();
    CHECK(killed->kill());
    CHECK(also_killed->kill());
  }
}

// An operation that nobody ends: `drop` drops its handler.
template <class Signature, class Handler>
auto async_never(std::function<void()>& drop, Handler token) {
  return asio::async_initiate<Handler, Signature>(
      [&drop](auto handler) {
        drop = [kept = std::make_shared<std::optional<decltype(handler)>>(
                    std::move(handler))] { kept->reset(); };
      },
      token);
}

TEST_CASE("use_greenlet: an operation whose handler is dropped is aborted",
          "[runtime][net][use_greenlet]") {
  const Hub hub;
  std::function<void()> drop;
  error_code error;
  const auto waits = spawn([&] {
    return async_never<void(error_code, int)>(drop, use_greenlet[error]);
  });
  sleep();
  drop();
  CHECK(waits->get() == 0);
  CHECK(error == asio::error::operation_aborted);

  const auto throws =
      spawn([&] { return async_never<void(std::string)>(drop, use_greenlet); });
  sleep();
  std::thread([&] { drop(); }).join();  // as an io_context's end may
  CHECK_THROWS_AS(throws->get(), boost::system::system_error);
}

}  // namespace
}  // namespace greenroom::test
