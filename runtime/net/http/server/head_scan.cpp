#include "head_scan.hpp"

#include "../head_text.hpp"
#include "request.hpp"

namespace greenroom::detail {
namespace {

using http::HttpError;

// What a request line has beside its target: the method and the version.
constexpr std::size_t kAroundTarget = 64;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// "GET /target HTTP/1.1", and nothing else between the words.
void check_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == 0 || first == last ||
      line.find(' ', first + 1) != last)
    throw HttpError(400, "no request line\n");
  const auto version = line.substr(last + 1);
  if (version.size() != 8 || !version.starts_with("HTTP/") ||
      !is_digit(version[5]) || version[6] != '.' || !is_digit(version[7]))
    throw HttpError(400, "no request line\n");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    throw HttpError(505, "HTTP/1.0 or HTTP/1.1, please\n");
}

}  // namespace

std::size_t skip_empty_lines(std::string_view text) noexcept {
  std::size_t size = 0;
  while (text.substr(size).starts_with("\r\n")) size += 2;
  return size;
}

std::size_t HttpHeadScan::find_end(std::string_view input) {
  for (;;) {
    const auto end = input.find('\n', looked_at_);
    if (end == std::string_view::npos) {
      looked_at_ = input.size();
      check_size(input);
      return 0;
    }
    check_size(input.substr(0, end));
    if (end == line_ || input[end - 1] != '\r')
      throw HttpError(400, "a line that does not end in CR LF\n");
    const auto line = input.substr(line_, end - 1 - line_);
    line_ = looked_at_ = end + 1;
    if (!line.empty())
      take_line(line);
    else if (lines_ != 0)
      return line_;
  }
}

void HttpHeadScan::take_line(std::string_view line) {
  if (has_control(line))
    throw HttpError(400, "a control character in the head\n");
  if (lines_++ == 0) {
    check_request_line(line);
    return;
  }
  if (line[0] == ' ' || line[0] == '\t')
    throw HttpError(400, "folded header lines\n");
  if (line.find(':') == std::string_view::npos)
    throw HttpError(400, "a header line without a colon\n");
  if (lines_ - 1 > limits_.header_count)
    throw HttpError(431, "too many header lines\n");
}

void HttpHeadScan::check_size(std::string_view input) const {
  if (lines_ == 0 && input.size() > limits_.target_size + kAroundTarget)
    throw HttpError(414);
  if (input.size() > limits_.header_size)
    throw HttpError(431, "the header is too long\n");
}

}  // namespace greenroom::detail
