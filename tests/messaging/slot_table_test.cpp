#include "../support/catch2.hpp"

#include <greenroom/messaging/slot_table.hpp>

#include <set>
#include <vector>

namespace greenroom::test {
namespace {

using Table = detail::SlotTable<int>;

TEST_CASE("slot_table: finds what was added by its name",
          "[messaging][slot_table]") {
  Table table;
  int a = 1;
  int b = 2;
  const Table::Name name_a = table.add(a);
  const Table::Name name_b = table.add(b);

  CHECK(table.find(name_a.slot, name_a.generation) == &a);
  CHECK(table.find(name_b.slot, name_b.generation) == &b);
  CHECK(table.size() == 2);
}

TEST_CASE("slot_table: finds nothing by a name that it has not given",
          "[messaging][slot_table]") {
  Table table;
  int a = 1;
  const Table::Name name = table.add(a);

  CHECK(table.find(name.slot, name.generation + 1) == nullptr);
  CHECK(table.find(name.slot + 1, name.generation) == nullptr);
  CHECK(table.find(name.slot, 0) == nullptr);
}

TEST_CASE("slot_table: uses a slot again, with another generation",
          "[messaging][slot_table]") {
  Table table;
  int a = 1;
  int b = 2;
  const Table::Name old_name = table.add(a);
  table.remove(old_name.slot);
  const Table::Name new_name = table.add(b);

  CHECK(new_name.slot == old_name.slot);
  CHECK(new_name.generation != old_name.generation);
  CHECK(table.find(old_name.slot, old_name.generation) == nullptr);
  CHECK(table.find(new_name.slot, new_name.generation) == &b);
}

TEST_CASE("slot_table: never gives a name twice, in thousands of rounds",
          "[messaging][slot_table]") {
  Table table;
  std::vector<int> things(10);
  std::set<std::pair<std::uint32_t, std::uint64_t>> seen;
  for (int round = 0; round < 1'000; ++round) {
    std::vector<Table::Name> names;
    for (int& thing : things) names.push_back(table.add(thing));
    for (const Table::Name& name : names) {
      seen.insert({name.slot, name.generation});
      table.remove(name.slot);
    }
  }

  CHECK(seen.size() == 10'000);
  CHECK(table.size() == 0);
}

TEST_CASE("slot_table: a mark is part of the generation",
          "[messaging][slot_table]") {
  constexpr std::uint64_t mark = std::uint64_t{1} << 63U;
  Table table;
  int a = 1;
  const Table::Name name = table.add(a, mark);

  CHECK((name.generation & mark) != 0);
  CHECK(table.find(name.slot, name.generation) == &a);
  CHECK(table.find(name.slot, name.generation & ~mark) == nullptr);
}

TEST_CASE("slot_table: a name follows its object when that moves",
          "[messaging][slot_table]") {
  Table table;
  int before = 1;
  int after = 1;
  const Table::Name name = table.add(before);
  table.move(name.slot, after);

  CHECK(table.find(name.slot, name.generation) == &after);
}

TEST_CASE("slot_table: visits the objects that are there",
          "[messaging][slot_table]") {
  Table table;
  std::vector<int> things{1, 2, 4, 8};
  std::vector<Table::Name> names;
  for (int& thing : things) names.push_back(table.add(thing));
  table.remove(names[1].slot);
  table.remove(names[3].slot);

  int sum = 0;
  table.for_each([&](const int& thing) { sum += thing; });
  CHECK(sum == 5);
}

}  // namespace
}  // namespace greenroom::test
