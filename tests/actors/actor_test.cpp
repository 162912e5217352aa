// How an actor lives and ends. What may go wrong: misuse_test.cpp.

#include "../support/catch2.hpp"
#include "../support/counted.hpp"
#include "../support/run_hub.hpp"
#include "../support/scripted.hpp"

#include <greenroom/actors/actor.hpp>

#include <string>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using Kind = ExitReason::Kind;
using Log = std::vector<std::string>;

// An actor that logs each step of its life, and takes its time over it.
class Chronicler : public Actor {
 public:
  Chronicler(Log& log, Duration pause) : log_(log), pause_(pause) {
    log_.push_back("made");
  }
  ~Chronicler() override { log_.push_back("gone"); }

 private:
  void on_start() override {
    log_.push_back("starts");
    sleep(pause_);
    log_.push_back("started");
  }
  void receive(Message& m) override {
    m.match(
        [&](int i) {
          log_.push_back("begins " + std::to_string(i));
          sleep(pause_);
          log_.push_back("ends " + std::to_string(i));
        },
        [&](const std::string& error) { throw std::runtime_error(error); },
        [&](char) { stop(); });
  }
  void on_stop(const ExitReason& reason) override {
    log_.push_back("stops: " + to_string(reason));
    sleep(pause_);
    log_.push_back("end");
  }

  Log& log_;
  const Duration pause_;
};

TEST_CASE("actor: starts, handles, stops, in this order, and may wait in each",
          "[actors][actor]") {
  const Duration pause = GENERATE(as<Duration>(), 0s, 1s);
  Log log;
  run_hub([&] {
    auto actor = spawn<Chronicler>(log, pause);
    actor << 1 << 2 << 'x' << 3;
    log.push_back("spawned");
  });

  CHECK(log == Log{"made", "spawned", "starts", "started", "begins 1", "ends 1",
                   "begins 2", "ends 2", "stops: stopped", "end", "gone"});
}

TEST_CASE("actor: on_stop() is called once, however it ends",
          "[actors][actor]") {
  Log log;
  const auto end_by = [&](auto how) {
    run_hub([&] {
      auto actor = spawn<Chronicler>(log, 1s);
      sleep(2s);
      log.clear();
      how(actor);
      actor.join();
    });
  };

  SECTION("stopped") {
    end_by([](const ActorRef& a) { a.stop(), a.stop(); });
    CHECK(log == Log{"stops: stopped", "end", "gone"});
  }
  SECTION("killed while it rests") {
    end_by([](const ActorRef& a) { a.kill(); });
    CHECK(log == Log{"stops: killed", "end", "gone"});
  }
  SECTION("killed in a handler") {
    end_by([](const ActorRef& a) {
      a.send(1);
      idle();
      a.kill();
    });
    CHECK(log == Log{"begins 1", "stops: killed", "end", "gone"});
  }
  SECTION("failed") {
    end_by([](const ActorRef& a) { a.send(std::string("oops")); });
    CHECK(log ==
          Log{"stops: failed with std::runtime_error: oops", "end", "gone"});
  }
}

TEST_CASE("actor: on_stop() is not called if on_start() did not return",
          "[actors][actor]") {
  Log log;
  ExitReason end;
  run_hub([&] {
    SECTION("because it threw") {
      auto actor = spawn<Scripted>(Script{
          .on_start = [] { throw std::runtime_error("no"); },
          .on_stop = [&](const ExitReason&) { log.push_back("on_stop"); }});
      end = actor.join();
      CHECK(end == Kind::failed);
    }
    SECTION("because it was killed in it") {
      auto actor = spawn<Chronicler>(log, 1s);
      idle();
      actor.kill();
      end = actor.join();
      CHECK(end == Kind::killed);
      CHECK(log == Log{"made", "starts", "gone"});
      log.clear();
    }
    SECTION("because it was killed before it ever ran") {
      auto actor = spawn<Chronicler>(log, 1s);
      actor.kill();
      end = actor.join();
      CHECK(log == Log{"made"});
      log.clear();
    }
  });
}

TEST_CASE("actor: if on_start() throws, the inbox becomes dead letters",
          "[actors][actor]") {
  Counts counts;
  std::uint64_t dead = 0;
  run_hub([&] {
    const std::uint64_t before = PostOffice::here().dead_letters();
    auto actor = spawn<Scripted>(
        Script{.on_start = [] { throw std::runtime_error("no"); }});
    actor << Counted(counts) << Counted(counts);
    idle();
    dead = PostOffice::here().dead_letters() - before;
  });

  CHECK(dead == 2);
  CHECK(counts.alive == 0);
}

TEST_CASE("actor: a stop() before the first turn takes effect after on_start()",
          "[actors][actor]") {
  Log log;
  run_hub([&] {
    auto actor = spawn<Chronicler>(log, 0s);
    actor.send(1);
    actor.stop();
  });

  CHECK(log ==
        Log{"made", "starts", "started", "stops: stopped", "end", "gone"});
}

