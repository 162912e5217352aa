#include "../../support/catch2.hpp"
#include "../../support/run_hub.hpp"

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/stream.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace greenroom::test {
namespace {

using namespace std::chrono_literals;
using net::Stream;

using Limits = std::vector<Duration>;

// Reads what is in `input`, a piece a call, and writes `room` bytes a call.
// Each call takes a second, and fails if it has less.
class FakeStream final : public Stream {
 public:
  void shutdown_write(std::error_code& error) override { error = next_error; }
  void close() noexcept override {}
  [[nodiscard]] bool is_open() const noexcept override { return true; }
  using Stream::shutdown_write;

  std::deque<std::string> input;
  std::string output;
  std::size_t room = 3;
  std::error_code next_error;
  std::vector<std::size_t> pieces;
  Limits limits;

 private:
  bool takes_time(Duration limit, std::error_code& error) {
    limits.push_back(limit);
    sleep(1s);
    error =
        limit < 1s ? std::make_error_code(std::errc::timed_out) : next_error;
    return !error;
  }
  std::size_t try_read(std::span<char> buffer, Duration limit,
                       std::error_code& error) override {
    if (!takes_time(limit, error) || input.empty()) return 0;
    const std::size_t count = input.front().copy(buffer.data(), buffer.size());
    input.front().erase(0, count);
    if (input.front().empty()) input.pop_front();
    return count;
  }
  std::size_t try_write(std::span<const std::string_view> its_pieces,
                        Duration limit, std::error_code& error) override {
    pieces.push_back(its_pieces.size());
    if (!takes_time(limit, error)) return 0;
    std::string all;
    for (const auto piece : its_pieces) all += piece;
    const std::size_t count = std::min(room, all.size());
    output += all.substr(0, count);
    return count;
  }
};

TEST_CASE("stream: read() goes on until the buffer is full, or the end",
          "[runtime][net][stream]") {
  run_hub([] {
    FakeStream stream;
    stream.input = {"he", "l", "lo you"};
    std::array<char, 5> buffer{};
    CHECK(stream.read_some(buffer) == 2);
    CHECK(stream.read(buffer) == 5);
    CHECK(std::string(buffer.data(), 5) == "llo y");
    CHECK(stream.read(buffer) == 2);
    CHECK(stream.read(buffer) == 0);
    CHECK(stream.read_some(buffer) == 0);
  });
}

TEST_CASE("stream: write() goes on until all is written",
          "[runtime][net][stream]") {
  run_hub([] {
    FakeStream stream;
    CHECK(stream.write_some("hello") == 3);
    stream.write("lo world");
    CHECK(stream.output == "hello world");
    stream.write("");
    CHECK(stream.limits.size() == 4);
  });
}

TEST_CASE("stream: several pieces are written as one, empty ones too",
          "[runtime][net][stream]") {
  run_hub([] {
    FakeStream stream;
    std::array<std::string_view, 6> pieces{"", "ab", "", "cdef", "g", ""};
    stream.write(std::span(pieces));
    CHECK(stream.output == "abcdefg");
    CHECK(stream.pieces == std::vector<std::size_t>{5, 3, 2});
    std::array<std::string_view, 2> nothing{"", ""};
    stream.write(std::span(nothing));
    CHECK(stream.pieces.size() == 3);
  });
}

TEST_CASE("stream: the limit is for the whole call", "[runtime][net][stream]") {
  run_hub([] {
    FakeStream stream;
    std::error_code error;
    stream.write("abcdef");
    stream.set_timeout(2500ms);
    CHECK(stream.timeout() == 2500ms);
    stream.write("ghijklmno", error);
    CHECK(error == std::errc::timed_out);
    CHECK(stream.output == "abcdefghijkl");
    CHECK(stream.limits == Limits{forever, forever, 2500ms, 1500ms, 500ms});

    stream.limits.clear();
    stream.input = {"a", "b", "c"};
    std::array<char, 3> buffer{};
    CHECK(stream.read(buffer, error) == 2);
    CHECK(error == std::errc::timed_out);
    CHECK(stream.limits == Limits{2500ms, 1500ms, 500ms});
  });
}

TEST_CASE("stream: one twin throws the error, the other gives it",
          "[runtime][net][stream]") {
  run_hub([] {
    FakeStream stream;
    stream.next_error = std::make_error_code(std::errc::connection_reset);
    std::array<char, 3> buffer{};
    CHECK_THROWS_AS(stream.read(buffer), std::system_error);
    CHECK_THROWS_AS(stream.read_some(buffer), std::system_error);
    CHECK_THROWS_AS(stream.write("x"), std::system_error);
    CHECK_THROWS_AS(stream.write_some("x"), std::system_error);
    CHECK_THROWS_AS(stream.shutdown_write(), std::system_error);
    std::error_code error;
    CHECK(stream.read(buffer, error) == 0);
    CHECK(error == std::errc::connection_reset);
    stream.next_error.clear();
    stream.write("x", error);
    CHECK_FALSE(error);
    stream.write("", error = std::make_error_code(std::errc::io_error));
    CHECK_FALSE(error);
  });
}

}  // namespace
}  // namespace greenroom::test
