// A Message is one value of any movable type on its way to a receiver.
//
// It is one cell of the sending hub's slab, moved from sender to handler; a
// payload that does not fit into Slab::kLargestCell lives on the heap, and one
// that is broadcast is shared by its messages. Here stands how a message is
// made, carried and freed. message.hpp adds what a handler does with one:
// that needs ActorRef, and ActorRef needs this.
//
// Thread rule: a message belongs to one thread at a time: the sender's, then
// the receiver's.
#pragma once

#include "../runtime/core/clock.hpp"
#include "../runtime/core/door.hpp"
#include "../runtime/core/export.hpp"
#include "../runtime/core/slab.hpp"
#include "address.hpp"
#include "payload.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace greenroom {

class ActorRef;

/// Why an ask was not answered: the payload of such a reply.
struct GREENROOM_API Failure {
  /// What get() of the Reply throws.
  std::exception_ptr what;
};

class GREENROOM_API Message final : private detail::Posted {
 public:
  /// True if the payload is a T, exactly.
  template <class T>
  [[nodiscard]] bool is() const noexcept {
    return detail::is_same(*type_, detail::message_type<T>);
  }

  /// Returns the payload. Throws std::bad_cast if it is not a T.
  template <class T>
  [[nodiscard]] const T& as() const {
    if (!is<T>()) throw std::bad_cast();
    return *static_cast<const T*>(payload_);
  }

  /// Moves the payload out, or copies it if other messages share it. Throws
  /// std::bad_cast if it is not a T, or if it is shared and cannot be copied.
  template <class T>
  [[nodiscard]] T take() {
    if (!is<T>()) throw std::bad_cast();
    auto& value = *static_cast<T*>(payload_);
    if (flags_.storage != Storage::shared) return std::move(value);
    if constexpr (std::is_copy_constructible_v<T>)
      return static_cast<const T&>(value);
    else
      throw std::bad_cast();
  }

  /// Calls f with the payload, which must be a T: as an rvalue, or, if
  /// it is shared, as a const reference or a copy.
  template <class T, class F>
  decltype(auto) hand_over(F&& f);

  /// Calls the first handler whose argument has the payload's type, and replies
  /// with what it returns if this is an ask. An argument `const T&` looks at
  /// the payload, `T` and `T&&` take it; `Message&` takes any message.
  /// Returns false if no handler fits.
  template <class... Handlers>
  bool match(Handlers&&... handlers);

  /// The actor that sent it; nobody if it was not sent by an actor.
  [[nodiscard]] ActorRef sender() const noexcept;

  /// Answers. If this is an ask, the asker gets the value, once. Otherwise the
  /// actor that sent this gets the value as a message; if no actor sent it, the
  /// value is a dead letter.
  template <class T>
  void reply(T&& value);

  /// True if the sender waits for a reply.
  [[nodiscard]] bool is_ask() const noexcept { return sender_.is_reply(); }

  /// The name of the payload's type, for reports.
  [[nodiscard]] std::string type_name() const;

 private:
  friend class Inbox;
  friend class PostOffice;
  friend class Recipient;
  template <class T>
  friend Message& make_message(T&& value, const Address& sender);
  template <class Refs, class T>
  friend void broadcast(const Refs& refs, T&& value);

  // How the payload is kept; `plain`: in the cell, and nothing to destroy.
  enum class Storage : std::uint8_t { plain, in_cell, on_heap, shared };

  // All zero for the usual message.
  struct Flags {
    Storage storage = Storage::plain;
    bool cell_on_heap = false;  // made by a thread without a slab
    bool has_deadline = false;
    bool is_system = false;  // handled before any user message
  };
  // The size of a cell without a payload, with room for a Shared*.
  static constexpr std::size_t kBareCell = 96;

  Message(const detail::MessageType& type, void* payload, Storage storage,
          bool cell_on_heap, const Address& sender) noexcept
      : type_(&type),
        payload_(payload),
        sender_(sender),
        flags_{storage, cell_on_heap} {}
  ~Message() = default;

  static void* allocate_cell(std::size_t size, bool& on_heap) {
    if (auto* slab = detail::Slab::mine()) [[likely]]
      return slab->allocate(size);
    on_heap = true;
    return ::operator new(size);
  }
  static void release_cell(void* cell, std::size_t size,
                           bool on_heap) noexcept {
    if (on_heap) [[unlikely]]
      ::operator delete(cell);
    else if (auto* slab = detail::Slab::mine()) [[likely]]
      slab->release(cell, size);
    else
      detail::Slab::release_foreign(cell, size);
  }
  // A message with a shared payload keeps its holder in the cell, where others
  // have their payload.
  detail::Shared** shared_slot() noexcept {
    return reinterpret_cast<detail::Shared**>(this + 1);
  }

  /// Frees the message with its payload.
  void dispose() noexcept {
    if (flags_.storage != Storage::plain) release_payload();
    release_cell(this, cell_size(), flags_.cell_on_heap);
  }
  void release_payload() noexcept;
  [[nodiscard]] std::size_t cell_size() const noexcept {
    return flags_.storage <= Storage::in_cell ? sizeof(Message) + type_->size
                                              : kBareCell;
  }

  template <class Handler>
  bool match_one(Handler& handler);
  template <class Call>
  void reply_with_result_of(Call call);

  void arrive() noexcept override;

  const detail::MessageType* type_;
  void* payload_;
  Message* next_;                     // in an inbox
  Address sender_;                    // an actor, or the Reply of an ask
  Address target_{Address::Unset()};  // set when it leaves the hub
  TimePoint deadline_;                // meaningful if flags_.has_deadline
  Flags flags_;
};

/// Makes a message in the calling thread's slab, or on the heap without one.
template <class T>
Message& make_message(T&& value, const Address& sender) {
  using V = std::decay_t<T>;
  static_assert(std::is_move_constructible_v<V>,
                "a message is moved to its receiver: its type must be movable");
  constexpr std::size_t size = sizeof(Message) + sizeof(V);
  constexpr bool fits = size <= detail::Slab::kLargestCell &&
                        alignof(V) <= alignof(std::max_align_t);
  bool on_heap = false;
  if constexpr (fits) {
    void* cell = Message::allocate_cell(size, on_heap);
    auto* payload = static_cast<char*>(cell) + sizeof(Message);
    if constexpr (std::is_nothrow_constructible_v<V, T&&>) {
      new (payload) V(std::forward<T>(value));
    } else {
      try {
        new (payload) V(std::forward<T>(value));
      } catch (...) {
        Message::release_cell(cell, size, on_heap);
        throw;
      }
    }
    return *new (cell)
        Message(detail::message_type<V>, payload,
                std::is_trivially_destructible_v<V> ? Message::Storage::plain
                                                    : Message::Storage::in_cell,
                on_heap, sender);
  } else {
    auto payload = std::make_unique<V>(std::forward<T>(value));
    void* cell = Message::allocate_cell(Message::kBareCell, on_heap);
    return *new (cell) Message(detail::message_type<V>, payload.release(),
                               Message::Storage::on_heap, on_heap, sender);
  }
}

static_assert(sizeof(Message) % alignof(std::max_align_t) == 0,
              "a payload begins right behind its message");

}  // namespace greenroom
