#include "local.hpp"

#include "../core/hub.hpp"

namespace greenroom {

void detail::drop_local(const LocalTable::Key& key) noexcept {
  Hub* hub = Hub::find();
  if (hub == nullptr) return;
  // All are taken out first: a destructor may touch Locals, or wait.
  std::vector<std::unique_ptr<LocalTable::Value>> values;
  for (LocalTable& table : hub->local_tables())
    if (auto value = table.take(key)) values.push_back(std::move(value));
}

std::vector<std::string> describe_locals(const Greenlet& greenlet) {
  const detail::LocalTable* table = greenlet.find_locals();
  return table == nullptr ? std::vector<std::string>() : table->describe();
}

}  // namespace greenroom
