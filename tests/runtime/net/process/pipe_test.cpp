#include "../../../support/catch2.hpp"
#include "../../../support/run_hub.hpp"

#include <greenroom/runtime/core/errors.hpp>
#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/net/process/pipe.hpp>
#include <greenroom/runtime/tasks/join.hpp>
#include <greenroom/runtime/tasks/spawn.hpp>

#include <fcntl.h>
#include <signal.h>

#include <array>
#include <string>
#include <system_error>
#include <vector>

namespace greenroom::test {
namespace {

TEST_CASE("pipe: a reader waits for what is written, then for the end",
          "[runtime][net][pipe]") {
  std::vector<std::string> log;

  run_hub([&] {
    net::Pipe pipe = net::make_pipe();
    const auto reader = spawn([&] {
      std::array<char, 16> buffer{};
      while (const auto count = pipe.reader.read_some(buffer))
        log.emplace_back(buffer.data(), count);
      log.emplace_back("end");
    });
    sleep();
    log.emplace_back("written");
    pipe.writer.write("hello");
    while (log.size() < 2) sleep();
    pipe.writer.shutdown_write();
    reader->join();
  });

  CHECK(log == std::vector<std::string>{"written", "hello", "end"});
}

TEST_CASE("pipe: writing where nobody reads is EPIPE, and no SIGPIPE",
          "[runtime][net][pipe]") {
  std::error_code first;
  std::error_code second;
  bool is_pending = false;
  bool is_blocked = false;

  run_hub([&] {
    net::Pipe pipe = net::make_pipe();
    pipe.reader.close();
    pipe.writer.write("for nobody", first);
    pipe.writer.write("for nobody", second);
    sigset_t set;
    sigpending(&set);
    is_pending = sigismember(&set, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, nullptr, &set);
    is_blocked = sigismember(&set, SIGPIPE) == 1;
  });

  CHECK(first == std::errc::broken_pipe);
  CHECK(second == std::errc::broken_pipe);
  CHECK_FALSE(is_pending);
  CHECK_FALSE(is_blocked);
}

TEST_CASE("pipe: a reader that goes wakes whoever waits to write",
          "[runtime][net][pipe]") {
  std::error_code error;

  run_hub([&] {
    net::Pipe pipe = net::make_pipe();
    const auto writer = spawn([&] {
      const std::string more_than_fits(1'000'000, 'x');
      pipe.writer.write(more_than_fits, error);
    });
    sleep();  // it is full
    pipe.reader.close();
    writer->join();
  });

  CHECK(error == std::errc::broken_pipe);
}

TEST_CASE("pipe: each end works in one direction", "[runtime][net][pipe]") {
  std::error_code reading;
  std::error_code writing;

  run_hub([&] {
    net::Pipe pipe = net::make_pipe();
    std::array<char, 1> buffer{};
    (void)pipe.writer.read_some(buffer, reading);
    (void)pipe.reader.write_some("x", writing);
  });

  CHECK(reading == std::errc::bad_file_descriptor);
  CHECK(writing == std::errc::bad_file_descriptor);
}

TEST_CASE("pipe: closing an end fails whoever waits for it",
          "[runtime][net][pipe]") {
  std::string what;

  run_hub([&] {
    net::Pipe pipe = net::make_pipe();
    const auto reader = spawn([&] {
      std::array<char, 1> buffer{};
      try {
        (void)pipe.reader.read_some(buffer);
        what = "read";
      } catch (const std::system_error& e) {
        what = e.code() == std::errc::bad_file_descriptor ? "EBADF" : e.what();
      }
    });
    sleep();
    pipe.reader.close();
    reader->join();
  });

  CHECK(what == "EBADF");
}

TEST_CASE("pipe: a program that is started does not inherit it",
          "[runtime][net][pipe]") {
  run_hub([] {
    const net::Pipe pipe = net::make_pipe();
    for (const int fd :
         {pipe.reader.native_handle(), pipe.writer.native_handle()})
      CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  });
}

}  // namespace
}  // namespace greenroom::test
