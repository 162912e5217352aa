// Plays this many messages and prints how often memory was allocated in the
// meantime: steady_state_test.sh compares a short game with a long one.
//
//   $ steady_state_test ask 1000
//   57

#include <greenroom/actors/spawn.hpp>
#include <greenroom/actors/typed_actor.hpp>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

std::atomic<long> allocations{0};

}  // namespace

// The allocator of the C library under its own names, counted. `new` comes
// here, too.
extern "C" {
void* __libc_malloc(std::size_t);                 // NOLINT
void* __libc_calloc(std::size_t, std::size_t);    // NOLINT
void* __libc_realloc(void*, std::size_t);         // NOLINT
void* __libc_memalign(std::size_t, std::size_t);  // NOLINT

void* malloc(std::size_t size) { return ++allocations, __libc_malloc(size); }
void* calloc(std::size_t n, std::size_t size) {
  return ++allocations, __libc_calloc(n, size);
}
void* realloc(void* memory, std::size_t size) {
  return ++allocations, __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  return ++allocations, __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  *out = memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
}

namespace greenroom {
namespace {

using namespace std::chrono_literals;

struct Ball {
  int left;
  ActorRef other;
};

class Player : public Actor {
  void receive(Message& m) override {
    const Ball ball = m.as<Ball>();
    if (ball.left > 0) ball.other.send(Ball{ball.left - 1, self()});
  }
};

class Sum : public TypedActor<Sum, int> {
 public:
  int on(int n) { return sum_ += n; }

 private:
  int sum_ = 0;
};

class Polite : public Actor {
  void receive(Message& m) override {
    sleep();
    m.reply(1);
  }
};

class Asker : public Actor {
 public:
  explicit Asker(const Ref<Sum>& sum) : sum_(sum) {}

 private:
  void receive(Message& m) override { m.reply(sum_.ask(1).get()); }
  Ref<Sum> sum_;
};

// Two actors throw a ball to and fro.
void play_ping_pong(int messages) {
  auto a = spawn<Player>();
  auto b = spawn<Player>();
  a.send(Ball{messages, b});
  idle();
}

// An ask is answered without anybody but the asker waiting.
void play_ask(int messages) {
  auto sum = spawn<Sum>();
  for (int i = 0; i < messages; ++i) sum.ask(1).get();
}

// ... with a deadline and a limit.
void play_ask_in_time(int messages) {
  auto sum = spawn<Sum>();
  for (int i = 0; i < messages; ++i) sum.ask(1, 1h).get(2h);
}

// ... by an actor that waits for another in its handler.
void play_ask_through(int messages) {
  auto asker = spawn<Asker>(spawn<Sum>());
  for (int i = 0; i < messages; ++i) asker.ask<int>(1).get();
}

// ... of an actor that gives way in its handler.
void play_ask_polite(int messages) {
  auto polite = spawn<Polite>();
  for (int i = 0; i < messages; ++i) polite.ask<int>(1).get();
}

// To inboxes that hold hundreds.
void play_bursts(int messages) {
  auto sum = spawn<Sum>();
  for (int i = 0; i < messages; i += 500) {
    for (int j = 0; j < 500; ++j) sum.send(1);
    idle();
  }
}

}  // namespace
}  // namespace greenroom

int main(int, char** argv) {
  using namespace greenroom;
  const std::string game = argv[1];
  const int messages = std::atoi(argv[2]);
  if (game == "ping_pong") play_ping_pong(messages);
  if (game == "ask") play_ask(messages);
  if (game == "ask_in_time") play_ask_in_time(messages);
  if (game == "ask_through") play_ask_through(messages);
  if (game == "ask_polite") play_ask_polite(messages);
  if (game == "bursts") play_bursts(messages);
  std::printf("%ld\n", allocations.load());
}
