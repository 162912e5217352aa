// A Child is a process that this one has started, until its end is known. It
// holds itself until then, so that nobody stays a zombie whose Popen is gone.
//
// Its end is heard of through a pidfd (Linux 5.3), which belongs to one child
// and one hub: no SIGCHLD handler, nothing shared, and children of others are
// left alone.
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
  /// Has the calling thread's hub look after it. If it cannot, kills it, waits
  /// for its end and throws std::system_error.
  static boost::intrusive_ptr<Child> adopt(pid_t pid);
  ~Child() = default;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// The exit status, or -signal, if its end is known.
  [[nodiscard]] std::optional<int> code() const noexcept { return code_; }
  /// code(), after asking the system. Wakes those who wait.
  std::optional<int> poll() noexcept;
  /// Notified at the end.
  [[nodiscard]] WaitList& waiters() noexcept { return waiters_; }
  [[nodiscard]] Hub& hub() const noexcept { return watcher_->hub(); }

  /// The hub does not stay for it any more; its end is still seen to.
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
