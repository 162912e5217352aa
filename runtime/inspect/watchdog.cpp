#include "watchdog.hpp"

#include "../core/hub_list.hpp"
#include "../core/label.hpp"
#include "../core/report.hpp"
#include "../core/sanitizer.hpp"
#include "../core/worker_threads.hpp"

#include <execinfo.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace greenroom {
namespace {

// Ignored unless somebody handles it, so a signal too many does no harm.
constexpr int kSignal = SIGURG;

// How long a hub's thread may take to say what it does.
constexpr Duration kPatience = std::chrono::milliseconds(200);
constexpr Duration kLookForAnswer = std::chrono::microseconds(100);

// What a hub's thread says in its signal handler.
struct Answer {
  std::uint64_t taken = 0;
  bool is_watched = true;
  detail::Label who;
  std::array<void*, 64> frames{};
  std::size_t depth = 0;

  [[nodiscard]] std::span<void* const> stack() const noexcept {
    // Leaves out write_answer(), the signal handler and what called that.
    constexpr std::size_t own = 3;
    return std::span(frames).first(depth).subspan(std::min(depth, own));
  }
};

// One question at a time, from the watchdog to a hub's thread.
struct Question {
  // null -> the hub that is asked -> null. The hub's thread takes the last step
  // to answer, the watchdog to give up; the first of them wins.
  std::atomic<const Hub*> asked{nullptr};
  std::atomic<bool> is_answered{false};
  Answer answer;  // the hub's thread; once answered, the watchdog
};

Question question;
struct sigaction previous_handler;

// null <-> the one there is; used by its maker and by fork().
std::atomic<Watchdog*> only{nullptr};

[[gnu::noinline]] void write_answer(const Hub& hub, Answer& answer) noexcept {
  answer = Answer();
  answer.taken = hub.taken();
  const Greenlet* running = hub.running();
  if (running == nullptr) {
    answer.who << "a callback";
  } else if (running->dead()) {
    answer.who << "a greenlet that has ended";  // and is being destroyed
  } else {
    answer.is_watched = running->is_watched();
    running->write_name(answer.who);
  }
  answer.depth = static_cast<std::size_t>(
      backtrace(answer.frames.data(), static_cast<int>(answer.frames.size())));
}

void on_signal(int number, siginfo_t* info, void* context) {
  const int error = errno;
  const Hub* here = Hub::find();
  const Hub* asked = here;
  // Acquire: pairs with the release in ask().
  if (here != nullptr && question.asked.compare_exchange_strong(
                             asked, nullptr, std::memory_order_acquire)) {
    write_answer(*here, question.answer);
    // Release: pairs with the acquire in ask().
    question.is_answered.store(true, std::memory_order_release);
  } else if ((previous_handler.sa_flags & SA_SIGINFO) != 0) {
    previous_handler.sa_sigaction(number, info, context);
  } else if (previous_handler.sa_handler != SIG_DFL &&
             previous_handler.sa_handler != SIG_IGN) {
    previous_handler.sa_handler(number);
  }
  errno = error;
}

// Asks the hub's thread what it does. The hub must not end meanwhile.
std::optional<Answer> ask(const Hub& hub) {
  question.is_answered.store(false, std::memory_order_relaxed);  // still ours
  question.asked.store(&hub, std::memory_order_release);
  pthread_kill(hub.thread(), kSignal);

  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!question.is_answered.load(std::memory_order_acquire)) {
    const Hub* asked = &hub;
    if (std::chrono::steady_clock::now() > end &&
        question.asked.compare_exchange_strong(asked, nullptr))
      return std::nullopt;
    std::this_thread::sleep_for(kLookForAnswer);
  }
  return question.answer;
}

// "program(_ZN3foo3barEv+0x1f) [0x55e0]", with a name that people can read.
std::string readable_frame(const std::string& frame) {
  const auto begin = frame.find("(_Z");
  const auto end = frame.find('+', begin);
  if (begin == std::string::npos || end == std::string::npos) return frame;
  const std::string mangled = frame.substr(begin + 1, end - begin - 1);
  return frame.substr(0, begin + 1) + detail::readable_type(mangled.c_str()) +
         frame.substr(end);
}

std::vector<std::string> describe_stack(std::span<void* const> frames) {
  const std::unique_ptr<char*[], void (*)(void*)> lines(
      backtrace_symbols(frames.data(), static_cast<int>(frames.size())),
      &std::free);
  std::vector<std::string> text;
  for (std::size_t i = 0; lines != nullptr && i < frames.size(); ++i)
    text.push_back(readable_frame(lines[i]));
  return text;
}

