#include "../../support/catch2.hpp"
#include "../../support/counted.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"
#include "../../support/scripted.hpp"

#include <greenroom/runtime/tasks/local.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

// Says when it ends.
struct Said {
  Said(Log& log, std::string name) : log_(log), name_(std::move(name)) {}
  Said(const Said&) = delete;
  Said& operator=(const Said&) = delete;
  ~Said() { log_.push_back(name_ + " ends"); }

 private:
  Log& log_;
  const std::string name_;
};

Local<int> global_number;

TEST_CASE("local: each greenlet has its own value", "[runtime][local]") {
  std::vector<int> seen;

  run_hub([&] {
    Local<int> number;
    const auto count = [&](int times) {
      for (int i = 0; i < times; ++i) {
        ++*number;
        sleep();
      }
      seen.push_back(*number);
    };
    *number = 10;
    joinall({spawn(count, 1), spawn(count, 2), spawn(count, 3)});
    CHECK(*number == 10);
  });

  CHECK(seen == std::vector<int>{1, 2, 3});
}

TEST_CASE("local: find() makes nothing, reset() begins anew",
          "[runtime][local]") {
  run_hub([&] {
    const Local<std::string> word([] { return std::string("new"); });
    CHECK(word.find() == nullptr);
    word.reset();
    CHECK(word.get() == "new");
    word->push_back('!');
    REQUIRE(word.find() != nullptr);
    CHECK(*word.find() == "new!");
    word.reset();
    CHECK(word.find() == nullptr);
    CHECK(*word == "new");
  });
}

TEST_CASE("local: a touch throws what the factory throws", "[runtime][local]") {
  run_hub([&] {
    int calls = 0;
    const Local<int> number([&] {
      if (++calls == 1) throw std::runtime_error("not yet");
      return calls;
    });
    CHECK_THROWS_WITH(*number, "not yet");
    CHECK(number.find() == nullptr);
    CHECK(*number == 2);
  });
}

TEST_CASE("local: a factory may wait, and touch other Locals",
          "[runtime][local]") {
  run_hub([&] {
    const Local<int> base([] { return 40; });
    const Local<int> number([&] {
      sleep(1s);
      return *base + 2;
    });
    const auto other = spawn([&] { return *number; });
    CHECK(*number == 42);
    CHECK(other->get() == 42);
  });
}

TEST_CASE("local: a greenlet's values end before its joiners hear of its end",
          "[runtime][local]") {
  Log log;

  run_hub([&] {
    const Local<Said> first([&] { return Said(log, "first"); });
    const Local<Said> second([&] { return Said(log, "second"); });
    const auto touch = [&] {
      static_cast<void>(*first);
      static_cast<void>(*second);
    };
    const auto returns = spawn(touch);
    returns->join();
    log.push_back("joined");
    const auto killed = spawn([&] {
      touch();
      sleep(1h);
    });
    sleep();
    killed->kill();
    log.push_back("killed");
    const auto fails = spawn([&] {
      touch();
      throw std::runtime_error("on purpose");
    });
    CHECK_THROWS(fails->get());
  });

  CHECK(log == Log{"second ends", "first ends", "joined", "second ends",
                   "first ends", "killed", "second ends", "first ends"});
}

TEST_CASE("local: main's values end with the hub", "[runtime][local]") {
  Log log;
  const Local<Said> local([&] { return Said(log, "main's"); });

  run_hub([&] {
    static_cast<void>(*local);
    log.push_back("body ends");
  });

  CHECK(log == Log{"body ends", "main's ends"});
}

TEST_CASE("local: a destructor finds the older values", "[runtime][local]") {
  struct Reader {
    const Local<std::string>& word;
    Log& log;
    ~Reader() { log.push_back("found " + *word); }
  };
  Log log;

  run_hub([&] {
    const Local<std::string> older([] { return std::string("made"); });
    const Local<Reader> reader([&] { return Reader{older, log}; });
    const auto g = spawn([&] {
      *older = "changed";
      static_cast<void>(*reader);
      older.reset();  // and is made again, when the destructor looks
      *older = "changed twice";
    });
    g->join();
    const auto h = spawn([&] {
      *older = "kept";
      static_cast<void>(*reader);
    });
    h->join();
  });

  CHECK(log == Log{"found made", "found kept"});
}

TEST_CASE("local: a destructor may wait", "[runtime][local]") {
  struct Slow {
    Log& log;
    ~Slow() {
      sleep(1s);
      log.push_back("slow ends");
    }
  };
  Log log;

  run_hub([&](TestHub& h) {
    const Local<Slow> slow([&] { return Slow{log}; });
    const auto g = spawn([&] { static_cast<void>(*slow); });
    g->join();
    log.push_back("joined");
    CHECK(h.elapsed() == 1s);
  });

  CHECK(log == Log{"slow ends", "joined"});
}

struct Undying {
  ~Undying();
};
Local<Undying> undying;
Undying::~Undying() { static_cast<void>(*undying); }

TEST_CASE("local: a destructor that makes its value again and again aborts",
          "[runtime][local]") {
  const Death death = death_of([] {
    run_hub([] { spawn([] { static_cast<void>(*undying); })->join(); });
  });
  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("Undying> makes Locals again and again") !=
        std::string::npos);
}

TEST_CASE("local: a Local may end before and in the greenlets that use it",
          "[runtime][local]") {
  Counts counts;

  run_hub([&] {
    auto local = std::make_unique<Local<std::unique_ptr<Counted>>>(
        [&] { return std::make_unique<Counted>(counts); });
    std::vector<GreenletPtr> all;
    for (int i = 0; i < 3; ++i)
      all.push_back(spawn([&] {
        static_cast<void>(**local);
        sleep(1s);
      }));
    sleep();
    CHECK(counts.alive == 3);
    local.reset();
    CHECK(counts.alive == 0);
    joinall(all);
  });
}

TEST_CASE("local: an actor has its own", "[runtime][local]") {
  Log log;

  run_hub([&] {
    const Local<int> count;
    const auto counter = [&](const char* name) {
      return spawn<Scripted>(Script{.receive = [&log, &count, name](Message&) {
        log.push_back(name + std::to_string(++*count));
      }});
    };
    auto a = counter("a");
    auto b = counter("b");
    for (int i = 0; i < 2; ++i) {
      a.send(i);
      b.send(i);
      sleep(1s);
    }
    CHECK(count.find() == nullptr);
    wait();
  });

  CHECK(log == Log{"a1", "b1", "a2", "b2"});
}

TEST_CASE("local: one global serves the greenlets of all threads",
          "[runtime][local]") {
  int elsewhere = 0;

  run_hub([&] {
    *global_number = 1;
    std::thread([&] {
      const Hub there;
      ++*global_number;
      elsewhere = *global_number;
    }).join();
    CHECK(*global_number == 1);
  });
  run_hub([&] { CHECK(*global_number == 0); });

  CHECK(elsewhere == 1);
}

TEST_CASE("local: in a callback of the hub there is no greenlet to have one",
          "[runtime][local]") {
  Log log;

  run_hub([&] {
    const Local<int> number;
    Hub::current().post([&] {
      try {
        static_cast<void>(*number);
      } catch (const BlockingSwitchOutError&) {
        log.push_back("refused");
      }
    });
    sleep(1s);
  });

  CHECK(log == Log{"refused"});
}

}  // namespace
}  // namespace greenroom::test
