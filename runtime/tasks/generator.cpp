#include "generator.hpp"

#include "../core/errors.hpp"
#include "../core/hub.hpp"
#include "../core/report.hpp"

namespace greenroom::detail {
namespace {

constexpr WaitReason kWaitsForValue{"a generator to yield"};
constexpr WaitReason kWaitsForAsker{"somebody to ask for more"};
constexpr WaitReason kWaitsForUnwinding{"a generator to be unwound"};

// Shows a parked greenlet's wait to the other side, while it lasts.
class Shown {
 public:
  Shown(Waiter*& place, Waiter& waiter) noexcept : place_(place) {
    place = &waiter;
  }
  Shown(const Shown&) = delete;
  Shown& operator=(const Shown&) = delete;
  ~Shown() { place_ = nullptr; }

 private:
  Waiter*& place_;
};

}  // namespace

GeneratorCore::GeneratorCore() : hub_(Hub::current()) {}

void GeneratorCore::assert_may_ask() const {
  hub_.assert_here("Generator::next");
  if (asker_ != nullptr || hub_.running() == greenlet_.get())
    throw ConcurrentObjectUseError(
        "a generator was asked for a value while it is making one");
}

void GeneratorCore::refuse_to_send() {
  throw InvalidSwitchError(
      "send() to a generator that has not come to its first yield");
}

bool GeneratorCore::go_on() {
  if (!has_yielded_ && !greenlet_->dead()) {
    Waiter waiter(kWaitsForValue, this);
    const Shown shown(asker_, waiter);
    if (yielder_ != nullptr)
      yielder_->hand_over();
    else
      greenlet_->start_next();  // one that has begun waits for something else
    waiter.park();
  }
  if (std::exchange(has_yielded_, false)) return true;
  if (failure_ != nullptr)
    std::rethrow_exception(std::exchange(failure_, nullptr));
  return false;
}

void GeneratorCore::assert_may_yield() const {
  hub_.assert_here("yield");
  if (hub_.running() != greenlet_.get())
    throw InvalidSwitchError("yield was called outside of its generator");
  if (is_closing_) throw GreenletExit();
}

void GeneratorCore::yield() {
  has_yielded_ = true;
  {
    Waiter waiter(kWaitsForAsker, this);
    const Shown shown(yielder_, waiter);
    if (asker_ != nullptr) asker_->hand_over();
    waiter.park();
  }
  if (is_closing_) throw GreenletExit();
}

void GeneratorCore::run(const std::function<void()>& function) noexcept {
  try {
    function();
  } catch (const GreenletExit&) {
    // Closed, or killed with everything else: it has ended.
  } catch (...) {
    failure_ = std::current_exception();
  }
  if (asker_ != nullptr) asker_->hand_over();
}

void GeneratorCore::close() noexcept {
  if (!greenlet_->dead()) {
    hub_.assert_here("~Generator");
    is_closing_ = true;
    if (!greenlet_->started()) return;
    const Greenlet* running = hub_.running();
    if (running == nullptr || running == greenlet_.get()) {
      // Here nothing can wait: the function is unwound in its turn.
      greenlet_->kill_soon();
      return;
    }
    Waiter waiter(kWaitsForUnwinding, this);
    waiter.shield();
    const Shown shown(asker_, waiter);
    if (yielder_ != nullptr)
      yielder_->hand_over();
    else
      greenlet_->kill_soon();
    if (!greenlet_->dead()) waiter.park();
  }
  if (failure_ != nullptr) print_failure(*greenlet_, failure_);
}

}  // namespace greenroom::detail
