#include "io_watcher.hpp"

#include "../core/hub.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace greenroom::detail {
namespace {

namespace asio = boost::asio;
using net::Direction;

std::string describe_fd(const void* object) {
  return "fd " + std::to_string(static_cast<const IoWatcher*>(object)->fd());
}

constexpr WaitReason kWaitsToRead{"input", false, &describe_fd};
constexpr WaitReason kWaitsToWrite{"room for output", false, &describe_fd};

// The watchers of the thread's hub, by descriptor.
thread_local constinit std::vector<IoWatcher*>* watchers = nullptr;

std::vector<IoWatcher*>& watchers_here() {
  if (watchers != nullptr) return *watchers;
  Hub::current().after_end([] {
    const std::unique_ptr<std::vector<IoWatcher*>> all(watchers);
    for (IoWatcher* watcher : *all)
      if (watcher != nullptr) watcher->close();
    watchers = nullptr;
  });
  // The greenlets that waited are not in the child of a fork(), so nobody would
  // release what they had borrowed.
  Hub::current().at_fork([] {
    for (IoWatcher* watcher : *watchers)
      if (watcher != nullptr && !watcher->is_owned()) watcher->release();
  });
  return *(watchers = new std::vector<IoWatcher*>);
}

[[noreturn]] void throw_closed() {
  throw std::system_error(EBADF, std::generic_category(),
                          "the descriptor was closed in another greenlet");
}

bool is_ready_now(int fd, Direction direction) noexcept {
  const auto event =
      static_cast<short>(direction == Direction::read ? POLLIN : POLLOUT);
  pollfd look{fd, event, 0};
  return ::poll(&look, 1, 0) > 0;
}

// Puts the flags of a descriptor back. Asio makes it non-blocking at the first
// wait, but a borrowed one, which may be anybody's stdin, is not ours to
// change.
class KeepFlags {
 public:
  explicit KeepFlags(int fd) noexcept : fd_(fd), flags_(fcntl(fd, F_GETFL)) {}
  KeepFlags(const KeepFlags&) = delete;
  KeepFlags& operator=(const KeepFlags&) = delete;
  ~KeepFlags() {
    if (flags_ >= 0 && (flags_ & O_NONBLOCK) == 0) fcntl(fd_, F_SETFL, flags_);
  }

 private:
  const int fd_;
  const int flags_;
};

// An allocator that gives out the same piece of memory again and again.
template <class T>
struct OnePlace {
  using value_type = T;

  explicit OnePlace(void* its_memory) noexcept : memory(its_memory) {}
  template <class U>
  explicit OnePlace(const OnePlace<U>& other) noexcept : memory(other.memory) {}

  T* allocate(std::size_t /*count: 1*/) noexcept {
    static_assert(sizeof(T) <= IoWatcher::kMemory);
    return static_cast<T*>(memory);
  }
  void deallocate(T* /*place*/, std::size_t /*count*/) noexcept {}

  template <class U>
  bool operator==(const OnePlace<U>& other) const noexcept {
    return memory == other.memory;
  }

  void* memory;
};

}  // namespace

struct IoWatcher::Loop {
  using Descriptor =
      asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

  explicit Loop(asio::io_context& context) : descriptor(context) {}

  Descriptor descriptor;
};

// The event loop calls it. Keeps the watcher alive until then.
class IoWatcher::Handler {
 public:
  using allocator_type = OnePlace<void>;

  Handler(IoWatcher& watcher, Direction direction) noexcept
      : watcher_(&watcher), direction_(direction) {}

  [[nodiscard]] allocator_type get_allocator() const noexcept {
    return allocator_type(watcher_->side(direction_).memory.data());
  }
  // The call that follows will report the error.
  void operator()(const boost::system::error_code& /*error*/) const noexcept {
    watcher_->heard(direction_);
  }

 private:
  IoWatcherPtr watcher_;
  Direction direction_;
};

IoWatcherPtr IoWatcher::of(int fd, Ownership ownership) {
  if (fd < 0)
    throw std::system_error(EBADF, std::generic_category(),
                            "fd " + std::to_string(fd));
  auto& all = watchers_here();
  const auto index = static_cast<std::size_t>(fd);
  if (index >= all.size()) all.resize(index + 1);

  if (IoWatcher* found = all[index]; found != nullptr) {
    if (ownership == Ownership::borrowed) return found;
    found->release();  // closed behind its back, or taken over
  }
  IoWatcherPtr made(new IoWatcher(Hub::current(), fd, ownership));
  all[index] = made.get();
  return made;
}

IoWatcher::IoWatcher(Hub& hub, int fd, Ownership ownership)
    : hub_(hub),
      is_owned_(ownership == Ownership::owned),
      fd_(fd),
      loop_(std::make_unique<Loop>(hub.io_context())) {
  boost::system::error_code error;
  loop_->descriptor.assign(fd, error);
  if (error) throw std::system_error(error, "fd " + std::to_string(fd));
}

IoWatcher::~IoWatcher() { close(); }

void intrusive_ptr_release(IoWatcher* watcher) noexcept {
  if (--watcher->references_ == 0) delete watcher;
}

IoWatcher::Use::Use(IoWatcher& watcher) noexcept
    : watcher_(&watcher), user_(watcher.hub_) {
  ++watcher.uses_;
}

IoWatcher::Use::~Use() {
  if (--watcher_->uses_ == 0 && !watcher_->is_owned_) watcher_->release();
}

bool IoWatcher::wait(Direction direction, Duration limit) {
  if (is_closed()) throw_closed();  // perhaps with its hub
  hub_.assert_here("a wait for I/O");
  if (take_ready(direction)) return true;

  const Use use(*this);  // and keeps this alive
  Waiter waiter(direction == Direction::read ? kWaitsToRead : kWaitsToWrite,
                this);
  arm(direction);
  waiters(direction).add(waiter);
  const bool is_ready = waiter.park(limit);
  if (is_closed()) throw_closed();
  // Timers run before the event loop looks: it may be ready although the time
  // has passed.
  return is_ready || is_ready_now(fd_, direction);
}

void IoWatcher::arm(Direction direction) {
  if (std::exchange(side(direction).is_armed, true)) return;
  std::optional<KeepFlags> keep_flags;
  if (!std::exchange(was_armed_, true) && !is_owned_) keep_flags.emplace(fd_);
  loop_->descriptor.async_wait(direction == Direction::read
                                   ? Loop::Descriptor::wait_read
                                   : Loop::Descriptor::wait_write,
                               Handler(*this, direction));
}

bool IoWatcher::take_ready(Direction direction) noexcept {
  return std::exchange(side(direction).is_ready, false);
}

void IoWatcher::heard(Direction direction) noexcept {
  Side& heard_side = side(direction);
  heard_side.is_armed = false;
  if (is_closed()) return;
  heard_side.is_ready = heard_side.waiters.empty();
  heard_side.waiters.notify_all();
}

void IoWatcher::close() noexcept {
  if (is_closed()) return;
  const bool is_ours = is_owned_;
  const int fd = let_go();
  if (is_ours) ::close(fd);
}

int IoWatcher::release() noexcept { return is_closed() ? -1 : let_go(); }

int IoWatcher::let_go() noexcept {
  // Leaves the event loop while the descriptor is still open: as soon as it is
  // closed, its number may belong to another file.
  loop_->descriptor.release();
  loop_.reset();
  (*watchers)[static_cast<std::size_t>(fd_)] = nullptr;
  const int fd = std::exchange(fd_, -1);
  for (Side& each : sides_) each.waiters.notify_all();
  return fd;
}

}  // namespace greenroom::detail
