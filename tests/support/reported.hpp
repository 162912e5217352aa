// Keeps what a hub reports, for a test to look at.
//
//   Reported reported;
//   const Hub hub(reported.options());
//   ...
//   reported.wait_for(1);
//   CHECK(reported.all().front() == "the server of ...: Too many open files");
#pragma once

#include <greenroom/runtime/core/hub.hpp>
#include <greenroom/runtime/core/wait.hpp>

#include <exception>
#include <string>
#include <vector>

namespace greenroom::test {

class Reported {
 public:
  [[nodiscard]] HubOptions options() {
    HubOptions options;
    options.handle_error = [this](const std::string& who,
                                  const std::exception_ptr& what) {
      try {
        std::rethrow_exception(what);
      } catch (const std::exception& failure) {
        all_.push_back(who + ": " + failure.what());
      }
      until_more_.notify_all();
    };
    return options;
  }

  /// Parks until there are `count` reports.
  void wait_for(std::size_t count) {
    static constexpr WaitReason kReason{"reports"};
    while (all_.size() < count) {
      Waiter waiter(kReason, this);
      until_more_.add(waiter);
      waiter.park();
    }
  }
  [[nodiscard]] const std::vector<std::string>& all() const { return all_; }

 private:
  std::vector<std::string> all_;
  WaitList until_more_;
};

}  // namespace greenroom::test
