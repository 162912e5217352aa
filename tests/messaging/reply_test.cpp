#include "../support/asking.hpp"
#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/messaging/reply.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

TEST_CASE("reply: get() parks until the answer is there, and only the asker",
          "[messaging][reply]") {
  Log log;
  run_hub([&] {
    auto slow = spawn<Scripted>(Script{.receive = [&](Message& m) {
      sleep(1s);
      log.push_back("answers");
      m.reply(5);
    }});
    auto other = spawn([&] { log.push_back("meanwhile"); });
    log.push_back(std::to_string(slow.ask<int>(Question{1}).get()));
  });

  CHECK(log == Log{"meanwhile", "answers", "5"});
}

TEST_CASE("reply: answers are told apart, in whatever order they come",
          "[messaging][reply]") {
  std::vector<int> got;
  run_hub([&] {
    const auto after = [](Duration delay) {
      return Script{.receive = [delay](Message& m) {
        sleep(delay);
        m.reply(m.as<Question>().number);
      }};
    };
    auto a = spawn<Scripted>(after(3s)).ask<int>(Question{1});
    auto b = spawn<Scripted>(after(1s)).ask<int>(Question{2});
    auto c = spawn<Scripted>(after(2s)).ask<int>(Question{3});
    got = {a.get(), b.get(), c.get()};
  });

  CHECK(got == std::vector<int>{1, 2, 3});
}

TEST_CASE("reply: may carry no value, only the news that it is done",
          "[messaging][reply]") {
  bool done = false;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{.receive = [&](Message& m) {
      done = true;
      m.reply(std::monostate());
    }});
    actor.ask<void>(Question{1}).get();
  });

  CHECK(done);
}

TEST_CASE("reply: take() moves out what cannot be copied",
          "[messaging][reply]") {
  std::unique_ptr<int> got;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{
        .receive = [](Message& m) { m.reply(std::make_unique<int>(8)); }});
    got = actor.ask<std::unique_ptr<int>>(Question{1}).take();
  });

  REQUIRE(got != nullptr);
  CHECK(*got == 8);
}

TEST_CASE("reply: get() of a temporary gives the answer away",
          "[messaging][reply]") {
  run_hub([&] {
    auto lister = spawn<Scripted>(Script{.receive = [](Message& m) {
      m.reply(std::vector<std::string>{"one", std::string(100, 'x')});
    }});
    Log log;
    // In C++20 the temporary ends before the loop begins.
    for (const auto& text : lister.ask<Log>(Question{0}).get())
      log.push_back(text);
    CHECK(log == Log{"one", std::string(100, 'x')});
  });
}

TEST_CASE("reply: can be moved while the answer is under way",
          "[messaging][reply]") {
  std::vector<int> got;
  run_hub([&] {
    auto actor = spawn<Scripted>(answers_twice_the_number());
    std::vector<Reply<int>> replies;
    for (int i = 0; i < 100; ++i)
      replies.push_back(actor.ask<int>(Question{i}));  // moves as it grows
    for (Reply<int>& reply : replies) got.push_back(reply.get());
  });

  REQUIRE(got.size() == 100);
  for (int i = 0; i < 100; ++i)
    CHECK(got[static_cast<std::size_t>(i)] == 2 * i);
}

TEST_CASE("reply: an answer to a plain send goes to the actor that sent it",
          "[messaging][reply]") {
  Log log;
  run_hub([&] {
    auto echo = spawn<Scripted>(
        Script{.receive = [](Message& m) { m.reply(m.as<int>() + 1); }});
    spawn<Scripted>(Script{
        .receive =
            [&, echo](Message& m) {
              log.push_back("got " + std::to_string(m.as<int>()));
              log.push_back(m.sender() == echo ? "from echo" : "from whom?");
            },
        .on_start = [echo] { echo.send(1); }});
  });

  CHECK(log == Log{"got 2", "from echo"});
}

TEST_CASE("reply: an answer to a plain send by no actor is a dead letter",
          "[messaging][reply]") {
  Log log;
  run_hub([&] {
    PostOffice::here().subscribe_to_dead_letters([&](const DeadLetter& d) {
      log.push_back(to_string(d.to) + ": " + d.message.type_name());
    });
    spawn<Scripted>(Script{.receive = [](Message& m) {
      m.reply(1.5);
    }}).send(Question{1});
  });

  CHECK(log == Log{"nobody: double"});
}

