#include "local_table.hpp"

#include "errors.hpp"
#include "report.hpp"

#include <algorithm>
#include <cstddef>

namespace greenroom::detail {
namespace {

// A destructor may use Locals and so make new values, but not for ever.
constexpr std::size_t kMostRevivals = 1000;

}  // namespace

std::unique_ptr<LocalTable::Value> LocalTable::take(const Key& key) noexcept {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(),
                   [&](const Entry& entry) { return entry.key == key; });
  if (found == entries_.end()) return nullptr;
  std::unique_ptr<Value> value = std::move(found->value);
  entries_.erase(found);
  return value;
}

void LocalTable::clear() noexcept {
  std::size_t left = entries_.size() + kMostRevivals;
  while (!entries_.empty()) {
    // Out of the table first: the value's destructor may look for it.
    const Entry last = std::move(entries_.back());
    entries_.pop_back();
    if (left-- == 0)
      abort_with("a greenlet ends, and the destructor of its Local<" +
                 readable_type(last.key->type.name()) +
                 "> makes Locals again and again");
  }
}

std::vector<std::string> LocalTable::describe() const {
  std::vector<std::string> types;
  for (const Entry& entry : entries_)
    types.push_back(readable_type(entry.key->type.name()));
  return types;
}

}  // namespace greenroom::detail
