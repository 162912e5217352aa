#include "../../../support/catch2.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/zmq/zmq_socket.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>
#include <greenroom/runtime/tasks/timeout.hpp>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::ZmqSocket;
using Type = ::zmq::socket_type;
using Texts = std::vector<std::string>;

constexpr auto kAnyPort = "tcp://127.0.0.1:*";

std::string text_of(const ZmqSocket::Message& message) {
  return message.to_string();
}

Texts texts_of(const ZmqSocket::Parts& parts) {
  Texts texts;
  for (const auto& part : parts) texts.push_back(text_of(part));
  return texts;
}

ZmqSocket::Parts parts_of(const Texts& texts) {
  ZmqSocket::Parts parts;
  for (const auto& text : texts) parts.emplace_back(text);
  return parts;
}

template <class Call>
int error_of(Call call) {
  try {
    call();
  } catch (const ::zmq::error_t& failed) {
    return failed.num();
  }
  return 0;
}

TEST_CASE("zmq: a question and an answer, between greenlets",
          "[runtime][net][zmq]") {
  Texts log;
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket rep(context, Type::rep);
  rep.bind(kAnyPort);
  const auto answers = spawn([&] {
    for (int i = 0; i < 3; ++i) {
      log.push_back(text_of(rep.recv()));
      rep.send("yes");
    }
  });
  ZmqSocket req(context, Type::req);
  req.connect(rep.local_endpoint());
  for (const char* question : {"a?", "b?", "c?"}) {
    req.send(question);
    log.push_back(text_of(req.recv()));
  }
  answers->join();
  CHECK(log == Texts{"a?", "yes", "b?", "yes", "c?", "yes"});
}

TEST_CASE("zmq: only the greenlet waits", "[runtime][net][zmq]") {
  Texts log;
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket pull(context, Type::pull);
  pull.bind("inproc://here");
  const auto receives = spawn([&] { log.push_back(text_of(pull.recv())); });
  sleep();
  log.emplace_back("the hub goes on");
  ZmqSocket push(context, Type::push);
  push.connect("inproc://here");
  push.send("x");
  receives->join();
  CHECK(log == Texts{"the hub goes on", "x"});
}

TEST_CASE("zmq: several parts come as one message", "[runtime][net][zmq]") {
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket router(context, Type::router);
  router.bind(kAnyPort);
  ZmqSocket dealer(context, Type::dealer);
  dealer.set(::zmq::sockopt::routing_id, "d");
  dealer.connect(router.local_endpoint());
  dealer.send_multipart(parts_of({"one", "", "three"}));
  auto question = router.recv_multipart();
  CHECK(texts_of(question) == Texts{"d", "one", "", "three"});
  CHECK(router.send_multipart_nowait(question));
  CHECK(question.empty());
  const auto first = dealer.recv();
  CHECK(text_of(first) == "one");
  CHECK(first.more());
  CHECK(texts_of(dealer.recv_multipart()) == Texts{"", "three"});
  CHECK_THROWS_AS(dealer.send_multipart({}), std::invalid_argument);
}

TEST_CASE("zmq: a subscriber gets what is published", "[runtime][net][zmq]") {
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket pub(context, Type::xpub);  // hears of subscribers
  pub.bind(kAnyPort);
  ZmqSocket sub(context, Type::sub);
  sub.set(::zmq::sockopt::subscribe, "news");
  sub.connect(pub.local_endpoint());
  CHECK(text_of(pub.recv()) == "\1news");
  pub.send("weather: rain");
  pub.send("news: none");
  CHECK(text_of(sub.recv()) == "news: none");
}

