// A Reply is what an ask returns: an AsyncResult that gets the answer, wherever
// that comes from. It is a one-shot mailbox with an address of its own.
//
// Thread rule: owning hub only; its address may go anywhere.
#pragma once

#include "../runtime/core/export.hpp"
#include "../runtime/sync/async_result.hpp"
#include "post_office.hpp"

#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace greenroom {

/// The answer to an ask has another type than the asker expects.
class GREENROOM_API BadReply : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace detail {

// What was asked, for the text of a timeout.
struct Question {
  Address to;
  const MessageType* type = nullptr;
  TimePoint asked_at{};
  TimePoint deadline = TimePoint::max();
};

/// Throws a TimeoutError that says who asked whom for what, how long it waited,
/// and what the asked actor is doing.
[[noreturn]] GREENROOM_API void throw_ask_timeout(const Question& question,
                                                  Duration limit);

/// What is left until the deadline of a question, at most `limit`.
[[nodiscard]] GREENROOM_API Duration time_left(const Question& question,
                                               Duration limit);
[[nodiscard]] inline Duration limit_of(const Question& question,
                                       Duration limit) {
  if (question.deadline == TimePoint::max()) [[likely]]
    return limit;
  return time_left(question, limit);
}

/// Why this payload does not answer somebody who expects another type: what the
/// Failure says, else BadReply.
[[nodiscard]] GREENROOM_API std::exception_ptr failure_in(
    const MessageType& type, void* payload, const std::type_info& expected);

}  // namespace detail

template <class R>
class Reply final : public AsyncResult<R>, private detail::ReplyBox {
 public:
  /// Expects an answer at address(). An answer that comes after this has been
  /// destroyed is counted as late, and nothing else happens.
  Reply() : address_(PostOffice::here().add_reply(*this)) {}
  Reply(Reply&& other) noexcept
      : AsyncResult<R>(std::move(other)),
        question_(other.question_),
        address_(std::exchange(other.address_, {})) {
    if (!address_.is_nobody()) PostOffice::here().move_reply(address_, *this);
  }
  Reply& operator=(Reply&&) = delete;
  ~Reply() override {
    if (!address_.is_nobody()) PostOffice::here().remove_reply(address_);
  }

  /// Nobody once it has been answered.
  [[nodiscard]] const Address& address() const noexcept { return address_; }

  /// What was asked: for the text of a timeout, and the end of every wait.
  void set_question(const detail::Question& question) noexcept {
    question_ = question;
  }

  /// As AsyncResult's, but no wait goes beyond the deadline of the ask.
  const auto& get(Duration limit = forever) & {
    return AsyncResult<R>::get(detail::limit_of(question_, limit));
  }
  /// Of a temporary: moves the answer out, which would end with it.
  auto get(Duration limit = forever) && { return take(limit); }
  /// As AsyncResult::take(), but no longer than the deadline.
  auto take(Duration limit = forever) {
    return AsyncResult<R>::take(detail::limit_of(question_, limit));
  }
  /// As AsyncResult::wait(), but no longer than the deadline.
  const auto* wait(Duration limit = forever) {
    return AsyncResult<R>::wait(detail::limit_of(question_, limit));
  }

 private:
  static constexpr WaitReason kWaitsForReply{"a reply"};

  void put(const detail::MessageType& type, void* payload) noexcept override {
    address_ = {};
    if constexpr (std::is_void_v<R>) {
      if (!is_same(type, detail::message_type<Failure>)) return this->set();
    } else {
      if (is_same(type, detail::message_type<R>))
        return set_or_fail(*static_cast<R*>(payload));
    }
    this->set_exception(detail::failure_in(type, payload, typeid(R)));
  }

  template <class V>
  void set_or_fail(V& value) noexcept {
    try {
      this->set(std::move(value));
    } catch (...) {  // its move threw
      this->set_exception(std::current_exception());
    }
  }

  [[nodiscard]] const WaitReason& wait_reason() const noexcept override {
    return kWaitsForReply;
  }
  [[noreturn]] void throw_timeout(Duration limit) override {
    detail::throw_ask_timeout(question_, limit);
  }

  detail::Question question_;
  Address address_;
};

}  // namespace greenroom
