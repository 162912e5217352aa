#include "stack_overflow.hpp"

#include "greenlet.hpp"
#include "hub.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

namespace greenroom::detail {
namespace {

constexpr std::size_t kAlternateStack = std::size_t{64} * 1024;

struct sigaction previous_handler;

// Allocates, although it runs in a signal handler: the process is about to end,
// and not to name the greenlet would be no better.
void explain(const Hub& hub, std::size_t stack_size) {
  const Greenlet* who = hub.running();
  std::fprintf(stderr,
               "greenroom: stack overflow in %s: it needs more than its stack "
               "of %zu KiB; see SpawnOptions::stack_size\n",
               who == nullptr ? hub.name().c_str() : who->name().c_str(),
               stack_size / 1024);
}

void on_segv(int number, siginfo_t* info, void* context) {
  Hub* hub = Hub::find();
  if (hub != nullptr) {
    const std::size_t size = hub->stacks().overflowed_size(info->si_addr);
    if (size != 0) {
      explain(*hub, size);
      std::abort();
    }
  }
  // Not ours.
  if ((previous_handler.sa_flags & SA_SIGINFO) != 0) {
    previous_handler.sa_sigaction(number, info, context);
    return;
  }
  if (previous_handler.sa_handler != SIG_DFL &&
      previous_handler.sa_handler != SIG_IGN) {
    previous_handler.sa_handler(number);
    return;
  }
  // The default action follows when this handler has returned. A fault would
  // happen again by itself; raise() is for a signal that somebody sent.
  signal(number, SIG_DFL);
  raise(number);
}

}  // namespace

StackOverflowReport::StackOverflowReport() {
  stack_t current{};
  sigaltstack(nullptr, &current);
  // If a sanitizer has set up an alternate stack, use that.
  if ((current.ss_flags & SS_DISABLE) != 0) {
    alternate_stack_ = std::make_unique<char[]>(kAlternateStack);
    current.ss_sp = alternate_stack_.get();
    current.ss_size = kAlternateStack;
    current.ss_flags = 0;
    sigaltstack(&current, nullptr);
  }

  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action {};
    action.sa_sigaction = &on_segv;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &previous_handler);
  });
}

StackOverflowReport::~StackOverflowReport() {
  if (alternate_stack_ == nullptr) return;
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  sigaltstack(&none, nullptr);
}

}  // namespace greenroom::detail
