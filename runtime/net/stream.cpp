#include "stream.hpp"

#include "../core/deadline.hpp"
#include "io_call.hpp"

namespace greenroom::net {
namespace {

using detail::Deadline;
using detail::throw_if;

// Removes the first `size` bytes.
void drop(std::span<std::string_view>& pieces, std::size_t size) {
  while (!pieces.empty() && size >= pieces.front().size()) {
    size -= pieces.front().size();
    pieces = pieces.subspan(1);
  }
  if (!pieces.empty()) pieces.front().remove_prefix(size);
}

}  // namespace

std::size_t Stream::read_some(std::span<char> buffer) {
  std::error_code error;
  const std::size_t count = read_some(buffer, error);
  throw_if(error, "read_some");
  return count;
}

std::size_t Stream::read(std::span<char> buffer) {
  std::error_code error;
  const std::size_t count = read(buffer, error);
  throw_if(error, "read");
  return count;
}

std::size_t Stream::read(std::span<char> buffer, std::error_code& error) {
  const Deadline deadline(timeout_);
  std::size_t done = 0;
  error.clear();
  while (done < buffer.size()) {
    const std::size_t count =
        try_read(buffer.subspan(done), deadline.left(), error);
    if (error || count == 0) break;
    done += count;
  }
  return done;
}

std::size_t Stream::write_some(std::string_view data) {
  std::error_code error;
  const std::size_t count = write_some(data, error);
  throw_if(error, "write_some");
  return count;
}

void Stream::write(std::string_view data) {
  std::error_code error;
  write(data, error);
  throw_if(error, "write");
}

void Stream::write(std::span<std::string_view> pieces) {
  std::error_code error;
  write(pieces, error);
  throw_if(error, "write");
}

void Stream::write(std::span<std::string_view> pieces, std::error_code& error) {
  const Deadline deadline(timeout_);
  error.clear();
  drop(pieces, 0);
  while (!pieces.empty() && !error)
    drop(pieces, try_write(pieces, deadline.left(), error));
}

void Stream::shutdown_write() {
  std::error_code error;
  shutdown_write(error);
  throw_if(error, "shutdown_write");
}

}  // namespace greenroom::net
