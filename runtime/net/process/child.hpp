// A Child is a process that this one has started, until its end is known. It
// keeps itself alive until then, so that no process stays a zombie after its
// Popen has gone.
//
// A pidfd (Linux 5.3) tells its end. A pidfd belongs to one child and one hub:
// there is no SIGCHLD handler, nothing is shared, and the children of others
// are left alone.
//
// Thread rule: owning hub only.
#pragma once

#include "../../core/wait.hpp"
#include "../io_user.hpp"
#include "../io_watcher.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <sys/types.h>

#include <optional>

namespace greenroom::detail {

class Child final
    : public WaitNode,
      public boost::intrusive_ref_counter<Child, boost::thread_unsafe_counter> {
 public:
  /// Has the calling thread's hub look after the process. If it cannot, kills
  /// the process, waits for its end and throws std::system_error.
  static boost::intrusive_ptr<Child> adopt(pid_t pid);
  ~Child() = default;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// The exit status, or -signal, if its end is known.
  [[nodiscard]] std::optional<int> code() const noexcept { return code_; }
  /// Asks the system, then returns code(). Wakes those who wait.
  std::optional<int> poll() noexcept;
  /// Those who wait for the end.
  [[nodiscard]] WaitList& waiters() noexcept { return waiters_; }
  [[nodiscard]] Hub& hub() const noexcept { return watcher_->hub(); }

  /// The process no longer keeps the hub running; its end is still collected.
  void disown() noexcept { user_.reset(); }

 private:
  Child(pid_t pid, IoWatcherPtr watcher);

  void listen();
  void notified() noexcept override;
  void ended(int code) noexcept;

  // const after construction
  const pid_t pid_;
  const IoWatcherPtr watcher_;

  // owning hub only
  std::optional<int> code_;
  WaitList waiters_;
  std::optional<IoUser> user_;
  std::optional<IoListener> listener_;
  boost::intrusive_ptr<Child> self_;  // until its end is known
};

}  // namespace greenroom::detail
