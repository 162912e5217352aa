#include "door.hpp"

#include "sanitizer.hpp"

#include <concurrentqueue.h>
#include <linux/membarrier.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#if defined(GREENROOM_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace greenroom::detail {
namespace {

PerHub<Door>& doors() {
  // Outlives static destruction, and is ready for signal handlers at any time.
  static constinit PerHub<Door> all;
  return all;
}

// Which hub numbers are taken. A mutex, because it is used rarely: when a hub
// begins or ends, by sweep(), and to find a deadlock. docs/decisions/0003.
struct Registry {
  std::mutex lock;
  std::array<bool, kMaxHubs> taken{};
};

Registry& registry() {
  static auto* only = new Registry;
  return *only;
}

long membarrier(int command) { return syscall(__NR_membarrier, command, 0, 0); }

// Whether a hub that falls asleep can make all other threads pass a full fence,
// so that those who post need none. docs/decisions/0003.
bool register_membarrier() noexcept {
#if defined(GREENROOM_TSAN)
  return false;  // TSan would not see it
#else
  return membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
#endif
}

const bool has_membarrier = register_membarrier();

int new_bell() {
  const int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (bell < 0)
    throw std::system_error(errno, std::generic_category(),
                            "greenroom: eventfd for a hub");
  return bell;
}

void ring(int bell) noexcept {
  const std::uint64_t once = 1;
  // Fails only if the counter is full, and then the bell has been rung.
  (void)!write(bell, &once, sizeof once);
}

// TSan does not understand the fences inside moodycamel's queue, so we tell it
// of each hand-over.
void announce_posting([[maybe_unused]] Posted* item) noexcept {
#if defined(GREENROOM_TSAN)
  __tsan_release(item);
#endif
}

void announce_taking([[maybe_unused]] Posted* item) noexcept {
#if defined(GREENROOM_TSAN)
  __tsan_acquire(item);
#endif
}

}  // namespace

struct Door::Queue {
  moodycamel::ConcurrentQueue<Posted*> items;
  moodycamel::ConsumerToken consumer{items};
};

namespace {

using Token = moodycamel::ProducerToken;

// One token for each door that this thread has posted to. A token keeps the
// thread's items in order, also when the thread gets a hub or loses it, and
// saves the queue a look-up. Tokens end with the thread, or with its hub if
// that ends later.
thread_local constinit std::vector<std::unique_ptr<Token>>* tokens = nullptr;
thread_local constinit bool thread_has_hub = false;
thread_local constinit bool thread_ends = false;

void drop_tokens() noexcept { delete std::exchange(tokens, nullptr); }

struct AtThreadEnd {
  ~AtThreadEnd() {
    thread_ends = true;
    if (!thread_has_hub) drop_tokens();
  }
};

// False at the very end of a thread, which then posts without a token.
bool has_tokens() {
  if (tokens != nullptr) [[likely]]
    return true;
  if (thread_ends && !thread_has_hub) return false;
  tokens = new std::vector<std::unique_ptr<Token>>;
  thread_local const AtThreadEnd at_thread_end;
  return true;
}

}  // namespace

Door::Door(HubId id)
    : id_(id), queue_(std::make_unique<Queue>()), bell_(new_bell()) {}

Door::~Door() { ::close(bell_); }

void Door::before_fork() noexcept { registry().lock.lock(); }

void Door::after_fork_in_parent() noexcept { registry().lock.unlock(); }

void Door::after_fork_in_child(std::size_t survivor) {
  for (std::size_t id = 0; id < kMaxHubs; ++id) {
    Door* door = doors().find(static_cast<HubId>(id));
    if (door == nullptr) continue;
    if (id != survivor) {
      registry().taken[id] = false;
      door->state_.store(State::closed);
    }
    ::close(door->bell_);
    door->bell_ = new_bell();
    // Other threads may have been inside the old queue: do not touch it.
    (void)door->queue_.release();
    door->queue_ = std::make_unique<Queue>();
  }
  tokens = nullptr;  // they belong to the old queues
  registry().lock.unlock();
}

Door& Door::of(HubId id) noexcept { return *doors().find(id); }

HubId Door::open() {
  const std::scoped_lock guard(registry().lock);
  for (std::size_t id = 0; id < kMaxHubs; ++id) {
    if (registry().taken[id]) continue;
    registry().taken[id] = true;
    Door& door = doors().get_or_make(static_cast<HubId>(id));
    // Release: pairs with the acquire in post().
    door.state_.store(State::awake, std::memory_order_release);
    thread_has_hub = true;
    return static_cast<HubId>(id);
  }
  throw std::runtime_error("greenroom: " + std::to_string(kMaxHubs) +
                           " hubs exist already (kMaxHubs)");
}

void Door::close() noexcept {
  // Sequentially consistent: if a thread has seen the door open and posts, its
  // item is seen by the let_in() below or by the next hub of this number.
  state_.store(State::closed);
  let_in();
  const std::scoped_lock guard(registry().lock);
  registry().taken[id_] = false;
}

