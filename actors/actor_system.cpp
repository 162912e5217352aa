#include "actor_system.hpp"

#include "../runtime/tasks/spawn.hpp"

#include <pthread.h>

#include <algorithm>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

namespace greenroom {
namespace {

// A handler that swallows every kill is left until its hub ends.
constexpr Duration kKillPatience = std::chrono::seconds(5);

constexpr WaitReason kServes{"the end of its ActorSystem", true};

void pin_to_processor(std::size_t index) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(index % std::max(1U, std::thread::hardware_concurrency()), &set);
  // A process that may not use that processor runs where it may.
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

}  // namespace

// A thread with a hub, until told to end.
class ActorSystem::HubThread {
 public:
  HubThread(const ActorSystemOptions& options, std::size_t index) {
    std::promise<Hub*> started;
    std::future<Hub*> hub = started.get_future();
    thread_ = std::thread(
        [this, &options, index, &started] { run(options, index, started); });
    try {
      hub_ = hub.get();
    } catch (...) {
      thread_.join();
      throw;
    }
    id_ = hub_->id();
  }
  HubThread(const HubThread&) = delete;
  HubThread& operator=(const HubThread&) = delete;
  ~HubThread() { end(); }

  void end() {
    if (!thread_.joinable()) return;
    (void)hub_->post([this] { ends_.notify_all(); });
    thread_.join();
  }

  [[nodiscard]] Hub& hub() const noexcept { return *hub_; }
  [[nodiscard]] HubId id() const noexcept { return id_; }

 private:
  void run(const ActorSystemOptions& options, std::size_t index,
           std::promise<Hub*>& started) {
    const std::string name = options.name + "-" + std::to_string(index);
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    if (options.pin_threads) pin_to_processor(index);
    std::optional<Hub> hub;
    try {
      hub.emplace(HubOptions{.name = name, .stack_size = options.stack_size});
      (void)PostOffice::here();
    } catch (...) {
      started.set_exception(std::current_exception());
      return;
    }
    Waiter waiter(kServes, this);
    ends_.add(waiter);
    started.set_value(&*hub);
    waiter.park();
  }

  Hub* hub_ = nullptr;  // const after construction
  HubId id_ = 0;        // const after construction
  WaitList ends_;       // the hub's thread
  std::thread thread_;
};

ActorSystem::ActorSystem(ActorSystemOptions options) {
  (void)PostOffice::here();  // the caller has a hub of its own
  const std::size_t count =
      options.hubs != 0 ? options.hubs
                        : std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < count; ++i)
    hubs_.push_back(std::make_unique<HubThread>(options, i));
}

ActorSystem::~ActorSystem() { shutdown(); }

void ActorSystem::shutdown(Duration grace) {
  if (is_here())
    throw std::logic_error(
        "an ActorSystem cannot be shut down by one of its own hubs; ask the "
        "greenlet that made it");
  if (is_shut_down_.exchange(true)) return;

  // All actors end while all doors are open, so that what they still send to
  // each other arrives or is counted.
  std::vector<Reply<void>> ended(hubs_.size());
  for (std::size_t i = 0; i < hubs_.size(); ++i) {
    (void)hubs_[i]->hub().post([grace, to = ended[i].address()] {
      PostOffice::here().stop_everybody();
      greenroom::spawn([grace, to] {
        PostOffice& office = PostOffice::here();
        if (!office.wait_until_empty(grace)) {
          office.kill_everybody();
          office.wait_until_empty(kKillPatience);
        }
        PostOffice::answer(to, std::monostate());
      });
    });
  }
  for (auto& reply : ended) reply.wait();
  for (auto& hub : hubs_) hub->end();

  // Takes in what was posted while a door closed.
  for (const auto& hub : hubs_) detail::Door::of(hub->id()).sweep();
}

Hub& ActorSystem::hub(std::size_t index) const {
  // Relaxed: a race with shutdown() is the caller's.
  if (is_shut_down_.load(std::memory_order_relaxed))
    throw std::logic_error("the ActorSystem is shut down");
  return hubs_.at(index)->hub();
}

bool ActorSystem::is_here() const noexcept {
  // Relaxed: as in hub(). After a shutdown, a hub at the same place in memory
  // is another one.
  if (is_shut_down_.load(std::memory_order_relaxed)) return false;
  const Hub* here = Hub::find();
  for (const auto& hub : hubs_)
    if (here == &hub->hub()) return true;
  return false;
}

std::size_t ActorSystem::next_hub() noexcept {
  return turn_.fetch_add(1, std::memory_order_relaxed) % hubs_.size();
}

std::uint64_t ActorSystem::dead_letters() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& hub : hubs_)
    sum += PostOffice::of(hub->id())->dead_letters();
  return sum;
}

std::uint64_t ActorSystem::late_replies() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& hub : hubs_)
    sum += PostOffice::of(hub->id())->late_replies();
  return sum;
}

void ActorSystem::subscribe_to_dead_letters(
    const std::function<void(const DeadLetter&)>& call) {
  for (std::size_t i = 0; i < hubs_.size(); ++i)
    run_on(i, [call] { PostOffice::here().subscribe_to_dead_letters(call); });
}

}  // namespace greenroom
