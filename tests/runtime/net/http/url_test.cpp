#include "../../../support/catch2.hpp"

#include <greenroom/runtime/net/http/url.hpp>

#include <stdexcept>

namespace greenroom::test {
namespace {

using http::Url;

TEST_CASE("url: its parts", "[net][http][url]") {
  const Url url = Url::parse("HTTP://Example.org:8088/a%20b?x=1#top");
  CHECK(url.scheme == "http");
  CHECK(url.host == "example.org");
  CHECK(url.port == 8088);
  CHECK(url.target == "/a%20b?x=1");
  CHECK(url.authority() == "example.org:8088");
}

TEST_CASE("url: what is left out has a default", "[net][http][url]") {
  CHECK(Url::parse("http://a").target == "/");
  CHECK(Url::parse("http://a?x").target == "/?x");
  CHECK(Url::parse("http://a").port == 80);
  CHECK(Url::parse("wss://a").port == 443);
  CHECK(Url::parse("http://a:80/").authority() == "a");
}

TEST_CASE("url: an IPv6 address stands in brackets", "[net][http][url]") {
  CHECK(Url::parse("http://[::1]:8088/").host == "::1");
  CHECK(Url::parse("http://[::1]:8088/").port == 8088);
  CHECK(Url::parse("http://[::1]/").authority() == "[::1]");
}

TEST_CASE("url: what is not a URL is refused", "[net][http][url]") {
  for (const char* text :
       {"", "a", "/a", "http://", "http://:80/", "ftp://a/", "http://a:x/",
        "http://a:99999/", "http://a:/", "http://user@a/", "http://a/b c",
        "http://a/\r\nX: y"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(Url::parse(text), std::invalid_argument);
  }
}

TEST_CASE("url: where a reference leads", "[net][http][url]") {
  const Url base = Url::parse("http://a:81/b/c?d");
  CHECK(base.resolve("http://x/y").authority() == "x");
  CHECK(base.resolve("//x/y").host == "x");
  CHECK(base.resolve("/y?z").target == "/y?z");
  CHECK(base.resolve("/y").authority() == "a:81");
  CHECK(base.resolve("?z").target == "/b/c?z");
  CHECK(base.resolve("y").target == "/b/y");
  CHECK(base.resolve("y?u=http://z").target == "/b/y?u=http://z");
  CHECK(base.resolve("").target == "/b/c?d");
  CHECK(base.resolve("#top").target == "/b/c?d");
}

}  // namespace
}  // namespace greenroom::test
