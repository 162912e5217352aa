// With use_greenlet, any asynchronous operation of Boost.Asio parks the
// greenlet that begins it, and returns its result.
//
//   asio::steady_timer timer(Hub::current().io_context(), 1s);
//   timer.async_wait(use_greenlet);                     // throws
//   std::size_t n = socket.async_read_some(b, use_greenlet[error]);
//
// If the operation ends with no value, it returns nothing; with one, that
// value; with several, a std::tuple. A leading error_code is thrown as
// boost::system::system_error, or goes to where use_greenlet[error] says.
//
// Thread rule: the thread's own hub. The operation may belong to another
// io_context, and another thread.
// Kill and Timeout: cancel the operation (cancellation_type::all), wait for its
// end, because it may still use what lies in the greenlet's frames, and throw.
// An operation that cannot be cancelled is waited for. One that another thread
// runs is cancelled there, if its initiation tells the executor, as Asio's do.
#pragma once

#include "../core/hub.hpp"
#include "../core/wait.hpp"
#include "io_user.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace greenroom::net {

/// The type of use_greenlet.
class UseGreenlet {
 public:
  constexpr UseGreenlet() noexcept = default;

  /// Gives the error to `error` instead of throwing it.
  constexpr UseGreenlet operator[](
      boost::system::error_code& error) const noexcept {
    UseGreenlet token;
    token.error_ = &error;
    return token;
  }
  /// Where an error goes; null: it is thrown.
  [[nodiscard]] constexpr boost::system::error_code* error() const noexcept {
    return error_;
  }

 private:
  boost::system::error_code* error_ = nullptr;
};

/// The completion token.
inline constexpr UseGreenlet use_greenlet{};

}  // namespace greenroom::net

namespace greenroom::detail {

// An operation that the current greenlet waits for; lies in its frame.
class AsyncOperation {
 public:
  explicit AsyncOperation(Hub& hub) noexcept : hub_(hub) {}
  AsyncOperation(const AsyncOperation&) = delete;
  AsyncOperation& operator=(const AsyncOperation&) = delete;

  /// Parks until ended() was called. If it is interrupted, calls `cancel()`,
  /// and parks until all of it is over.
  template <class Cancel>
  void wait(Cancel cancel) {
    const IoUser user(hub_);
    try {
      park(false);
    } catch (...) {
      if (!has_ended_) cancel();
      while (!has_ended_ || is_cancelling_) park(true);
      throw;
    }
  }

  void ended() noexcept {
    has_ended_ = true;
    waiters_.notify_all();
  }
  /// Cancels the operation on this thread.
  void cancel() { cancellation_.emit(boost::asio::cancellation_type::all); }
  /// Cancels the operation where it runs, which may be another thread: a signal
  /// and its slots must not be used by several threads.
  template <class Executor>
  void cancel_at(const Executor& executor) {
    is_cancelling_ = true;
    boost::asio::post(executor, CancelThere(*this));
  }
  [[nodiscard]] Hub& hub() const noexcept { return hub_; }
  [[nodiscard]] boost::asio::cancellation_slot slot() noexcept {
    return cancellation_.slot();
  }

 protected:
  ~AsyncOperation() = default;

 private:
  static constexpr WaitReason kWaits{"an asynchronous operation"};

  // Runs on another thread, or is dropped there.
  class CancelThere {
   public:
    explicit CancelThere(AsyncOperation& operation) noexcept
        : operation_(&operation) {}
    CancelThere(CancelThere&& other) noexcept
        : operation_(std::exchange(other.operation_, nullptr)) {}
    CancelThere& operator=(CancelThere&&) = delete;
    ~CancelThere() {
      if (operation_ != nullptr)
        operation_->hub_.post([operation = operation_] {
          operation->is_cancelling_ = false;
          operation->waiters_.notify_all();
        });
    }

    void operator()() const { operation_->cancel(); }

   private:
    AsyncOperation* operation_;
  };

  void park(bool is_shielded) {
    if (has_ended_ && !is_cancelling_) return;
    Waiter waiter(kWaits, this);
    if (is_shielded) waiter.shield();
    waiters_.add(waiter);
    waiter.park();
  }

  Hub& hub_;
  boost::asio::cancellation_signal cancellation_;
  WaitList waiters_;
  bool has_ended_ = false;
  bool is_cancelling_ = false;
};

// An operation with its result.
template <class... Values>
class AsyncOperationOf final : public AsyncOperation {
 public:
  using AsyncOperation::AsyncOperation;

