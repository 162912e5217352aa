// Two processes and the pipes between them: plain fork(), and greenlets that
// wait until a descriptor is ready.
//
//   $ build/release/examples/tutorial/32_multiprocessing_pipe
//   hi in 0
//   hi in 1
//   hi in 2
//   hi in 3
//   hi in 4
//   hi in 5
//   hi in 6
//   hi in 7
//   hi in 8
//   hi in 9

#include <greenroom/greenroom.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <iostream>
#include <string>

using namespace greenroom;
using namespace std::chrono_literals;

// A line, without its line break.
std::string receive(net::PipeStream& from) {
  std::string line;
  std::array<char, 1> byte{};
  while (from.read(byte) == 1 && byte[0] != '\n') line += byte[0];
  return line;
}

void send(net::PipeStream& to, const std::string& line) {
  to.write(line + '\n');
}

int main() {
  net::Pipe to_process = net::make_pipe();
  net::Pipe from_process = net::make_pipe();

  const pid_t process = fork();
  if (process == 0) {
    for (int i = 0; i < 10; ++i)
      send(from_process.writer,
           receive(to_process.reader) + " in " + std::to_string(i));
    _exit(0);
  }

  const auto get_messages = spawn([&] {
    for (int i = 0; i < 10; ++i) {
      net::wait_read(from_process.reader.native_handle());
      std::cout << receive(from_process.reader) << '\n';
    }
  });
  const auto put_messages = spawn([&] {
    for (int i = 0; i < 10; ++i) {
      net::wait_write(to_process.writer.native_handle());
      send(to_process.writer, "hi");
    }
  });
  joinall({get_messages, put_messages}, 1s);
  waitpid(process, nullptr, 0);
}
