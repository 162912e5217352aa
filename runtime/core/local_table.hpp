// A LocalTable holds one greenlet's values of Local<T>.
//
// Thread rule: owning hub only; a key may be shared by greenlets of all hubs.
// Order: values are destroyed in the reverse order of their making.
#pragma once

#include "export.hpp"

#include <boost/intrusive/list.hpp>

#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

namespace greenroom::detail {

/// Identifies a Local. Each value keeps its key alive, so that the key's
/// address is not used again while there is a value.
struct LocalKey {
  const std::type_info& type;
};

class GREENROOM_API LocalTable
    : public boost::intrusive::list_base_hook<
          boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using Key = std::shared_ptr<const LocalKey>;
  using List =
      boost::intrusive::list<LocalTable,
                             boost::intrusive::constant_time_size<false>>;

  class Value {
   public:
    Value() = default;
    Value(const Value&) = delete;
    Value& operator=(const Value&) = delete;
    virtual ~Value() = default;
  };

  explicit LocalTable(List& all) { all.push_back(*this); }
  LocalTable(const LocalTable&) = delete;
  LocalTable& operator=(const LocalTable&) = delete;
  ~LocalTable() { clear(); }

  /// Null if there is none. There are few values, so a linear search is fast.
  [[nodiscard]] Value* find(const Key& key) const noexcept {
    for (const Entry& entry : entries_)
      if (entry.key == key) return entry.value.get();
    return nullptr;
  }
  void add(const Key& key, std::unique_ptr<Value> value) {
    entries_.push_back({key, std::move(value)});
  }
  /// Takes the value out; null if there is none.
  [[nodiscard]] std::unique_ptr<Value> take(const Key& key) noexcept;

  /// Destroys all values, and those that their destructors make. Aborts if that
  /// does not come to an end.
  void clear() noexcept;

  /// The types of the values, oldest first.
  [[nodiscard]] std::vector<std::string> describe() const;

 private:
  struct Entry {
    Key key;
    std::unique_ptr<Value> value;
  };

  std::vector<Entry> entries_;  // oldest first
};

using LocalTables = LocalTable::List;

}  // namespace greenroom::detail
