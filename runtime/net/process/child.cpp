#include "child.hpp"

#include "../../core/hub.hpp"
#include "../unique_fd.hpp"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

namespace greenroom::detail {
namespace {

// For a child that somebody else has waited for; asyncio says so, too.
constexpr int kUnknownCode = 255;

// The children that outlived the hub which looked after them. Whoever next
// starts a child collects those that have ended.
class Orphans {
 public:
  void add(pid_t pid) {
    const std::scoped_lock lock(mutex_);
    pids_.push_back(pid);
  }
  void reap() {
    const std::scoped_lock lock(mutex_);
    std::erase_if(pids_, [](pid_t pid) {
      const pid_t done = waitpid(pid, nullptr, WNOHANG);
      return done == pid || (done < 0 && errno == ECHILD);
    });
  }

 private:
  std::mutex mutex_;
  std::vector<pid_t> pids_;  // any thread, under mutex_
};

Orphans& orphans() {
  // Never destroyed: the main thread's hub ends after static objects do.
  static auto& all = *new Orphans;
  return all;
}

int code_of(int status) noexcept {
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

boost::intrusive_ptr<Child> Child::adopt(pid_t pid) {
  try {
    orphans().reap();
    UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (pidfd.get() < 0)
      throw std::system_error(errno, std::generic_category(), "pidfd_open");
    auto watcher = IoWatcher::of(pidfd.get(), IoWatcher::Ownership::owned);
    (void)pidfd.release();
    boost::intrusive_ptr<Child> child(new Child(pid, std::move(watcher)));
    child->listen();
    child->self_ = child;
    return child;
  } catch (...) {
    ::kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    throw;
  }
}

Child::Child(pid_t pid, IoWatcherPtr watcher)
    : pid_(pid), watcher_(std::move(watcher)) {
  user_.emplace(watcher_->hub());
  listener_.emplace(watcher_->hub());
}

void Child::listen() {
  watcher_->arm(net::Direction::read);
  watcher_->waiters(net::Direction::read).add(*this);
}

std::optional<int> Child::poll() noexcept {
  if (code_) return code_;
  int status = 0;
  const pid_t done = waitpid(pid_, &status, WNOHANG);
  if (done == pid_)
    ended(code_of(status));
  else if (done < 0 && errno == ECHILD)
    ended(kUnknownCode);
  return code_;
}

void Child::notified() noexcept {
  boost::intrusive_ptr<Child> keep = std::move(self_);
  if (poll()) return;
  if (!watcher_->is_closed()) {
    self_ = keep;
    // Called for nothing. Listens again, but not at once: the caller would call
    // again.
    hub().post([child = std::move(keep)] {
      if (!child->code_) child->listen();
    });
    return;
  }
  // Its hub ends, but the process does not.
  orphans().add(pid_);
  user_.reset();
  listener_.reset();
}

void Child::ended(int code) noexcept {
  const boost::intrusive_ptr<Child> keep = std::move(self_);
  code_ = code;
  user_.reset();
  listener_.reset();
  unlink();
  watcher_->close();
  waiters_.notify_all();
}

}  // namespace greenroom::detail
