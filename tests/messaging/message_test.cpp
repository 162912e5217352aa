#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/messaging/message.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Kind = ExitReason::Kind;
using Log = std::vector<std::string>;

// Sends one message with this payload; `look` handles it.
template <class Payload, class Look>
void send_one(Payload&& payload, Look look) {
  run_hub([&] {
    spawn<Scripted>(Script{.receive = look})
        .send(std::forward<Payload>(payload));
  });
}

TEST_CASE("message: carries any movable type, without registration",
          "[messaging][message]") {
  struct Local {
    int a;
    std::vector<std::string> b;
  };
  Log log;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{.receive = [&](Message& m) {
      m.match([&](int i) { log.push_back(std::to_string(i)); },
              [&](const std::string& s) { log.push_back(s); },
              [&](const char* s) { log.push_back(s); },
              [&](const std::map<int, int>& t) {
                log.push_back("map of " + std::to_string(t.size()));
              },
              [&](const Local& l) { log.push_back(l.b.at(l.a)); });
    }});
    const std::string named = "lvalue";
    actor << 7 << named << std::string("rvalue") << "literal"
          << std::map<int, int>{{1, 2}, {3, 4}} << Local{1, {"x", "local"}};
    CHECK(named == "lvalue");
  });

  CHECK(log == Log{"7", "lvalue", "rvalue", "literal", "map of 2", "local"});
}

TEST_CASE("message: moves what cannot be copied from sender to handler",
          "[messaging][message]") {
  std::unique_ptr<int> got;
  send_one(std::make_unique<int>(5), [&](Message& m) {
    m.match([&](std::unique_ptr<int> p) { got = std::move(p); });
  });

  REQUIRE(got != nullptr);
  CHECK(*got == 5);
}

TEST_CASE("message: its payload is moved in once, and ends with the handler",
          "[messaging][message]") {
  Counts counts;
  std::vector<int> alive;
  run_hub([&] {
    auto actor = spawn<Scripted>(
        Script{.receive = [&](Message&) { alive.push_back(counts.alive); }});
    actor.send(Counted(counts));
    idle();
    alive.push_back(counts.alive);
  });

  CHECK(alive == std::vector<int>{1, 0});
  CHECK(counts.copies == 0);
  CHECK(counts.moves == 1);
}

struct Large {
  explicit Large(Counts& counts) : counted(counts, 3) { words.fill(7); }
  std::array<std::uint64_t, 100> words{};
  Counted counted;
};

TEST_CASE("message: may be larger than a cell", "[messaging][message]") {
  Counts counts;
  std::uint64_t sum = 0;
  send_one(Large(counts), [&](Message& m) {
    for (const std::uint64_t word : m.as<Large>().words) sum += word;
  });

  CHECK(sum == 700);
  CHECK(counts.alive == 0);
  CHECK(counts.copies == 0);
}

// Payloads of every size around a cell's end, each byte of it written.
template <std::size_t Size>
bool survives_the_journey() {
  struct Bytes {
    std::array<unsigned char, Size> bytes;
  };
  Bytes sent{};
  for (std::size_t i = 0; i < Size; ++i)
    sent.bytes[i] = static_cast<unsigned char>(i * 31);
  bool same = false;
  send_one(sent, [&](Message& m) { same = m.as<Bytes>().bytes == sent.bytes; });
  return same;
}

