// The name of a greenlet, in a form that a signal handler can write: it is made
// without allocating, and turned into text later and elsewhere.
//
// Thread rule: any thread; a label is a plain value.
#pragma once

#include "export.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace greenroom::detail {

class GREENROOM_API Label {
 public:
  /// Puts a C++ type before the text. `mangled` is std::type_info::name().
  void set_type(const char* mangled) noexcept { type_ = mangled; }

  /// Appends to the text; what does not fit is left out.
  Label& operator<<(std::string_view text) noexcept;
  Label& operator<<(std::uint64_t number) noexcept;

  /// "Greenlet-7", "dbms::Store(hub0/7.1)".
  [[nodiscard]] std::string in_words() const;

 private:
  const char* type_ = nullptr;  // null: there is only the text
  std::array<char, 80> text_{};
  std::size_t size_ = 0;
};

}  // namespace greenroom::detail