TEST_CASE("reply: the first of two answers counts, the second is late",
          "[messaging][reply]") {
  int got = 0;
  std::uint64_t late = 0;
  Counts counts;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{.receive = [&](Message& m) {
      m.reply(1);
      m.reply(Counted(counts));
    }});
    const std::uint64_t before = PostOffice::here().late_replies();
    auto reply = actor.ask<int>(Question{1});
    got = reply.get();
    idle();
    late = PostOffice::here().late_replies() - before;
  });

  CHECK(got == 1);
  CHECK(late == 1);
  CHECK(counts.alive == 0);
}

TEST_CASE("reply: an answer that nobody waits for any more is only counted",
          "[messaging][reply]") {
  std::string error;
  std::uint64_t late = 0;
  std::uint64_t dead = 0;
  Counts counts;
  int next = 0;
  run_hub([&] {
    PostOffice& office = PostOffice::here();
    const std::uint64_t late_before = office.late_replies();
    const std::uint64_t dead_before = office.dead_letters();
    auto actor = spawn<Scripted>(Script{.receive = [&](Message& m) {
      if (m.is<int>()) return m.reply(7);
      sleep(2s);
      m.reply(Counted(counts));
    }});
    error = error_of([&] { actor.ask<Counted>(Question{1}).get(1s); });
    next = actor.ask<int>(1).get();  // in the same place of the table
    late = office.late_replies() - late_before;
    dead = office.dead_letters() - dead_before;
  });

  CHECK_THAT(error, Contains("TimeoutError"));
  CHECK(next == 7);
  CHECK(late == 1);
  CHECK(dead == 0);
  CHECK(counts.alive == 0);
}

TEST_CASE("reply: an answer of another type than asked for throws BadReply",
          "[messaging][reply]") {
  std::string error;
  run_hub([&] {
    auto actor = spawn<Scripted>(
        Script{.receive = [](Message& m) { m.reply(std::string("five")); }});
    error = error_of([&] { actor.ask<int>(Question{1}).get(); });
  });

  CHECK_THAT(error,
             Contains("BadReply") && Contains("int") && Contains("string"));
}

struct Restless {
  Restless() = default;
  Restless(const Restless&) = default;
  Restless(Restless&&) {  // NOLINT(*-noexcept-move-constructor)
    if (--moves_left < 0) throw std::runtime_error("will not move");
  }
  static inline int moves_left = 0;
};

TEST_CASE("reply: an answer whose move throws fails the ask, not the program",
          "[messaging][reply]") {
  Log log;
  run_hub([&] {
    auto actor = spawn<Scripted>(
        Script{.receive = [](Message& m) { m.reply(Restless()); }});
    Restless::moves_left = 1;  // as far as the asker's frame
    log.push_back(error_of([&] { actor.ask<Restless>(Question{1}).get(); }));
    Restless::moves_left = 0;  // not even out of the handler
    log.push_back(error_of([&] { actor.ask<Restless>(Question{1}).get(); }));
  });

  CHECK(log == Log{"will not move", "will not move"});
}

TEST_CASE("reply: a handler that waits for others answers when they are done",
          "[messaging][reply]") {
  Log log;
  run_hub([&] {
    Event go;
    auto inner = spawn<Scripted>(answers_twice_the_number());
    auto outer = spawn<Scripted>(Script{.receive = [&, inner](Message& m) {
      go.wait();
      m.reply(1 + inner.ask<int>(m.as<Question>()).get());
    }});
    auto reply = outer.ask<int>(Question{5});
    idle();
    log.push_back(reply.ready() ? "ready" : "not yet");
    go.set();
    log.push_back(std::to_string(reply.get()));
  });

  CHECK(log == Log{"not yet", "11"});
}

TEST_CASE("reply: an ask from one hub to another is answered across",
          "[messaging][reply]") {
  const Hub hub;
  ActorSystem system{{.hubs = 2}};
  auto inner = system.spawn_on<Scripted>(0, answers_twice_the_number());
  auto outer = system.spawn_on<Scripted>(
      1, Script{.receive = [inner](Message& m) {
        m.reply(inner.ask<int>(m.as<Question>()).get() + 1);
      }});

  std::vector<int> got;
  for (int i = 0; i < 100; ++i)
    got.push_back(outer.ask<int>(Question{i}).get());

  for (int i = 0; i < 100; ++i)
    CHECK(got[static_cast<std::size_t>(i)] == 2 * i + 1);
}

}  // namespace
}  // namespace greenroom::test
