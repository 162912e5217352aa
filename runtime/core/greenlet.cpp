#include "greenlet.hpp"

#include "hub.hpp"
#include "label.hpp"
#include "local_table.hpp"
#include "report.hpp"
#include "slab.hpp"

#include <algorithm>
#include <deque>
#include <new>
#include <optional>
#include <stdexcept>
#include <vector>

namespace greenroom {
namespace {

constexpr WaitReason kWaitsForStart{"its start"};
constexpr WaitReason kWaitsForEnd{"the end of a greenlet"};

bool is_exit(const std::exception_ptr& what) noexcept {
  if (what == nullptr) return false;
  try {
    std::rethrow_exception(what);
  } catch (const GreenletExit&) {
    return true;
  } catch (...) {
    return false;
  }
}

std::exception_ptr or_exit(std::exception_ptr what) {
  return what == nullptr ? std::make_exception_ptr(GreenletExit()) : what;
}

}  // namespace

// A callback that waits for the end; it runs in a greenlet of its own.
class Greenlet::Link final : public WaitNode {
 public:
  Link(Greenlet& target, LinkToken token, LinkWhen when, Callback callback)
      : target_(target),
        token_(token),
        when_(when),
        callback_(std::move(callback)) {}

  [[nodiscard]] LinkToken token() const noexcept { return token_; }
  [[nodiscard]] bool hears_failures() const noexcept {
    return when_ != LinkWhen::succeeded;
  }
  Callback& callback() noexcept { return callback_; }

  void notified() noexcept override {
    const bool failed = target_.exception_ != nullptr && !target_.exited_;
    if (when_ == (failed ? LinkWhen::succeeded : LinkWhen::failed)) return;
    if (failed) target_.unseen_ = false;
    make_greenlet<Call>(target_, token_)->start();
  }

 private:
  class Call final : public Greenlet {
   public:
    Call(Greenlet& target, LinkToken token) : target_(&target), token_(token) {}

   private:
    // The target is let go of here, where its destructors may park.
    void run() override {
      const GreenletPtr target = std::move(target_);
      target->call_link(token_);
    }

    GreenletPtr target_;
    const LinkToken token_;
  };

  Greenlet& target_;
  const LinkToken token_;
  const LinkWhen when_;
  Callback callback_;
};

struct Greenlet::Extras {
  struct Interrupt {
    std::exception_ptr what;
    const void* sender;
  };

  // The delay of start_later().
  struct Delay : detail::Timer {
    explicit Delay(Greenlet& owner)
        : Timer([](Timer& timer) noexcept {
            static_cast<Delay&>(timer).greenlet.begin_after_delay();
          }),
          greenlet(owner) {}
    Greenlet& greenlet;
    Waiting waiting;
  };

