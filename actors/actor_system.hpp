// An ActorSystem is a number of hubs, each with a thread of its own, for actors
// to live on.
//
// Thread rule: spawn(), run_on() and the counters: any greenlet. One thread,
// which is not one of the system's, makes, shuts down and destroys it.
#pragma once

#include "../messaging/post_office.hpp"
#include "../runtime/core/export.hpp"
#include "../runtime/core/hub.hpp"
#include "actor.hpp"
#include "ref.hpp"
#include "spawn.hpp"

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace greenroom {

/// How many hubs an ActorSystem has, and how they are made.
struct ActorSystemOptions {
  /// How many hubs, and threads; 0: one per processor.
  std::size_t hubs = 0;
  /// Hub i and its thread are called "<name>-<i>".
  std::string name = "system";
  /// Keep thread i on processor i (modulo their number).
  bool pin_threads = false;
  /// As HubOptions::stack_size.
  std::size_t stack_size = HubOptions{}.stack_size;
};

class GREENROOM_API ActorSystem {
 public:
  /// Starts the threads; returns when all hubs run. Throws std::system_error if
  /// a thread cannot be started, and std::runtime_error beyond kMaxHubs.
  explicit ActorSystem(ActorSystemOptions options = {});
  ActorSystem(const ActorSystem&) = delete;
  ActorSystem& operator=(const ActorSystem&) = delete;
  /// shutdown() without grace.
  ~ActorSystem();

  /// Makes an A: on the calling hub if that is one of the system's, else on
  /// the next hub in turn. In the latter case, parks until it has been made.
  /// Throws what A's constructor throws, and std::logic_error after shutdown().
  template <std::derived_from<Actor> A, class... Args>
  Ref<A> spawn(Args&&... args) {
    if (is_here()) return greenroom::spawn<A>(std::forward<Args>(args)...);
    return spawn_on<A>(next_hub(), std::forward<Args>(args)...);
  }

  /// As spawn(), on hub `index`. Throws std::out_of_range.
  template <std::derived_from<Actor> A, class... Args>
  Ref<A> spawn_on(std::size_t index, Args&&... args) {
    return run_on(index, [... args = std::forward<Args>(args)]() mutable {
      return greenroom::spawn<A>(std::move(args)...);
    });
  }

  /// Runs `call()` in a greenlet on hub `index`, parks until it has returned,
  /// and returns or throws what it did. Kill: the call goes on.
  template <class Call>
  auto run_on(std::size_t index, Call call);

  /// Asks all actors to stop, kills those that still wait in a handler after
  /// `grace`, parks until all have ended, and then ends the threads. Later
  /// sends are dead letters. A second call does nothing. Throws
  /// std::logic_error if called on one of the system's own hubs.
  void shutdown(Duration grace = Duration::zero());

  /// How many hubs it has.
  [[nodiscard]] std::size_t size() const noexcept { return hubs_.size(); }

  /// How many messages for actors of this system reached nobody. Each hub
  /// number is counted since the first hub that had it: compare two readings.
  [[nodiscard]] std::uint64_t dead_letters() const noexcept;
  /// How many answers came when nobody waited for them any more; counted in the
  /// same way.
  [[nodiscard]] std::uint64_t late_replies() const noexcept;
  /// Runs `call` for each dead letter, on the hub where it was found: several
  /// threads may run it at the same time.
  void subscribe_to_dead_letters(
      const std::function<void(const DeadLetter&)>& call);

 private:
  class HubThread;

  [[nodiscard]] Hub& hub(std::size_t index) const;
  [[nodiscard]] bool is_here() const noexcept;
  [[nodiscard]] std::size_t next_hub() noexcept;

  // const after construction
  std::vector<std::unique_ptr<HubThread>> hubs_;

  // any thread; relaxed: it only spreads actors out
  std::atomic<std::size_t> turn_{0};
  std::atomic<bool> is_shut_down_{false};
};

template <class Call>
auto ActorSystem::run_on(std::size_t index, Call call) {
  using R = std::invoke_result_t<Call&>;
  Reply<R> result;
  const bool posted = hub(index).post(
      [call = std::move(call), to = result.address()]() mutable {
        greenroom::spawn([call = std::move(call), to]() mutable {
          try {
            if constexpr (std::is_void_v<R>) {
              call();
              PostOffice::answer(to, std::monostate());
            } else {
              PostOffice::answer(to, call());
            }
          } catch (...) {
            PostOffice::answer(to, Failure{std::current_exception()});
          }
        });
      });
  if (!posted) throw std::logic_error("the ActorSystem is shut down");
  return static_cast<R>(result.take());
}

}  // namespace greenroom
