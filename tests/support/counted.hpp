// A payload that counts its copies, its moves, and how many are alive.
//
// Thread rule: any thread; a value.
#pragma once

#include <atomic>

namespace greenroom::test {

struct Counts {
  std::atomic<int> alive{0};  // relaxed would do: read when all is over
  std::atomic<int> copies{0};
  std::atomic<int> moves{0};
};

class Counted {
 public:
  explicit Counted(Counts& counts, int n = 0) : number(n), counts_(&counts) {
    ++counts_->alive;
  }
  Counted(const Counted& other) : number(other.number), counts_(other.counts_) {
    ++counts_->alive;
    ++counts_->copies;
  }
  Counted(Counted&& other) noexcept
      : number(other.number), counts_(other.counts_) {
    ++counts_->alive;
    ++counts_->moves;
  }
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --counts_->alive; }

  const int number;

 private:
  Counts* counts_;
};

}  // namespace greenroom::test