TEST_CASE("zmq: without waiting, and with a limit", "[runtime][net][zmq]") {
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket push(context, Type::push);
  ZmqSocket pull(context, Type::pull);
  ZmqSocket::Message message(std::string("x"));
  auto parts = parts_of({"1", "2"});
  CHECK_FALSE(push.send_nowait(message));  // to nobody
  CHECK_FALSE(push.send(message, 1ms));
  CHECK_FALSE(push.send_multipart(parts, 1ms));
  CHECK_FALSE(push.send_multipart_nowait(parts));
  CHECK(text_of(message) == "x");
  CHECK(texts_of(parts) == Texts{"1", "2"});
  CHECK_FALSE(pull.recv_nowait());
  CHECK_FALSE(pull.recv(1ms));
  CHECK_FALSE(pull.recv_multipart(1ms));
  CHECK_FALSE(pull.recv_multipart_nowait());
  pull.bind("inproc://here");
  push.connect("inproc://here");
  CHECK(push.send_nowait(message));
  CHECK(push.send_multipart(parts, 1min));
  CHECK(text_of(pull.recv(1min).value()) == "x");
  CHECK(texts_of(pull.recv_multipart(1min).value()) == Texts{"1", "2"});
}

TEST_CASE("zmq: a sender waits until there is room", "[runtime][net][zmq]") {
  constexpr int kMany = 1000;
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket pull(context, Type::pull);
  pull.set(::zmq::sockopt::rcvhwm, 1);
  pull.bind("inproc://here");
  ZmqSocket push(context, Type::push);
  push.set(::zmq::sockopt::sndhwm, 1);
  push.connect("inproc://here");
  int sent = 0;
  const auto sends = spawn([&] {
    for (; sent < kMany; ++sent) push.send(std::to_string(sent));
  });
  sleep();
  CHECK(sent < 5);
  for (int i = 0; i < kMany; ++i)
    CHECK(text_of(pull.recv()) == std::to_string(i));
  sends->join();
}

// The classic trap: a send takes the news of a message off the descriptor that
// another greenlet waits at.
TEST_CASE("zmq: one greenlet sends as fast as it can while another receives",
          "[runtime][net][zmq]") {
  constexpr int kMany = 5000;
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket echo(context, Type::dealer);
  echo.bind(kAnyPort);
  const std::string endpoint = echo.local_endpoint();
  const auto echoes = spawn([&] {
    for (int i = 0; i < kMany; ++i) echo.send(echo.recv());
  });
  ZmqSocket dealer(context, Type::dealer);
  dealer.connect(endpoint);
  int received = 0;
  const auto receives = spawn([&] {
    for (; received < kMany; ++received)
      if (text_of(dealer.recv()) != std::to_string(received)) break;
  });
  for (int i = 0; i < kMany; ++i) {
    dealer.send(std::to_string(i));
    if (i % 7 == 0) sleep();
  }
  joinall({echoes, receives});
  CHECK(received == kMany);
}

TEST_CASE("zmq: a send wakes whoever waits for the news that it found",
          "[runtime][net][zmq]") {
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket a(context, Type::pair);
  ZmqSocket b(context, Type::pair);
  a.bind("inproc://here");
  b.connect("inproc://here");
  const auto receives = spawn([&] { return text_of(a.recv()); });
  sleep();  // waits for news now
  b.send("from b");
  a.send("from a");  // takes the news of the message off
  CHECK(receives->get() == "from b");
  CHECK(text_of(b.recv()) == "from a");
}

TEST_CASE("zmq: a connection wakes whoever waits to send",
          "[runtime][net][zmq]") {
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket pull(context, Type::pull);
  pull.bind("inproc://here");
  ZmqSocket push(context, Type::push);
  const auto sends = spawn([&] { push.send("x"); });
  sleep();
  push.connect("inproc://here");
  CHECK(text_of(pull.recv()) == "x");
  CHECK(sends->join());
}

TEST_CASE("zmq: several greenlets share one socket", "[runtime][net][zmq]") {
  Texts log;
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket pull(context, Type::pull);
  pull.bind("inproc://here");
  std::vector<GreenletPtr> all;
  for (int i = 0; i < 3; ++i)
    all.push_back(spawn([&] { log.push_back(text_of(pull.recv())); }));
  sleep();
  ZmqSocket push(context, Type::push);
  push.connect("inproc://here");
  for (const char* text : {"a", "b", "c"}) push.send(text);
  joinall(all);
  std::sort(log.begin(), log.end());
  CHECK(log == Texts{"a", "b", "c"});
}

