// An actor that adds up numbers and says the total when asked.
//
//   $ build/release/examples/first_actor
//   total: 55

#include <greenroom/greenroom.hpp>

#include <iostream>

struct Add {
  int amount;
};
struct Total {};

class Counter : public greenroom::TypedActor<Counter, Add, Total> {
 public:
  void on(Add message) { sum_ += message.amount; }
  int on(Total) { return sum_; }

 private:
  int sum_ = 0;
};

int main() {
  const auto counter = greenroom::spawn<Counter>();
  for (int i = 1; i <= 10; ++i) counter.send(Add{i});
  std::cout << "total: " << counter.ask(Total{}).get() << '\n';
}