TEST_CASE("message: keeps every byte, whatever its size",
          "[messaging][message]") {
  CHECK(survives_the_journey<1>());
  CHECK(survives_the_journey<24>());
  CHECK(survives_the_journey<32>());
  CHECK(survives_the_journey<40>());
  CHECK(survives_the_journey<41>());
  CHECK(survives_the_journey<63>());
  CHECK(survives_the_journey<64>());
  CHECK(survives_the_journey<65>());
  CHECK(survives_the_journey<512>());
  CHECK(survives_the_journey<100'000>());
}

struct alignas(256) Aligned {
  int value = 4;
};

TEST_CASE("message: keeps the alignment of its payload",
          "[messaging][message]") {
  std::uintptr_t address = 1;
  send_one(Aligned(), [&](Message& m) {
    address = reinterpret_cast<std::uintptr_t>(&m.as<Aligned>());
  });

  CHECK(address % 256 == 0);
}

// Throws from the copy or the move of which the countdown says so.
struct Fragile {
  explicit Fragile(Counts& c) : counted(c) {}
  Fragile(const Fragile& other) : counted(other.counted) {
    if (--copies_left < 0) throw std::runtime_error("copy");
  }
  // NOLINTNEXTLINE(*-noexcept-move-constructor)
  Fragile(Fragile&& other) : counted(std::move(other.counted)) {
    if (--moves_left < 0) throw std::runtime_error("move");
  }
  Counted counted;
  static inline int copies_left = 0;
  static inline int moves_left = 0;
};

TEST_CASE("message: a copy or move that throws reaches the sender",
          "[messaging][message]") {
  Counts counts;
  Log log;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{.receive = [&](Message& m) {
      log.push_back(m.is<int>() ? "goes on" : "received");
    }});
    Fragile fragile(counts);
    Fragile::copies_left = Fragile::moves_left = 0;
    try {
      actor.send(fragile);
    } catch (const std::runtime_error& e) {
      log.push_back(e.what());
    }
    try {
      actor.send(std::move(fragile));
    } catch (const std::runtime_error& e) {
      log.push_back(e.what());
    }
    actor.send(1);
  });

  CHECK(log == Log{"copy", "move", "goes on"});
  CHECK(counts.alive == 0);
}

TEST_CASE("message: a move that throws in the handler fails its actor",
          "[messaging][message]") {
  Counts counts;
  std::string error;
  run_hub([&] {
    auto actor = spawn<Scripted>(
        Script{.receive = [](Message& m) { m.match([](Fragile) {}); }});
    Fragile::moves_left = 1;  // into the message
    auto answer = actor.ask<int>(Fragile(counts));
    try {
      answer.get();
    } catch (const std::runtime_error& e) {
      error = e.what();
    }
  });

  CHECK(error == "move");
  CHECK(counts.alive == 0);
}

// ---- looking at a message

TEST_CASE("message: is() knows the exact type and no other",
          "[messaging][message]") {
  struct Base {};
  struct Derived : Base {};
  std::vector<bool> answers;
  send_one(Derived(), [&](Message& m) {
    answers = {m.is<Derived>(), m.is<Base>(), m.is<int>()};
  });

  CHECK(answers == std::vector<bool>{true, false, false});
}

TEST_CASE("message: as() and take() of another type throw bad_cast",
          "[messaging][message]") {
  Log log;
  send_one(std::string("text"), [&](Message& m) {
    try {
      (void)m.as<int>();
    } catch (const std::bad_cast&) {
      log.push_back("as");
    }
    try {
      (void)m.take<int>();
    } catch (const std::bad_cast&) {
      log.push_back("take");
    }
    log.push_back(m.as<std::string>());
    log.push_back(m.take<std::string>());
  });

  CHECK(log == Log{"as", "take", "text", "text"});
}

TEST_CASE("message: take() moves the payload out", "[messaging][message]") {
  std::unique_ptr<int> got;
  bool is_empty_then = false;
  send_one(std::make_unique<int>(6), [&](Message& m) {
    got = m.take<std::unique_ptr<int>>();
    is_empty_then = m.as<std::unique_ptr<int>>() == nullptr;
  });

  REQUIRE(got != nullptr);
  CHECK(*got == 6);
  CHECK(is_empty_then);
}

