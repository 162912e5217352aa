// Ping-pong: two actors, one message.
//
//   $ ping_pong                  five rounds, printed
//   $ ping_pong --hubs 2         the players on two hubs (threads)
//   $ ping_pong --count 10000000 silently, as fast as possible
//
// prints
//
//   start
//   ping
//   pong
//   ...
//   pinger stopped, ponger killed

#include "../flags.hpp"
#include "players.hpp"

#include <boost/program_options.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>

namespace {

namespace options = boost::program_options;
using namespace std::chrono_literals;

struct Settings {
  int rounds = 5;
  int hubs = 1;
  std::int64_t count = 0;  // 0: print each message
};

// Where the players live: on the main thread's hub, or on hubs of their own.
class Hall {
 public:
  explicit Hall(int hubs) {
    if (hubs > 1) system_.emplace(greenroom::ActorSystemOptions{.hubs = 2});
  }

  template <class Actor, class... Args>
  greenroom::Ref<Actor> seat(std::size_t side, Args&&... args) {
    if (system_)
      return system_->spawn_on<Actor>(side, std::forward<Args>(args)...);
    return greenroom::spawn<Actor>(std::forward<Args>(args)...);
  }

 private:
  std::optional<greenroom::ActorSystem> system_;
};

void play_aloud(const Settings& settings) {
  Hall hall(settings.hubs);
  const auto ponger = hall.seat<Ponger>(1);
  const auto pinger = hall.seat<Pinger>(0, ponger, settings.rounds);

  // Asked before the game begins: afterwards nobody would know.
  greenroom::Reply<greenroom::ExitReason> ponger_ends = ponger.ending();
  greenroom::Reply<greenroom::ExitReason> pinger_ends = pinger.ending();
  pinger.send(std::string("start"));
  const std::string first = to_string(pinger_ends.get());
  std::cout << "pinger " << first << ", ponger " << to_string(ponger_ends.get())
            << '\n';
}

// Refreshes a line on a terminal; says nothing in a pipe.
void show_progress(const std::atomic<std::uint64_t>& plays_left,
                   std::uint64_t count) {
  if (isatty(STDERR_FILENO) == 0) return;
  for (;;) {
    greenroom::sleep(100ms);
    const std::uint64_t done = count - plays_left.load();
    std::fprintf(stderr, "\r%3.0f %% of %llu messages",
                 100.0 * static_cast<double>(done) / static_cast<double>(count),
                 static_cast<unsigned long long>(count));
  }
}

void play_fast(const Settings& settings) {
  const auto count = static_cast<std::uint64_t>(settings.count);
  std::atomic<std::uint64_t> plays_left{count};
  Hall hall(settings.hubs);
  const auto first = hall.seat<Player>(0, std::ref(plays_left));
  const auto second = hall.seat<Player>(1, std::ref(plays_left));
  first.send(Opponent{second});
  second.send(Opponent{first});
  const auto progress =
      greenroom::spawn([&] { show_progress(plays_left, count); });

  // The game ends with the player who has the ball when no play is left.
  const auto& last = count % 2 == 0 ? second : first;
  greenroom::Reply<greenroom::ExitReason> end = last.ending();
  const auto begin = std::chrono::steady_clock::now();
  first.send(Ball{count - 1});
  end.get();
  const std::chrono::duration<double> time =
      std::chrono::steady_clock::now() - begin;

  progress->kill();
  if (isatty(STDERR_FILENO) != 0) std::fputs("\r\033[K", stderr);
  const auto messages = static_cast<double>(count);
  std::printf("%llu messages in %.2f s: %.1f million a second, %.1f ns each\n",
              static_cast<unsigned long long>(count), time.count(),
              messages / time.count() / 1e6, time.count() / messages * 1e9);
}

// False: the help or the version was asked for, and is printed.
bool read_settings(int argc, char** argv, Settings& settings) {
  options::options_description flags("ping_pong: two actors, one message");
  flags.add_options()("rounds",
                      options::value(&settings.rounds)->default_value(5),
                      "how often to play, printing each message")(
      "hubs", options::value(&settings.hubs)->default_value(1),
      "1: both players on one hub; 2: one on each of two")(
      "count",
      options::value(&settings.count)->notifier([](std::int64_t count) {
        if (count < 1) throw options::error("--count: at least 1");
      }),
      "play this many messages silently, and say how long it took");
  if (!read_flags(argc, argv, flags)) return false;
  if (settings.rounds < 1) throw BadFlag("--rounds: at least 1");
  if (settings.hubs < 1 || settings.hubs > 2) throw BadFlag("--hubs: 1 or 2");
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  try {
    if (!read_settings(argc, argv, settings)) return 0;
  } catch (const BadFlag& error) {
    return refuse("ping_pong", error);
  }
  const greenroom::Watchdog watchdog;  // reports a player that keeps the hub
  if (settings.count != 0)
    play_fast(settings);
  else
    play_aloud(settings);
  return 0;
}
