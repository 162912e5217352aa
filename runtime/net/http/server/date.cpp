#include "date.hpp"

#include <locale.h>

#include <array>
#include <cstddef>
#include <ctime>

namespace greenroom::detail {
namespace {

// A time of day as text, made once a second.
class DateText {
 public:
  explicit DateText(const char* format) noexcept : format_(format) {}

  std::string_view now() {
    const std::time_t second = std::time(nullptr);
    if (second != second_) {
      second_ = second;
      std::tm parts{};
      gmtime_r(&second, &parts);
      // In the C locale, whatever the program's is: both formats are English.
      static const locale_t english = newlocale(LC_TIME_MASK, "C", nullptr);
      size_ = strftime_l(text_.data(), text_.size(), format_, &parts, english);
    }
    return {text_.data(), size_};
  }

 private:
  const char* const format_;
  std::time_t second_ = -1;
  std::array<char, 40> text_{};
  std::size_t size_ = 0;
};

}  // namespace

std::string_view http_date() {
  thread_local DateText date("%a, %d %b %Y %H:%M:%S GMT");
  return date.now();
}

std::string_view log_date() {
  thread_local DateText date("%d/%b/%Y:%H:%M:%S +0000");
  return date.now();
}

}  // namespace greenroom::detail
