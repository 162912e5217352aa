// A greenlet that waits for a program; another one goes on.
//
//   $ build/release/examples/tutorial/31_subprocess
//   cron
//   cron
//   cron
//   cron
//   cron
//   b'Linux'

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <string>

using namespace greenroom;
using namespace std::chrono_literals;

void cron() {
  for (;;) {
    std::cout << "cron" << std::endl;
    sleep(200ms);
  }
}

int main() {
  const auto g = spawn(cron);
  net::Popen sub(net::shell("sleep 1; uname"),
                 {.stdout_ = net::Redirect::pipe()});
  std::string out = sub.communicate().out;
  g->kill();

  out.pop_back();  // the end of the line
  std::cout << "b'" << out << "'\n";
}