TEST_CASE("zmq: a kill and a Timeout leave the socket as it was",
          "[runtime][net][zmq]") {
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket pull(context, Type::pull);
  pull.bind("inproc://here");
  const auto killed = spawn([&] { (void)pull.recv(); });
  const auto goes_on = spawn([&] { return text_of(pull.recv()); });
  sleep();
  CHECK(killed->kill());
  CHECK_FALSE(within(1ms, [&] { (void)pull.recv(); }));
  ZmqSocket push(context, Type::push);
  push.connect("inproc://here");
  push.send("x");
  CHECK(goes_on->get() == "x");
}

TEST_CASE("zmq: closing it wakes whoever waits, with ENOTSOCK",
          "[runtime][net][zmq]") {
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket pull(context, Type::pull);
  pull.bind("inproc://here");
  const auto receives =
      spawn([&] { return error_of([&] { (void)pull.recv(); }); });
  sleep();
  pull.close();
  pull.close();
  CHECK(receives->get() == ENOTSOCK);
  CHECK_FALSE(pull.is_open());
  CHECK(error_of([&] { (void)pull.recv_nowait(); }) == ENOTSOCK);
  CHECK(error_of([&] { pull.bind("inproc://there"); }) == ENOTSOCK);
}

TEST_CASE("zmq: the end of the context wakes whoever waits, with ETERM",
          "[runtime][net][zmq]") {
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket pull(context, Type::pull);
  ZmqSocket push(context, Type::push);
  const auto receives =
      spawn([&] { return error_of([&] { (void)pull.recv(); }); });
  const auto sends = spawn([&] { return error_of([&] { push.send("x"); }); });
  sleep();
  context.shutdown();
  CHECK(receives->get() == ETERM);
  CHECK(sends->get() == ETERM);
}

TEST_CASE("zmq: a call out of turn is an error", "[runtime][net][zmq]") {
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket req(context, Type::req);
  CHECK(error_of([&] { (void)req.recv(); }) == EFSM);
  CHECK(error_of([&] { req.bind("nonsense"); }) == EINVAL);
}

TEST_CASE("zmq: a context ends although a message was sent to nobody",
          "[runtime][net][zmq]") {
  const Hub hub;
  {
    ::zmq::context_t context;
    ZmqSocket push(context, Type::push);
    push.set(::zmq::sockopt::linger, 0);
    push.connect("tcp://127.0.0.1:1");
    push.send("x");
  }
  ::zmq::context_t context;
  CHECK(ZmqSocket(context, Type::push).get(::zmq::sockopt::linger) == 1000);
}

TEST_CASE("zmq: hubs talk to each other", "[runtime][net][zmq]") {
  constexpr int kMany = 500;
  int answered = 0;
  ::zmq::context_t context;
  const Hub hub;
  ZmqSocket rep(context, Type::rep);
  rep.bind("inproc://here");
  std::thread other([&] {
    const Hub there;
    ZmqSocket req(context, Type::req);
    req.connect("inproc://here");
    for (int i = 0; i < kMany; ++i) {
      req.send(std::to_string(i));
      answered += text_of(req.recv()) == std::to_string(i) ? 1 : 0;
    }
  });
  for (int i = 0; i < kMany; ++i) rep.send(rep.recv());
  other.join();
  CHECK(answered == kMany);
}

TEST_CASE("zmq: a hub that ends unwinds whoever waits for a message",
          "[runtime][net][zmq]") {
  bool came_back = false;
  ::zmq::context_t context;
  {
    const Hub hub;
    spawn([&] {
      ZmqSocket pull(context, Type::pull);
      (void)pull.recv();
      came_back = true;
    });
    sleep();
  }
  context.close();  // would wait for a socket that is open
  CHECK_FALSE(came_back);
}

}  // namespace
}  // namespace greenroom::test
