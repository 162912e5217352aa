// A DescriptorStream is a stream whose bytes all go through one descriptor:
// what StreamSocket (a Socket) and PipeStream (a Stream) share.
//
// Thread rule and everything else: as Stream.
#pragma once

#include "descriptor.hpp"
#include "stream.hpp"

#include <concepts>
#include <utility>

namespace greenroom::detail {

template <std::derived_from<net::Stream> Base>
class DescriptorStream : public Base {
 public:
  /// Not open.
  DescriptorStream() = default;
  explicit DescriptorStream(net::Descriptor descriptor) noexcept
      : descriptor_(std::move(descriptor)) {}

  void close() noexcept override { descriptor_.close(); }
  [[nodiscard]] bool is_open() const noexcept override {
    return descriptor_.is_open();
  }

  /// For setsockopt() and the like. -1 if it is not open.
  [[nodiscard]] int native_handle() const noexcept { return descriptor_.get(); }
  /// Gives the descriptor up; it does not block (O_NONBLOCK).
  [[nodiscard]] int release() noexcept { return descriptor_.release(); }

 protected:
  [[nodiscard]] net::Descriptor& descriptor() noexcept { return descriptor_; }
  [[nodiscard]] const net::Descriptor& descriptor() const noexcept {
    return descriptor_;
  }

 private:
  net::Descriptor descriptor_;
};

}  // namespace greenroom::detail
