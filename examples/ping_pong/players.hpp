// The two actors of the ping-pong demo.
#pragma once

#include <greenroom/greenroom.hpp>

#include <atomic>
#include <cstdint>
#include <string>

// Answers every message with "pong".
class Ponger : public greenroom::Actor {
  void receive(greenroom::Message& message) override;
};

// Begins when it is told to "start", and plays a number of rounds.
class Pinger : public greenroom::Actor {
 public:
  Pinger(greenroom::ActorRef ponger, int rounds)
      : ponger_(ponger), rounds_left_(rounds) {}

 private:
  void receive(greenroom::Message& message) override;

  const greenroom::ActorRef ponger_;
  int rounds_left_;
};

// The same game as fast as possible: nobody prints, and the ball says how often
// it will still be played.
struct Ball {
  std::uint64_t plays_left;
};
struct Opponent {
  greenroom::ActorRef player;
};

class Player : public greenroom::TypedActor<Player, Opponent, Ball> {
 public:
  // `plays_left`: for those who watch the game.
  explicit Player(std::atomic<std::uint64_t>& plays_left)
      : plays_left_(plays_left) {}

  void on(Opponent opponent) { opponent_ = opponent.player; }
  void on(Ball ball);

 private:
  std::atomic<std::uint64_t>& plays_left_;  // relaxed: only looked at
  greenroom::ActorRef opponent_;
};
