// An IoUser tells a hub that somebody waits for I/O. While there is one, the
// hub looks for I/O, and never takes silence for the end. With an IoListener
// the hub looks, too, but it does not wait for ever. The child of a fork() has
// no users.
//
// Thread rule: owning hub only.
#pragma once

#include "../core/hub.hpp"

#include <cstdint>

namespace greenroom::detail {

class IoUser {
 public:
  explicit IoUser(Hub& hub) noexcept : hub_(hub), era_(hub.io_era()) {
    hub_.add_io_user();
  }
  IoUser(const IoUser&) = delete;
  IoUser& operator=(const IoUser&) = delete;
  ~IoUser() {
    if (hub_.io_era() == era_) hub_.remove_io_user();
  }

 private:
  Hub& hub_;
  const std::uint32_t era_;
};

class IoListener {
 public:
  explicit IoListener(Hub& hub) noexcept : hub_(hub) { hub_.add_io_listener(); }
  IoListener(const IoListener&) = delete;
  IoListener& operator=(const IoListener&) = delete;
  ~IoListener() { hub_.remove_io_listener(); }

 private:
  Hub& hub_;
};

}  // namespace greenroom::detail
