#include "label.hpp"

#include "report.hpp"

#include <algorithm>
#include <charconv>

namespace greenroom::detail {

Label& Label::operator<<(std::string_view text) noexcept {
  const std::size_t fits = std::min(text.size(), text_.size() - size_);
  std::copy_n(text.data(), fits, text_.data() + size_);
  size_ += fits;
  return *this;
}

Label& Label::operator<<(std::uint64_t number) noexcept {
  std::array<char, 20> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return *this << std::string_view(
             digits.data(), static_cast<std::size_t>(end - digits.data()));
}

std::string Label::in_words() const {
  std::string text(text_.data(), size_);
  return type_ == nullptr ? text : readable_type(type_) + "(" + text + ")";
}

}  // namespace greenroom::detail
