// The handler of a signal is a greenlet like any other: this one kills a
// greenlet that would sleep for a long time. The program sends the signal to
// itself.
//
//   $ build/release/examples/tutorial/13_sigquit
//   joined after about 0.3 s
//   successful True
//   value GreenletExit()
//   exception None
//   dead True

#include <greenroom/greenroom.hpp>

#include <csignal>
#include <cstdio>

using namespace greenroom;
using namespace std::chrono_literals;

void run_forever() { sleep(1000s); }

const char* text(bool yes) { return yes ? "True" : "False"; }

int main() {
  const TimePoint begin = Hub::current().now();
  const auto thread = spawn(run_forever);
  net::on_signal(SIGQUIT, greenroom::shutdown);
  spawn_later(300ms, [] { std::raise(SIGQUIT); });
  thread->join();

  const std::chrono::duration<double> time = Hub::current().now() - begin;
  std::printf("joined after about %.1f s\n", time.count());
  std::printf("successful %s\n", text(thread->successful()));
  try {
    thread->get();
  } catch (const GreenletExit&) {
    std::printf("value GreenletExit()\n");
  }
  std::printf("exception %s\n", thread->exception() ? "there is one" : "None");
  std::printf("dead %s\n", text(thread->dead()));
}
