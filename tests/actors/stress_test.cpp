// Four hubs, millions of messages between actors that come and go all the
// while: order is kept between each pair, and every message is accounted for.

#include "../support/catch2.hpp"
#include "../support/random.hpp"
#include "../support/scripted.hpp"

#include <greenroom/actors/actor_system.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace greenroom::test {
namespace {

#if defined(GREENROOM_ASAN) || defined(GREENROOM_TSAN)
constexpr std::uint64_t kMessages = 300'000;
#else
constexpr std::uint64_t kMessages = 10'000'000;
#endif
constexpr std::size_t kHubs = 4;
constexpr std::size_t kMembers = 64;  // in all
constexpr std::uint32_t kHops = 3;    // how often a message is passed on
constexpr std::uint64_t kSeed = 20'240'229;

struct Parcel {
  std::uint64_t sender;
  std::uint64_t number;  // grows with each parcel of this sender
  std::uint32_t hops;
};

// Who lives where. Written and read by all hubs.
class Directory {
 public:
  void set(std::size_t place, const ActorRef& ref) {
    const std::scoped_lock guard(lock_);
    refs_[place] = ref;
  }
  std::array<ActorRef, kMembers> all() {
    const std::scoped_lock guard(lock_);
    return refs_;
  }

 private:
  std::mutex lock_;
  std::array<ActorRef, kMembers> refs_;
};

// What one hub has done; its thread's until the end.
struct alignas(64) Ledger {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t refused = 0;  // by an inbox that fails: not sent
  std::uint64_t disorder = 0;
  std::uint64_t replaced = 0;
  std::uint64_t last_sender = 0;
  std::array<ActorRef, kMembers> known{};
  std::uint64_t looks = 0;
};

struct World {
  Directory directory;
  std::array<Ledger, kHubs> ledgers;
  std::array<ActorRef, kHubs> sinks;   // bounded, their senders park
  std::array<ActorRef, kHubs> guards;  // bounded, they fail
  std::array<ActorRef, kHubs> echoes;
};

// Somebody who sends, on hub `hub`.
class Sender {
 public:
  Sender(World& world, std::size_t hub)
      : world_(world),
        ledger_(world.ledgers[hub]),
        id_((std::uint64_t{hub} << 48U) + ++ledger_.last_sender),
        random_(kSeed + id_) {}

  Ledger& ledger() { return ledger_; }
  Random& random() { return random_; }

  void send(const ActorRef& to, std::uint32_t hops) {
    try {
      to.send(Parcel{id_, ++number_, hops});
      ++ledger_.sent;
    } catch (const InboxFull&) {
      ++ledger_.refused;
    }
  }
  const ActorRef& any_member() {
    if (ledger_.looks++ % 256 == 0) ledger_.known = world_.directory.all();
    return ledger_.known[random_.below(kMembers)];
  }

 private:
  World& world_;
  Ledger& ledger_;
  const std::uint64_t id_;
  Random random_;
  std::uint64_t number_ = 0;
};

// Takes parcels, and sees to it that each sender's come in order.
class Taker : public Actor {
 public:
  Taker(World& world, std::size_t hub, const InboxLimits& limits)
      : Actor(limits), sender_(world, hub) {}

 protected:
  void receive(Message& message) override {
    const Parcel parcel = message.as<Parcel>();
    ++sender_.ledger().received;
    std::uint64_t& last = last_[parcel.sender];
    if (parcel.number <= last) ++sender_.ledger().disorder;
    last = parcel.number;
    if (parcel.hops > 0) pass_on(parcel.hops - 1);
  }

  virtual void pass_on(std::uint32_t) {}

  Sender sender_;

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> last_;
};

// Passes parcels on to others. It never has to wait for a place, so that it can
// be killed without a doubt about a parcel.
class Member : public Taker {
 public:
  using Taker::Taker;

 private:
  void pass_on(std::uint32_t hops) override {
    sender_.send(sender_.any_member(), hops);
  }
};

ActorRef hire(World& world, std::size_t hub, Random& random) {
  constexpr std::array<InboxLimits, 3> limits{
      InboxLimits{.high_water = 10'000'000},
      InboxLimits{.capacity = 50, .when_full = WhenFull::drop_newest},
      InboxLimits{.capacity = 50, .when_full = WhenFull::drop_oldest}};
  return spawn<Member>(world, hub, limits[random.below(limits.size())]);
}

// Sends to everybody, and now and then stops or kills a member of its hub and
// hires another.
void pump(World& world, std::size_t hub) {
  Sender sender(world, hub);
  Random& random = sender.random();
  for (std::uint64_t i = 0; i < kMessages / kHubs / (kHops + 1); ++i) {
    const std::size_t dice = random.below(100);
    if (dice < 90)
      sender.send(sender.any_member(), kHops);
    else if (dice < 95)
      sender.send(world.sinks[random.below(kHubs)], 0);
    else
      sender.send(world.guards[random.below(kHubs)], 0);

    if (i % 64 == 0) sleep();
    if (i % 500 == 0) {
      const std::size_t place = random.below(kMembers / kHubs) * kHubs + hub;
      const ActorRef old = world.directory.all()[place];
      world.directory.set(place, hire(world, hub, random));
      random.below(2) == 0 ? old.stop() : old.kill();
      ++sender.ledger().replaced;
    }
    // Nobody gets far ahead of the others: memory has an end.
    if (i % 1024 == 0)
      for (const ActorRef& echo : world.echoes) echo.ask<char>('?').get();
  }
}

TEST_CASE("stress: millions of messages between hubs, in order, none lost",
          "[actors][.stress]") {
  INFO("seed " << kSeed);
  World world;
  std::uint64_t dead = 0;
  {
    const Hub hub;
    ActorSystem system{{.hubs = kHubs}};
    const std::uint64_t dead_before = system.dead_letters();
    for (std::size_t i = 0; i < kHubs; ++i)
      system.run_on(i, [&world, i] {
        Random random(kSeed + i);
        for (std::size_t place = i; place < kMembers; place += kHubs)
          world.directory.set(place, hire(world, i, random));
        world.sinks[i] = spawn<Taker>(world, i, InboxLimits{.capacity = 2});
        world.guards[i] = spawn<Taker>(
            world, i, InboxLimits{.capacity = 1, .when_full = WhenFull::fail});
        world.echoes[i] = spawn<Scripted>(
            Script{.receive = [](Message& m) { m.reply(m.as<char>()); }});
      });
    std::vector<GreenletPtr> pumps;
    for (std::size_t i = 0; i < kHubs; ++i)
      pumps.push_back(
          spawn([&, i] { system.run_on(i, [&world, i] { pump(world, i); }); }));
    joinall(pumps, forever, raise_error);
    system.shutdown();
    dead = system.dead_letters() - dead_before;
  }

  Ledger sum;
  for (const Ledger& ledger : world.ledgers) {
    sum.sent += ledger.sent;
    sum.received += ledger.received;
    sum.refused += ledger.refused;
    sum.disorder += ledger.disorder;
    sum.replaced += ledger.replaced;
  }
  CHECK(sum.disorder == 0);
  CHECK(sum.sent == sum.received + dead);  // what is dropped is a dead letter
  CHECK(sum.sent > kMessages / 4);
  CHECK(sum.replaced > 100);
  CHECK(dead > 0);
  WARN(sum.sent << " sent, " << sum.received << " received, " << dead
                << " dead letters, " << sum.refused << " refused, "
                << sum.replaced << " actors replaced");
}

}  // namespace
}  // namespace greenroom::test