bool Door::post(Posted& item) noexcept {
  // Acquire: pairs with the release in open().
  if (state_.load(std::memory_order_acquire) == State::closed) return false;
  enqueue(item);
  knock();
  return true;
}

void Door::post_quietly(Posted& item) noexcept { enqueue(item); }

void Door::enqueue(Posted& item) noexcept {
  announce_posting(&item);
  if (!has_tokens()) {
    queue_->items.enqueue(&item);
    return;
  }
  if (tokens->size() <= id_) tokens->resize(id_ + 1U);
  auto& token = (*tokens)[id_];
  if (token == nullptr) token = std::make_unique<Token>(queue_->items);
  queue_->items.enqueue(*token, &item);
}

void Door::knock() noexcept {
  // The item must be visible before the state is read. Pairs with the sleeper's
  // barrier in fall_asleep().
  if (has_membarrier) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    // Relaxed: that barrier makes a stale value impossible.
    if (state_.load(std::memory_order_relaxed) == State::awake) [[likely]]
      return;
  }
  wake_up([this] { ring(bell_); });
}

void Door::call_everybody(Call call) noexcept {
  for (std::size_t id = 0; id < kMaxHubs; ++id) {
    Door* door = doors().find(static_cast<HubId>(id));
    // Relaxed: to call a hub that ends meanwhile does no harm.
    if (door == nullptr ||
        door->state_.load(std::memory_order_relaxed) == State::closed)
      continue;
    // Before the bell, so that the hub it wakes finds the call. Relaxed: the
    // bell is a system call here and there, which keeps the order.
    door->call_.store(call, std::memory_order_relaxed);
    ring(door->bell_);
  }
}

bool Door::let_in() noexcept {
  constexpr std::size_t batch = 128;
  std::array<Posted*, batch> items;
  bool any = false;
  for (;;) {
    const std::size_t count =
        queue_->items.try_dequeue_bulk(queue_->consumer, items.begin(), batch);
    if (count == 0) return any;
    any = true;
    for (std::size_t i = 0; i < count; ++i) {
      announce_taking(items[i]);
      items[i]->arrive();
    }
  }
}

void Door::sweep() noexcept {
  // The lock keeps a new hub of this number from taking items at the same
  // time.
  const std::scoped_lock guard(registry().lock);
  if (!registry().taken[id_]) let_in();
}

bool Door::fall_asleep(bool dormant) noexcept {
  // Reads what it replaces, so that what a poster put in before it found the
  // hub awake is seen below; see wake_up().
  state_.exchange(dormant ? State::dormant : State::asleep);
  if (has_membarrier) membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
  if (queue_->items.size_approx() == 0) return true;
  awake();
  return false;
}

bool Door::awake() noexcept {
  // If a poster was faster, its ring may still be on its way. The event loop
  // will read it and do nothing.
  return !wake_up([] {});
}

template <class Then>
bool Door::wake_up(Then then) noexcept {
  // Replaces the state even by itself. Where there is no membarrier, that is
  // what orders it after the enqueue: this comes before the exchange in
  // fall_asleep(), and then the hub finds the item, or after it, and then the
  // hub is seen asleep. A load could see an old state, also on x86-64.
  State seen = State::awake;
  while (!state_.compare_exchange_weak(seen, State::awake))
    if (seen == State::closed) return false;
  if (seen == State::awake) return false;
  // Relaxed: all_quiet() looks twice, and the watchdog looks again.
  activity_.fetch_add(1, std::memory_order_relaxed);
  then();
  return true;
}

bool Door::is_quiet() const noexcept {
  const State state = state_.load();
  return state != State::awake && state != State::asleep &&
         queue_->items.size_approx() == 0;
}

bool Door::all_quiet(HubId caller) {
  const std::scoped_lock guard(registry().lock);
  // The hubs are looked at one after the other. If none woke up between the
  // first look and the last, there was a moment when all of them were quiet.
  const auto look = [caller](std::size_t& wakes) {
    wakes = 0;
    for (std::size_t id = 0; id < kMaxHubs; ++id) {
      const Door* door = doors().find(static_cast<HubId>(id));
      if (door == nullptr) continue;
      wakes += door->activity_.load();
      const bool empty = door->queue_->items.size_approx() == 0;
      if (id == caller ? !empty : registry().taken[id] && !door->is_quiet())
        return false;
    }
    return true;
  };
  std::size_t before = 0;
  std::size_t after = 0;
  return look(before) && look(after) && before == after;
}

std::size_t Door::open_doors() {
  const std::scoped_lock guard(registry().lock);
  return static_cast<std::size_t>(
      std::count(registry().taken.begin(), registry().taken.end(), true));
}

void Door::forget_tokens() noexcept {
  thread_has_hub = false;
  if (thread_ends) drop_tokens();
}

}  // namespace greenroom::detail