  /// Takes the result. Any thread. Nothing here is touched after that: the hub
  /// may end right after.
  template <class... Args>
  void end_with(Args&&... args) {
    values_.emplace(std::forward<Args>(args)...);
    end();
  }
  /// Nobody will ever call the handler. Any thread: an io_context drops its
  /// handlers where it ends.
  void abandon() { end(); }

  auto take(boost::system::error_code* error) {
    if constexpr (kHasError) {
      const auto code = values_ ? std::get<0>(*values_) : kAbandoned();
      if (error != nullptr)
        *error = code;
      else if (code)
        throw boost::system::system_error(code);
    } else if (!values_) {
      throw boost::system::system_error(kAbandoned());
    }
    return result(std::index_sequence_for<Values...>());
  }

 private:
  static constexpr bool kHasError = [] {
    if constexpr (sizeof...(Values) == 0)
      return false;
    else
      return std::is_same_v<std::tuple_element_t<0, std::tuple<Values...>>,
                            boost::system::error_code>;
  }();
  void end() {
    if (Hub::find() == &hub())
      ended();
    else
      hub().post([this] { ended(); });
  }
  static boost::system::error_code kAbandoned() {
    return boost::asio::error::operation_aborted;
  }

  template <std::size_t... I>
  auto result(std::index_sequence<I...> /*indices*/) {
    constexpr std::size_t kFirst = kHasError ? 1 : 0;
    constexpr std::size_t kCount = sizeof...(Values) - kFirst;
    if constexpr (kCount == 0) {
      return;
    } else if constexpr (kCount == 1) {
      using Value = std::tuple_element_t<kFirst, std::tuple<Values...>>;
      return values_ ? Value(std::get<kFirst>(std::move(*values_))) : Value{};
    } else {
      return rest(std::make_index_sequence<kCount>());
    }
  }
  template <std::size_t... I>
  auto rest(std::index_sequence<I...> /*indices*/) {
    constexpr std::size_t kFirst = kHasError ? 1 : 0;
    using Rest =
        std::tuple<std::tuple_element_t<I + kFirst, std::tuple<Values...>>...>;
    return values_ ? Rest(std::get<I + kFirst>(std::move(*values_))...)
                   : Rest{};
  }

  std::optional<std::tuple<Values...>> values_;
};

// The operation calls this at its end, once, where it runs. It does not go
// through an executor of the hub's io_context: Asio would touch that after the
// hub has gone on, and perhaps ended.
template <class... Values>
class GreenletHandler {
 public:
  using cancellation_slot_type = boost::asio::cancellation_slot;

  explicit GreenletHandler(AsyncOperationOf<Values...>& operation) noexcept
      : operation_(&operation) {}
  GreenletHandler(GreenletHandler&& other) noexcept
      : operation_(std::exchange(other.operation_, nullptr)) {}
  GreenletHandler& operator=(GreenletHandler&&) = delete;
  ~GreenletHandler() {
    if (operation_ != nullptr) operation_->abandon();
  }

  template <class... Args>
  void operator()(Args&&... args) {
    std::exchange(operation_, nullptr)->end_with(std::forward<Args>(args)...);
  }
  [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept {
    return operation_->slot();
  }

 private:
  AsyncOperationOf<Values...>* operation_;
};

}  // namespace greenroom::detail

namespace boost::asio {

template <class Result, class... Values>
class async_result<greenroom::net::UseGreenlet, Result(Values...)> {
 public:
  template <class Initiation, class... Args>
  static auto initiate(Initiation&& initiation,
                       greenroom::net::UseGreenlet token, Args&&... args) {
    auto& hub = greenroom::Hub::current();
    hub.assert_may_park();
    greenroom::detail::AsyncOperationOf<std::decay_t<Values>...> operation(hub);
    const auto cancel = [&] {
      if constexpr (requires { initiation.get_executor(); })
        return [&operation, executor = initiation.get_executor()] {
          operation.cancel_at(executor);
        };
      else
        return [&operation] { operation.cancel(); };
    }();
    std::forward<Initiation>(initiation)(
        greenroom::detail::GreenletHandler<std::decay_t<Values>...>(operation),
        std::forward<Args>(args)...);
    operation.wait(cancel);
    return operation.take(token.error());
  }
};

}  // namespace boost::asio
