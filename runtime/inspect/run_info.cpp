#include "run_info.hpp"

#include "../core/door.hpp"
#include "../core/greenlet.hpp"
#include "../core/hub.hpp"
#include "../core/hub_list.hpp"
#include "../core/report.hpp"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

namespace greenroom {
namespace {

constexpr WaitReason kWaitsForHubs{"the run info of all hubs"};

// Deeper levels are not indented further, so that they stay on the page.
constexpr std::size_t kDeepestIndent = 40;

void describe_wait(std::ostream& text, const Waiting& waiting) {
  const Hub& hub = waiting.greenlet->hub();
  const std::chrono::duration<double> age = hub.recent_now() - waiting.since;
  text << "waits for " << waiting.reason->what << " (" << waiting.object
       << "), for " << age.count() << " s";
}

// The greenlets of a hub, each under the one that made it.
class Tree {
 public:
  explicit Tree(const Hub& hub) {
    std::map<std::uint64_t, const Greenlet*> all;  // in order of making
    hub.for_each_living([&](const Greenlet& g) { all[g.id()] = &g; });
    size_ = all.size();
    for (const auto& [id, greenlet] : all) {
      const bool is_orphan = !all.contains(greenlet->parent_id());
      children_[is_orphan ? 0 : greenlet->parent_id()].push_back(greenlet);
    }
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  void print(std::ostream& text) const {
    // Not by recursion: the tree may be deeper than a greenlet's stack allows.
    std::vector<std::pair<const Greenlet*, std::size_t>> to_do;
    add_children(to_do, 0, 2);
    for (std::size_t lines = 0; !to_do.empty(); ++lines) {
      const auto [greenlet, indent] = to_do.back();
      to_do.pop_back();
      if (lines == kRunInfoLines) {
        text << "  and " << size_ - lines << " more\n";
        return;
      }
      text << std::string(std::min(indent, kDeepestIndent), ' ')
           << describe(*greenlet);
      if (indent == 2 && greenlet->parent_id() != 0)
        text << ", spawned by " << greenlet->parent_id() << ", which has ended";
      text << '\n';
      add_children(to_do, greenlet->id(), indent + 2);
    }
  }

 private:
  void add_children(std::vector<std::pair<const Greenlet*, std::size_t>>& to_do,
                    std::uint64_t of, std::size_t indent) const {
    const auto found = children_.find(of);
    if (found == children_.end()) return;
    const auto& all = found->second;
    for (auto child = all.rbegin(); child != all.rend(); ++child)
      to_do.emplace_back(*child, indent);
  }

  std::map<std::uint64_t, std::vector<const Greenlet*>> children_;
  std::size_t size_ = 0;
};

// The answers of the hubs to one who asks them all. Used on the asker's hub
// only; shared, because the asker may be gone when they answer.
struct Answers {
  std::map<HubId, std::string> texts;
  std::size_t missing = 0;
  WaitList complete;

  void add(HubId from, std::string text) {
    texts[from] = std::move(text);
    if (--missing == 0) complete.notify_all();
  }
};

// The question, on its way to a hub, and then the answer, on its way back.
class RunInfoRequest final : public detail::Posted {
 public:
  RunInfoRequest(HubId asker, HubId asked, std::shared_ptr<Answers> answers)
      : asker_(asker), asked_(asked), answers_(std::move(answers)) {}

  void arrive() noexcept override {
    std::unique_ptr<RunInfoRequest> self(this);
    const Hub* here = Hub::find();
    const HubId expected = is_answer_ ? asker_ : asked_;
    if (here == nullptr || here->id() != expected) return;  // it has ended
    if (is_answer_) {
      answers_->add(asked_, std::move(text_));
      return;
    }
    text_ = format_run_info();
    is_answer_ = true;
    if (detail::Door::of(asker_).post(*this)) (void)self.release();
  }

 private:
  const HubId asker_;
  const HubId asked_;
  const std::shared_ptr<Answers> answers_;
  std::string text_;
  bool is_answer_ = false;
};

void write_out(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

std::string describe(const Greenlet& greenlet) {
  using State = Greenlet::State;
  std::ostringstream text;
  text << greenlet.name() << " (" << greenlet.id() << "): ";
  switch (greenlet.state_) {
    case State::created:
      text << "not started";
      break;
    case State::delayed:
      text << "waits for its start";
      break;
    case State::ready:
      text << "ready";
      break;
    case State::running:
      text << "running";
      break;
    case State::parked:
      describe_wait(text, *greenlet.waiting());
      break;
    case State::resting:
      text << "resting";
      break;
    case State::dead:
      if (greenlet.exited_)
        text << "killed: " << detail::describe(greenlet.exception_);
      else if (greenlet.exception_ != nullptr)
        text << "failed with " << detail::describe(greenlet.exception_);
      else
        text << "returned";
      break;
  }
  if (const std::string more = greenlet.details();
      !more.empty() && !greenlet.dead())
    text << ", " << more;
  return text.str();
}

std::string format_run_info() {
  Hub& hub = Hub::current();
  (void)hub.now();  // for recent_now(), which gives the ages
  const Tree tree(hub);
  std::ostringstream text;
  text << hub.name() << ": " << tree.size()
       << (tree.size() == 1 ? " greenlet\n" : " greenlets\n");
  tree.print(text);
  return text.str();
}

std::string format_run_info_of_all_hubs(Duration limit) {
  const Hub& here = Hub::current();
  here.assert_may_park();
  const auto answers = std::make_shared<Answers>();
  std::vector<std::pair<HubId, std::string>> names;
  detail::HubList::for_each([&](Hub& hub) {
    names.emplace_back(hub.id(), hub.name());
    if (&hub == &here) return;
    auto request =
        std::make_unique<RunInfoRequest>(here.id(), hub.id(), answers);
    ++answers->missing;
    if (detail::Door::of(hub.id()).post(*request)) (void)request.release();
  });
  if (answers->missing != 0) {
    Waiter waiter(kWaitsForHubs, answers.get());
    answers->complete.add(waiter);
    waiter.park(limit);
  }
  answers->texts[here.id()] = format_run_info();

  std::string text;
  for (const auto& [id, name] : names) {
    const auto answer = answers->texts.find(id);
    text += answer == answers->texts.end()
                ? name + ": busy, has not answered in time\n"
                : answer->second;
  }
  return text;
}

void print_run_info() { write_out(format_run_info()); }

void print_run_info_of_all_hubs(Duration limit) {
  write_out(format_run_info_of_all_hubs(limit));
}

void print_run_info_on(int signal) {
  struct sigaction action {};
  action.sa_handler = [](int) {
    const int error = errno;
    detail::Door::call_everybody(&print_run_info);
    errno = error;
  };
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  if (sigaction(signal, &action, nullptr) != 0)
    throw std::system_error(
        errno, std::generic_category(),
        "greenroom: print_run_info_on(" + std::to_string(signal) + ")");
}

}  // namespace greenroom
