#include "../support/catch2.hpp"

#include <greenroom/messaging/payload.hpp>

#include <memory>
#include <string>

namespace greenroom::test {

// Not in the unnamed namespace below, where names do not say what is the same.
struct Hello {};
struct Goodbye {};
enum class Colour : char { red };
template <class T>
struct Box {
  T content;
};

namespace {

using detail::is_same;
using detail::last_word_of_name;
using detail::message_type;
using detail::MessageType;

// What another library has for the same type.
template <class T>
MessageType elsewhere() {
  return message_type<T>;
}

TEST_CASE("message type: is the same in each library, by its name",
          "[messaging][payload]") {
  CHECK(is_same(message_type<Hello>, message_type<Hello>));
  CHECK(is_same(elsewhere<Hello>(), message_type<Hello>));
  CHECK(is_same(elsewhere<Box<Hello>>(), message_type<Box<Hello>>));
  CHECK(is_same(elsewhere<int>(), message_type<int>));
  CHECK(is_same(elsewhere<std::unique_ptr<Hello>>(),
                message_type<std::unique_ptr<Hello>>));
}

TEST_CASE("message type: differs from others that look the same",
          "[messaging][payload]") {
  CHECK_FALSE(is_same(elsewhere<Goodbye>(), message_type<Hello>));
  CHECK_FALSE(is_same(elsewhere<Box<Hello>>(), message_type<Hello>));
  CHECK_FALSE(is_same(elsewhere<Box<Hello>>(), message_type<Box<Goodbye>>));
  CHECK_FALSE(is_same(elsewhere<bool>(), message_type<Hello>));
  CHECK_FALSE(is_same(elsewhere<Colour>(), message_type<Hello>));
  CHECK_FALSE(is_same(elsewhere<std::string>(), message_type<Hello>));
}

TEST_CASE("message type: differs between scopes", "[messaging][payload]") {
  struct Hello {};
  CHECK(last_word_of_name<Hello>() == last_word_of_name<test::Hello>());
  CHECK_FALSE(is_same(elsewhere<Hello>(), message_type<test::Hello>));
}

struct Private {};

TEST_CASE("message type: of an unnamed namespace is of one file",
          "[messaging][payload]") {
  CHECK(is_same(message_type<Private>, message_type<Private>));
  CHECK_FALSE(is_same(elsewhere<Private>(), message_type<Private>));
  CHECK_FALSE(is_same(elsewhere<Box<Private>>(), message_type<Box<Private>>));
}

TEST_CASE("message type: knows the last word of a name, if there is one",
          "[messaging][payload]") {
  STATIC_REQUIRE(last_word_of_name<Hello>() > 1);
  STATIC_REQUIRE(last_word_of_name<Hello>() != last_word_of_name<Goodbye>());
  STATIC_REQUIRE(last_word_of_name<Colour>() > 1);
  STATIC_REQUIRE(last_word_of_name<int>() == 1);
  STATIC_REQUIRE(last_word_of_name<Hello*>() == 1);
  STATIC_REQUIRE(last_word_of_name<Box<int>>() == 0);
}

}  // namespace
}  // namespace greenroom::test
