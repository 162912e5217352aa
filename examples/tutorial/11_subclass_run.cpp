// A greenlet with state of its own: a class that overrides run().
//
//   $ build/release/examples/tutorial/11_subclass_run
//   Hi there!

#include <greenroom/greenroom.hpp>

#include <iostream>
#include <string>
#include <utility>

using namespace greenroom;
using namespace std::chrono_literals;

class MyGreenlet : public Greenlet {
 public:
  MyGreenlet(std::string message, Duration pause)
      : message_(std::move(message)), pause_(pause) {}

 private:
  void run() override {
    std::cout << message_ << '\n';
    sleep(pause_);
  }

  const std::string message_;
  const Duration pause_;
};

int main() {
  const auto greenlet = make_greenlet<MyGreenlet>("Hi there!", 3s);
  greenlet->start();
  greenlet->join();
}