int new_stop() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0)
    throw std::system_error(errno, std::generic_category(),
                            "greenroom: eventfd for a Watchdog");
  return fd;
}

void print(const Hold& hold) {
  const std::string text = to_string(hold);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

std::string to_string(const Hold& hold) {
  std::ostringstream text;
  text << "greenroom: "
       << (hold.greenlet.empty() ? "somebody" : hold.greenlet.c_str())
       << " has held " << hold.hub << " for "
       << std::chrono::duration<double>(hold.time).count()
       << " s without giving way\n";
  for (const std::string& frame : hold.stack) text << "  " << frame << '\n';
  return text.str();
}

struct Watchdog::Thread {
  explicit Thread(Watchdog& watchdog)
      : system([&watchdog] { watchdog.watch(); }) {}

  std::thread system;
};

Watchdog::Watchdog(WatchdogOptions options)
    : options_(std::move(options)), stop_(new_stop()) {
  Watchdog* nobody = nullptr;
  if (!only.compare_exchange_strong(nobody, this)) {
    ::close(stop_);
    throw std::logic_error("there is a Watchdog already, it watches all hubs");
  }
  // The first call loads a library, which no signal handler may do.
  std::array<void*, 1> frame;
  (void)backtrace(frame.data(), static_cast<int>(frame.size()));

  struct sigaction action {};
  action.sa_sigaction = &on_signal;
  // On a stack of its own: a greenlet's may be small, and nearly full.
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(kSignal, &action, &previous_handler);
  static std::once_flag once;
  std::call_once(once, [] {
    Hub::install_fork_handlers();  // before ours, which posts to the child's
                                   // hub
    pthread_atfork(nullptr, nullptr, &Watchdog::after_fork_in_child);
  });
  if (options_.has_thread) start();
}

Watchdog::~Watchdog() {
  if (thread_ != nullptr) {
    // Relaxed: as in start().
    detail::worker_threads.fetch_sub(1, std::memory_order_relaxed);
    const std::uint64_t once = 1;
    (void)!write(stop_, &once, sizeof once);
    thread_->system.join();
  }
  sigaction(kSignal, &previous_handler, nullptr);
  ::close(stop_);
  only.store(nullptr);
}

void Watchdog::start() {
  // Signals are for the program's threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::make_unique<Thread>(*this);
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // Relaxed: see worker_threads.hpp, and why now.
  detail::worker_threads.fetch_add(1, std::memory_order_relaxed);
}

void Watchdog::watch() {
  pthread_setname_np(pthread_self(), "watchdog");
  const auto period = std::max<Duration>(options_.max_blocking_time / 2,
                                         std::chrono::milliseconds(1));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(period);
  const timespec limit{seconds.count(), (period - seconds).count()};
  pollfd stop{stop_, POLLIN, 0};
  while (ppoll(&stop, 1, &limit, nullptr) == 0)
    look(std::chrono::steady_clock::now());
}

void Watchdog::look(TimePoint now) {
  std::vector<Hold> holds;
  const std::map<HubId, Sight> before = std::exchange(seen_, {});
  detail::HubList::for_each([&](Hub& hub) {
    const Hub::Pulse pulse = hub.pulse();
    const auto last = before.find(hub.id());
    if (pulse.is_asleep || last == before.end() ||
        pulse != last->second.pulse) {
      seen_[hub.id()] = {pulse, now, now + options_.max_blocking_time};
      return;
    }
    Sight& sight = seen_[hub.id()] = last->second;
    if (now < sight.next_report) return;
    sight.next_report = now + (now - sight.since);
    const std::optional<Answer> answer = ask(hub);
    if (!answer) {
      holds.push_back({hub.name(), {}, now - sight.since, {}});
    } else if (answer->taken == pulse.taken && answer->is_watched) {
      holds.push_back({hub.name(), answer->who.in_words(), now - sight.since,
                       describe_stack(answer->stack())});
    }
  });
  for (const Hold& hold : holds)
    if (options_.report)
      options_.report(hold);
    else
      print(hold);
}

void Watchdog::after_fork_in_child() {
  Watchdog* watchdog = only.load();
  if (watchdog == nullptr || watchdog->thread_ == nullptr) return;
  // That thread is the parent's. The child starts its own later, because most
  // children call exec().
  (void)watchdog->thread_.release();
#if !defined(GREENROOM_TSAN)  // TSan ends a child that starts a thread
  if (Hub* survivor = Hub::find(); survivor != nullptr)
    survivor->post([] {
      if (Watchdog* mine = only.load()) mine->start();
    });
#endif
}

}  // namespace greenroom
