#include "../support/catch2.hpp"

#include <greenroom/messaging/address.hpp>

#include <set>
#include <type_traits>
#include <unordered_set>

namespace greenroom::test {
namespace {

TEST_CASE("address: is 16 bytes that copy without a constructor",
          "[messaging][address]") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<Address>);
  STATIC_REQUIRE(sizeof(Address) == 16);
}

TEST_CASE("address: keeps slot, hub, node and generation",
          "[messaging][address]") {
  const Address address{7, 3, 2, 41};

  CHECK(address.slot() == 7);
  CHECK(address.hub() == 3);
  CHECK(address.node() == 2);
  CHECK(address.generation() == 41);
  CHECK_FALSE(address.is_nobody());
  CHECK_FALSE(address.is_reply());
  CHECK_FALSE(address.wants_receipt());
}

TEST_CASE("address: names nobody unless told otherwise",
          "[messaging][address]") {
  CHECK(Address().is_nobody());
  CHECK(to_string(Address()) == "nobody");
}

TEST_CASE("address: says hub, slot and generation, without its marks",
          "[messaging][address]") {
  CHECK(to_string(Address{7, 0, 0, 1}) == "hub0/7.1");
  const Address bounded{7, 12, 0, 1 | Address::receipt_mark(true)};
  CHECK(to_string(bounded) == "hub12/7.1");
  CHECK(to_string(Address{Address::reply_slot(7), 0, 0, 5}) == "hub0/reply7.5");
}

TEST_CASE("address: marks can be read and taken away", "[messaging][address]") {
  const Address plain{7, 0, 0, 1 | Address::receipt_mark(false)};
  const Address bounded{7, 0, 0, 1 | Address::receipt_mark(true)};
  const Address reply{Address::reply_slot(7), 0, 0, 1};

  CHECK_FALSE(plain.wants_receipt());
  CHECK(bounded.wants_receipt());
  CHECK(bounded.bare_generation() == 1);
  CHECK(bounded != plain);
  CHECK_FALSE(plain.is_reply());
  CHECK(reply.is_reply());
  CHECK(reply.index() == 7);
}

TEST_CASE("address: each of its parts tells two apart",
          "[messaging][address]") {
  const Address one{7, 3, 0, 41};
  const Address same{7, 3, 0, 41};
  const Address others[] = {
      {8, 3, 0, 41}, {7, 4, 0, 41}, {7, 3, 1, 41}, {7, 3, 0, 42}};

  CHECK(one == same);
  CHECK(std::hash<Address>()(one) == std::hash<Address>()(same));
  for (const Address& other : others) {
    CHECK(one != other);
    CHECK(std::hash<Address>()(one) != std::hash<Address>()(other));
    CHECK((one < other) != (other < one));
  }
}

TEST_CASE("address: is a key of ordered and unordered sets",
          "[messaging][address]") {
  std::set<Address> ordered;
  std::unordered_set<Address> unordered;
  for (int round = 0; round < 2; ++round)
    for (std::uint32_t slot = 0; slot < 100; ++slot) {
      ordered.insert({slot, 1, 0, slot + 1});
      unordered.insert({slot, 1, 0, slot + 1});
    }

  CHECK(ordered.size() == 100);
  CHECK(unordered.size() == 100);
}

}  // namespace
}  // namespace greenroom::test