TEST_CASE("actor: a stop() from on_start() or on_stop() is fine",
          "[actors][actor]") {
  int stopped = 0;
  run_hub([&] {
    ActorRef self;
    self = spawn<Scripted>(Script{.on_start = [&] { self.stop(); },
                                  .on_stop =
                                      [&](const ExitReason& reason) {
                                        stopped +=
                                            reason == Kind::stopped ? 1 : 0;
                                        self.stop();
                                      }});
    wait();
  });

  CHECK(stopped == 1);
}

TEST_CASE("actor: an on_stop() that throws turns its end into a failure",
          "[actors][actor]") {
  ExitReason end;
  run_hub([&] {
    auto actor = spawn<Scripted>(Script{.on_stop = [](const ExitReason&) {
      throw std::runtime_error("cannot let go");
    }});
    auto reason = spawn([actor] { return actor.join(); });
    idle();
    actor.stop();
    end = reason->get();
  });

  CHECK(end == Kind::failed);
  CHECK(to_string(end) == "failed with std::runtime_error: cannot let go");
}

TEST_CASE("actor: on_stop() may wait, and kill() ends that wait",
          "[actors][actor]") {
  Log log;
  run_hub([&](TestHub& h) {
    auto patient = spawn<Scripted>(Script{.on_stop = [&](const ExitReason&) {
      try {
        sleep(1h);
      } catch (const GreenletExit&) {
        log.push_back("hurried");
        throw;
      }
    }});
    auto end = spawn([patient] { return patient.join(); });
    idle();
    patient.stop();
    idle();
    patient.kill();
    log.push_back(to_string(end->get()));
    log.push_back(std::to_string(h.elapsed() / 1s));
  });

  CHECK(log == Log{"hurried", "killed", "0"});
}

TEST_CASE("actor: messages that come while it ends are dead letters",
          "[actors][actor]") {
  Counts counts;
  std::uint64_t dead = 0;
  int handled = 0;
  run_hub([&] {
    const std::uint64_t before = PostOffice::here().dead_letters();
    ActorRef self;
    self = spawn<Scripted>(Script{.receive = [&](Message&) { ++handled; },
                                  .on_stop =
                                      [&](const ExitReason&) {
                                        self.send(Counted(counts));
                                        sleep(1s);
                                        self.send(Counted(counts));
                                      }});
    self.stop();
    idle();
    self.send(Counted(counts));
    self.join();
    dead = PostOffice::here().dead_letters() - before;
  });

  CHECK(dead == 3);
  CHECK(handled == 0);
  CHECK(counts.alive == 0);
}

TEST_CASE("actor: lives on if it catches its kill", "[actors][actor]") {
  Log log;
  run_hub([&] {
    auto stubborn = spawn<Scripted>(Script{.receive = [&](Message& m) {
      if (m.is<char>()) return log.push_back("lives on");
      try {
        sleep(1h);
      } catch (const GreenletExit&) {
        log.push_back("no");
      }
    }});
    stubborn.send(1);
    idle();
    stubborn.kill();
    idle();
    stubborn.send('?');
  });

  CHECK(log == Log{"no", "lives on"});
}

TEST_CASE("actor: kills itself at its next wait, or after the message",
          "[actors][actor]") {
  Log log;
  const bool waits = GENERATE(true, false);
  run_hub([&] {
    ActorRef self;
    self = spawn<Scripted>(Script{
        .receive =
            [&](Message&) {
              self.kill();
              log.push_back("still here");
              if (waits) sleep();
              log.push_back("and here");
            },
        .on_stop = [&](const ExitReason& r) { log.push_back(to_string(r)); }});
    self << 1 << 2;
    wait();
  });

  CHECK(log == (waits ? Log{"still here", "killed"}
                      : Log{"still here", "and here", "killed"}));
}

TEST_CASE("actor: a message sent by its destructor arrives",
          "[actors][actor]") {
  class Farewell : public Actor {
   public:
    explicit Farewell(const ActorRef& heir) : heir_(heir) {}
    ~Farewell() override { heir_.send(std::string("farewell")); }

   private:
    void receive(Message&) override {}
    ActorRef heir_;
  };
  Log log;
  run_hub([&] {
    auto heir = spawn<Scripted>(Script{.receive = [&](Message& m) {
      log.push_back(m.as<std::string>());
      log.push_back(m.sender() ? to_string(m.sender()) : "from nobody");
    }});
    auto last = spawn<Farewell>(heir);
    last.stop();
    last.join();
    sleep(1s);
  });

  REQUIRE(log.size() == 2);
  CHECK(log[0] == "farewell");
}

}  // namespace
}  // namespace greenroom::test
