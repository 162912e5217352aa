// An FdList is a list of file descriptors, given as numbers or as objects that
// have one.
//
//   select({pipe_end, listener}, {socket});
//
// Thread rule: any thread; a value.
#pragma once

#include "../core/std_parts.hpp"

#include <concepts>
#include <initializer_list>
#include <vector>

namespace greenroom::net {

/// Has a file descriptor: sockets, listeners, Asio's objects.
template <class T>
concept HasFd = requires(T& object) {
  { object.native_handle() } -> std::same_as<int>;
};

/// A file descriptor, or an object that has one. A char or a bool is not taken
/// for one.
class Fd {
 public:
  /// The number of a descriptor.
  template <std::same_as<int> Int>
  Fd(Int number) noexcept : number_(number) {}
  /// The descriptor that `object` has now.
  template <class T>
  requires HasFd<const T> Fd(const T& object)
      : number_(object.native_handle()) {}
  /// The same for objects of Asio, which say it only if they are not const.
  template <class T>
  requires(HasFd<T> && !HasFd<const T>) Fd(T& object)
      : number_(object.native_handle()) {}

  /// What system calls take.
  [[nodiscard]] int number() const noexcept { return number_; }

 private:
  int number_;
};

class FdList {
 public:
  FdList() noexcept = default;
  /// These descriptors, in this order.
  FdList(std::initializer_list<Fd> fds) { add(fds); }
  /// Any range of them: a vector of int, a set, an array of sockets.
  template <std::ranges::input_range Range>
  requires std::constructible_from<Fd,
                                   std::ranges::range_reference_t<const Range>>
  FdList(const Range& fds) {
    add(fds);
  }

  /// The descriptors, in the order in which they were given.
  [[nodiscard]] const std::vector<int>& numbers() const noexcept {
    return numbers_;
  }

 private:
  void add(const auto& fds) {
    for (const auto& fd : fds) numbers_.push_back(Fd(fd).number());
  }

  std::vector<int> numbers_;
};

}  // namespace greenroom::net
