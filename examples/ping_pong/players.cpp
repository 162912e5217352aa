#include "players.hpp"

#include <iostream>

void Ponger::receive(greenroom::Message& message) {
  std::cout << message.as<std::string>() << '\n';
  message.reply(std::string("pong"));
}

void Pinger::receive(greenroom::Message& message) {
  const auto& text = message.as<std::string>();
  std::cout << text << '\n';
  if (text == "pong" && --rounds_left_ == 0) {
    ponger_.kill();
    stop();
    return;
  }
  ponger_.send(std::string("ping"));
}

void Player::on(Ball ball) {
  // Telling the watchers now and then costs nothing.
  constexpr std::uint64_t often = 1U << 16U;
  if (ball.plays_left % often == 0)
    plays_left_.store(ball.plays_left, std::memory_order_relaxed);

  if (ball.plays_left == 0)
    stop();
  else
    opponent_.send(Ball{ball.plays_left - 1});
}
