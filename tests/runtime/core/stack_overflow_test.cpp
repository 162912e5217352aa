#include "../../support/catch2.hpp"
#include "../../support/dies.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/stack_overflow.hpp>

#include <alloca.h>
#include <signal.h>

#include <cstdint>
#include <string>
#include <thread>

namespace greenroom::test {
namespace {

constexpr std::size_t KiB = 1024;

// Writes to the stack from here down to `bytes` below `top`.
[[gnu::noinline]] void fill(std::uintptr_t top, std::size_t bytes) {
  volatile char piece[256];
  for (volatile char& c : piece) c = 1;
  const auto here = reinterpret_cast<std::uintptr_t>(&piece[0]);
  if (top - here < bytes) fill(top, bytes);
  piece[0] = 2;  // prevents a tail call
}

void dive(std::size_t bytes) {
  const char top = 0;
  fill(reinterpret_cast<std::uintptr_t>(&top), bytes);
}

// As dive(), but several times, each a little lower: one writes what another
// has left out between its frames.
void dive_densely(std::size_t bytes) {
  const char top = 0;
  for (int i = 0; i < 8; ++i) {
    *static_cast<volatile char*>(alloca(64)) = 1;
    fill(reinterpret_cast<std::uintptr_t>(&top), bytes);
  }
}

HubOptions guarded_by(StackGuard guard) {
  return {.stack_size = 64 * KiB, .stack_guard = guard};
}

TEST_CASE("stack overflow: names the greenlet and the size of its stack",
          "[runtime][stack_overflow]") {
  for (const StackGuard guard :
       {StackGuard::guard_pages, StackGuard::protection}) {
    const Death death = death_of([&] {
      run_hub(
          [] {
            spawn({.name = "diver"}, [] { dive(1024 * KiB); });
            sleep();
          },
          guarded_by(guard));
    });

    CHECK(death.signal == SIGABRT);
    CHECK(death.message ==
          "greenroom: stack overflow in diver: it needs more than its stack of "
          "64 KiB; see SpawnOptions::stack_size\n");
  }
}

TEST_CASE("stack overflow: is found after a park, on a stack of a given size",
          "[runtime][stack_overflow]") {
  const Death death = death_of([] {
    run_hub(
        [] {
          spawn({.name = "diver", .stack_size = 128 * KiB}, [] {
            dive(100 * KiB);
            sleep();
            dive(1024 * KiB);
          });
          sleep();
          sleep();
        },
        guarded_by(StackGuard::guard_pages));
  });

  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("stack overflow in diver: it needs more than its "
                           "stack of 128 KiB") != std::string::npos);
}

TEST_CASE("stack overflow: is found in a callback of the hub",
          "[runtime][stack_overflow]") {
  const Death death = death_of([] {
    HubOptions options = guarded_by(StackGuard::guard_pages);
    options.name = "stage";
    run_hub(
        [] {
          Hub::current().post([] { dive(1024 * KiB); });
          sleep(std::chrono::seconds(1));
        },
        options);
  });

  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("stack overflow in stage") != std::string::npos);
}

TEST_CASE("stack overflow: is found on the hub of any thread",
          "[runtime][stack_overflow]") {
  const Death death = death_of([] {
    std::thread([] {
      const Hub hub(guarded_by(StackGuard::guard_pages));
      spawn({.name = "diver"}, [] { dive(1024 * KiB); });
      sleep();
    }).join();
  });

  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("stack overflow in diver") != std::string::npos);
}

TEST_CASE("stack overflow: a canary shows it when the greenlet parks",
          "[runtime][stack_overflow]") {
  const Death death = death_of([] {
    run_hub(
        [] {
          spawn({.name = "diver"}, [] {
            dive_densely(64 * KiB);  // a little more than the stack has
            sleep();
          });
          sleep();
          sleep();
        },
        guarded_by(StackGuard::canary));
  });

  CHECK(death.signal == SIGABRT);
  CHECK(death.message ==
        "greenroom: stack overflow in diver: it has written beyond its stack "
        "of 64 KiB; see SpawnOptions::stack_size\n");
}

TEST_CASE("stack overflow: a canary shows it when the greenlet has ended, too",
          "[runtime][stack_overflow]") {
  const Death death = death_of([] {
    run_hub(
        [] {
          spawn([] { dive_densely(64 * KiB); });
          sleep();
        },
        guarded_by(StackGuard::canary));
  });

  CHECK(death.signal == SIGABRT);
  CHECK(death.message.find("stack overflow in a greenlet that has ended") !=
        std::string::npos);
}

TEST_CASE("stack overflow: deep calls within the stack are no overflow",
          "[runtime][stack_overflow]") {
  for (const StackGuard guard :
       {StackGuard::guard_pages, StackGuard::protection, StackGuard::canary}) {
    bool ended = false;
    run_hub(
        [&] {
          spawn([&] {
            dive(48 * KiB);
            sleep();
            dive(48 * KiB);
            ended = true;
          });
          sleep();
          sleep();
        },
        guarded_by(guard));
    CHECK(ended);
  }
}

TEST_CASE("stack overflow: other faults go where they went before",
          "[runtime][stack_overflow]") {
  const Death by_default = death_of([] {
    signal(SIGSEGV, SIG_DFL);
    const detail::StackOverflowReport first_of_process;
    run_hub([] { raise(SIGSEGV); });
  });

  CHECK(by_default.message.find("stack overflow") == std::string::npos);
  CHECK(by_default.signal == SIGSEGV);
}

}  // namespace
}  // namespace greenroom::test