TEST_CASE("message: match() looks, takes or borrows as the handler says",
          "[messaging][message]") {
  Counts counts;
  std::vector<int> moves;
  run_hub([&] {
    int turn = 0;
    auto actor = spawn<Scripted>(Script{.receive = [&](Message& m) {
      counts.moves = 0;
      if (turn == 0) m.match([](const Counted&) {});
      if (turn == 1) m.match([](Counted&&) {});
      if (turn == 2) m.match([](Counted) {});
      if (turn == 3) m.match([](Message& whole) { (void)whole; });
      moves.push_back(counts.moves);
      ++turn;
    }});
    for (int i = 0; i < 4; ++i) actor.send(Counted(counts));
    wait();
  });

  CHECK(moves == std::vector<int>{0, 0, 1, 0});
  CHECK(counts.copies == 0);
  CHECK(counts.alive == 0);
}

TEST_CASE("message: match() calls the first handler that fits, and one only",
          "[messaging][message]") {
  Log log;
  std::vector<bool> found;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{.receive = [&](Message& m) {
      found.push_back(
          m.match([&](int) { log.push_back("int"); },
                  [&](const int&) { log.push_back("second int"); },
                  [&](const std::string&) { log.push_back("string"); }));
    }});
    actor << 1 << std::string("s") << 2.5;
  });

  CHECK(log == Log{"int", "string"});
  CHECK(found == std::vector<bool>{true, true, false});
}

TEST_CASE("message: match() hands everything else to a Message& handler",
          "[messaging][message]") {
  Log log;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{.receive = [&](Message& m) {
      m.match([&](int) { log.push_back("int"); },
              [&](Message& other) { log.push_back(other.type_name()); });
    }});
    actor << 1 << 2.5;
  });

  CHECK(log == Log{"int", "double"});
}

void free_function(int) {}

TEST_CASE("message: match() takes mutable, noexcept and plain functions",
          "[messaging][message]") {
  int sum = 0;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{.receive = [&](Message& m) {
      if (m.match(&free_function)) ++sum;
      if (m.match([n = 10, &sum](int) mutable { sum += n++; })) ++sum;
      if (m.match([&sum](int) noexcept { sum += 100; })) ++sum;
    }});
    actor << 1;
  });

  CHECK(sum == 113);
}

TEST_CASE("message: match() answers an ask with what the handler returns",
          "[messaging][message]") {
  int doubled = 0;
  bool got_more = false;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{
        .receive = [](Message& m) { m.match([](int i) { return 2 * i; }); }});
    doubled = actor.ask<int>(21).get();

    // A plain send is no question: what the handler returns goes nowhere.
    spawn<Scripted>(Script{.receive = [&](Message&) { got_more = true; },
                           .on_start = [actor] { actor.send(21); }});
  });

  CHECK(doubled == 42);
  CHECK_FALSE(got_more);
}

TEST_CASE("message: knows whether it is an ask, and of which type it is",
          "[messaging][message]") {
  Log log;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{.receive = [&](Message& m) {
      log.push_back(m.type_name() + (m.is_ask() ? " asked" : " sent"));
      m.reply(0);
    }});
    actor.ask<int>(1).get();
    actor.send(std::uint8_t{1});
  });

  CHECK(log == Log{"int asked", "unsigned char sent"});
}

TEST_CASE("message: knows the actor that sent it, and nobody else",
          "[messaging][message]") {
  std::vector<ActorRef> senders;
  ActorRef first;
  ActorRef second;
  run_hub([&] {
    auto target = spawn<Scripted>(
        Script{.receive = [&](Message& m) { senders.push_back(m.sender()); }});
    const Script sends_at_start{.on_start = [target] { target.send(1); }};
    first = spawn<Scripted>(sends_at_start);
    second = spawn<Scripted>(sends_at_start);
    target.send(1);                       // the main greenlet
    spawn([target] { target.send(1); });  // a greenlet that is no actor
  });

  // The main greenlet sent its message before anybody else ran.
  CHECK(senders == std::vector<ActorRef>{{}, first, second, {}});
}

}  // namespace
}  // namespace greenroom::test