  std::string name;
  std::size_t stack_size = 0;
  std::deque<Interrupt> interrupts;
  std::optional<Delay> delay;
  std::vector<std::unique_ptr<Link>> links;
  std::uint64_t last_link = 0;
  std::optional<detail::LocalTable> locals;
};

Greenlet::Greenlet()
    : hub_(Hub::current()),
      id_(++hub_.last_greenlet_id_),
      parent_id_(hub_.running_ == nullptr ? 0 : hub_.running_->id_) {}

Greenlet::~Greenlet() = default;

void* Greenlet::operator new(std::size_t size) {
  (void)Hub::current();  // has a slab
  return detail::Slab::mine()->allocate(size);
}

void Greenlet::operator delete(void* memory, std::size_t size) noexcept {
  if (auto* slab = detail::Slab::mine())
    slab->release(memory, size);
  else
    detail::Slab::release_foreign(memory, size);
}

void Greenlet::assert_on_hub(const char* call) const { hub_.assert_here(call); }

// ---- beginning

void Greenlet::start() {
  assert_on_hub("Greenlet::start");
  if (state_ != State::created) return;
  hub_.spawned(*this);
  intrusive_ptr_add_ref(this);  // the hub's; given back at the end
  hub_.make_ready(*this);
}

void Greenlet::start_next() {
  assert_on_hub("Greenlet::start_next");
  if (state_ != State::created) return;
  intrusive_ptr_add_ref(this);
  hub_.make_ready_next(*this);
}

void Greenlet::start_later(Duration delay) {
  assert_on_hub("Greenlet::start_later");
  if (state_ != State::created) return;
  hub_.spawned(*this);
  intrusive_ptr_add_ref(this);
  state_ = State::delayed;
  auto& timer = extras().delay.emplace(*this);
  timer.start(hub_.timers_, deadline_after(hub_.now(), delay));
  timer.waiting.greenlet = this;
  timer.waiting.reason = &kWaitsForStart;
  timer.waiting.since = hub_.now_;
  hub_.waiting_.push_back(timer.waiting);
}

void Greenlet::begin_after_delay() noexcept {
  hub_.waiting_.erase(hub_.waiting_.iterator_to(extras_->delay->waiting));
  extras_->delay.reset();
  hub_.make_ready(*this);
}

void Greenlet::dispatch() noexcept {
  try {
    run();
    finish(nullptr);
  } catch (...) {
    finish(std::current_exception());
  }
  intrusive_ptr_release(this);
}

// ---- the end

void Greenlet::finish(std::exception_ptr why, bool somebody_knows) noexcept {
  end_locals();
  state_ = State::dead;
  check_before_dispatch_ = true;
  if (why != nullptr) keep(std::move(why), somebody_knows);
  waiters_.notify_all();
}

void Greenlet::keep(std::exception_ptr why, bool somebody_knows) noexcept {
  exited_ = is_exit(why);
  exception_ = std::move(why);
  if (exited_ || somebody_knows) return;
  // Nobody waits for it, is linked to it or holds it: nobody will ever look.
  if (waiters_.empty() && references_ <= 1)
    detail::print_failure(*this, exception_);
  else
    unseen_ = true;
}

// Called when the last handle goes and nobody has looked. Not in the
// destructor, which no longer knows the greenlet's name.
void Greenlet::print_unseen() const noexcept {
  detail::print_failure(*this, exception_);
}

bool Greenlet::join(Duration limit) {
  assert_on_hub("Greenlet::join");
  if (dead()) return true;
  if (hub_.running_ == this)
    throw SelfJoinError(name() + " cannot wait for its own end");
  Waiter waiter(kWaitsForEnd, this);
  waiters_.add(waiter);
  return waiter.park(limit);
}

void Greenlet::get(Duration limit) {
  if (!join(limit)) throw TimeoutError(limit);
  rethrow_failure();
}

void Greenlet::rethrow_failure() const {
  unseen_ = false;
  if (exception_ != nullptr) std::rethrow_exception(exception_);
}

bool Greenlet::started() const noexcept {
  return state_ != State::created && state_ != State::dead;
}

bool Greenlet::successful() const noexcept {
  unseen_ = false;
  return dead() && (exception_ == nullptr || exited_);
}

std::exception_ptr Greenlet::exception() const noexcept {
  unseen_ = false;
  return exited_ ? nullptr : exception_;
}

// ---- kill

bool Greenlet::kill(std::exception_ptr what, Duration limit) {
  assert_on_hub("Greenlet::kill");
  if (hub_.running_ == this && !dead())
    std::rethrow_exception(or_exit(std::move(what)));
  kill_soon(std::move(what));
  return join(limit);
}

void Greenlet::kill_soon(std::exception_ptr what) {
  assert_on_hub("Greenlet::kill_soon");
  if (dead()) return;
  if (begun_ || this == hub_.main_.get()) {
    interrupt(or_exit(std::move(what)));
    return;
  }
  const GreenletPtr guard(this);
  const bool was_delayed = state_ == State::delayed;
  if (was_delayed) {
    hub_.waiting_.erase(hub_.waiting_.iterator_to(extras_->delay->waiting));
    extras_->delay.reset();
  }
  end_unbegun(or_exit(std::move(what)));
  // A greenlet in the ready queue is released when its turn comes.
  if (was_delayed) intrusive_ptr_release(this);
}

void Greenlet::interrupt(std::exception_ptr what, const void* sender) {
  if (dead()) return;
  extras().interrupts.push_back({std::move(what), sender});
  interrupted_ = true;
  attention_ = true;
  if (state_ == State::parked && !waiter_->record_.is_shielded)
    waiter_->wake(Waiter::Outcome::interrupted);
  else if (state_ == State::resting)
    interrupted_at_rest();
}

void Greenlet::withdraw_interrupt(const void* sender) noexcept {
  if (!interrupted_) return;
  auto& waiting = extras_->interrupts;
  std::erase_if(waiting, [sender](const Extras::Interrupt& interrupt) {
    return interrupt.sender == sender;
  });
  interrupted_ = !waiting.empty();
}

std::exception_ptr Greenlet::take_interrupt() noexcept {
  if (!interrupted_) return nullptr;
  auto& waiting = extras_->interrupts;
  std::exception_ptr what = std::move(waiting.front().what);
  waiting.pop_front();
  interrupted_ = !waiting.empty();
  return what;
}

void Greenlet::throw_interrupt() { std::rethrow_exception(take_interrupt()); }

// ---- links

LinkToken Greenlet::link(Callback callback) {
  return add_link(std::move(callback), LinkWhen::always);
}

LinkToken Greenlet::link_value(Callback callback) {
  return add_link(std::move(callback), LinkWhen::succeeded);
}

LinkToken Greenlet::link_exception(Callback callback) {
  return add_link(std::move(callback), LinkWhen::failed);
}

LinkToken Greenlet::add_link(Callback callback, LinkWhen when) {
  assert_on_hub("Greenlet::link");
  const auto token = LinkToken{++extras().last_link};
  auto& links = extras_->links;
  links.push_back(
      std::make_unique<Link>(*this, token, when, std::move(callback)));
  if (dead())
    links.back()->notified();
  else
    waiters_.add(*links.back());
  return token;
}

void Greenlet::unlink(LinkToken token) noexcept {
  if (extras_ == nullptr) return;
  std::erase_if(extras_->links,
                [token](const auto& link) { return link->token() == token; });
}

void Greenlet::call_link(LinkToken token) {
  auto& links = extras_->links;
  const auto found = std::find_if(
      links.begin(), links.end(),
      [token](const auto& link) { return link->token() == token; });
  if (found == links.end()) return;  // unlinked meanwhile
  const Callback callback = std::move((*found)->callback());
  links.erase(found);
  callback(*this);
}

// ---- Locals

detail::LocalTable* Greenlet::find_locals() const noexcept {
  return extras_ == nullptr || !extras_->locals ? nullptr : &*extras_->locals;
}

detail::LocalTable& Greenlet::locals() {
  auto& locals = extras().locals;
  return locals ? *locals : locals.emplace(hub_.local_tables());
}

void Greenlet::end_locals() noexcept {
  if (auto* locals = find_locals()) locals->clear();
}

// ---- names and other extras

Greenlet::Extras& Greenlet::extras() {
  if (extras_ == nullptr) extras_ = std::make_unique<Extras>();
  return *extras_;
}

std::string Greenlet::name() const {
  if (extras_ != nullptr && !extras_->name.empty()) return extras_->name;
  detail::Label label;
  write_default_name(label);
  return label.in_words();
}

void Greenlet::write_name(detail::Label& label) const noexcept {
  if (extras_ != nullptr && !extras_->name.empty())
    label << extras_->name;
  else
    write_default_name(label);
}

void Greenlet::write_default_name(detail::Label& label) const noexcept {
  label << "Greenlet-" << id_;
}

void Greenlet::set_name(std::string name) { extras().name = std::move(name); }

void Greenlet::set_stack_size(std::size_t size) {
  if (state_ != State::created)
    throw std::logic_error("the stack size of " + name() +
                           " can only be set before it starts");
  extras().stack_size = size;
  wants_stack_ = true;
  check_before_dispatch_ = true;
}

std::size_t Greenlet::stack_size() const noexcept {
  return wants_stack_ ? extras_->stack_size : hub_.stacks_.default_size();
}

}  // namespace greenroom
