#include "../../../../support/catch2.hpp"

#include <greenroom/runtime/net/http/server/head_scan.hpp>
#include <greenroom/runtime/net/http/server/request.hpp>

#include <string>
#include <string_view>

namespace greenroom::test {
namespace {

using detail::HttpHeadScan;
using detail::skip_empty_lines;

// The status with which it is refused, 0 if it is not.
int refusal_of(std::string_view input, const http::Limits& limits = {}) {
  try {
    (void)HttpHeadScan(limits).find_end(input);
    return 0;
  } catch (const http::HttpError& error) {
    return error.status();
  }
}

TEST_CASE("head scan: the head ends with its empty line",
          "[net][http][head_scan]") {
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const http::Limits limits;
  CHECK(HttpHeadScan(limits).find_end(head) == head.size());
  CHECK(HttpHeadScan(limits).find_end(head + "GET /next") == head.size());
  CHECK(HttpHeadScan(limits).find_end("\r\n\r\n") == 0);
  CHECK(HttpHeadScan(limits).find_end("\r\n" + head) == head.size() + 2);
}

TEST_CASE("head scan: it may arrive in pieces of any size",
          "[net][http][head_scan]") {
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n";
  for (std::size_t step = 1; step < head.size(); ++step) {
    CAPTURE(step);
    const http::Limits limits;
    HttpHeadScan scan(limits);
    for (std::size_t size = 0; size < head.size(); size += step)
      REQUIRE(scan.find_end(std::string_view(head).substr(0, size)) == 0);
    CHECK(scan.find_end(head) == head.size());
  }
}

TEST_CASE("head scan: refuses at the first wrong line, without the rest",
          "[net][http][head_scan]") {
  CHECK(refusal_of("hello\r\n") == 400);
  CHECK(refusal_of("GET /\r\n") == 400);
  CHECK(refusal_of("PRI * HTTP/2.0\r\n") == 505);
  CHECK(refusal_of("GET / HTTP/1.1\n") == 400);
  CHECK(refusal_of("\n") == 400);
  CHECK(refusal_of("GET / HTTP/1.1\r\n\n") == 400);
  CHECK(refusal_of("GET / HTTP/1.1\r\nHost x\r\n") == 400);
  CHECK(refusal_of("GET / HTTP/1.1\r\nA: b\rc\r\n") == 400);
  CHECK(refusal_of("GET / HTTP/1.1\r\nA: b\r\n c\r\n") == 400);
  CHECK(refusal_of("GET / HTTP/1.1\r\nHost: x") == 0);
}

TEST_CASE("head scan: enforces the limits before the end is there",
          "[net][http][head_scan]") {
  http::Limits limits;
  limits.header_size = 200;
  limits.header_count = 3;
  limits.target_size = 10;
  const std::string line = "GET / HTTP/1.1\r\n";
  CHECK(refusal_of("GET /" + std::string(80, 'a'), limits) == 414);
  CHECK(refusal_of(line + "A: " + std::string(200, 'a'), limits) == 431);
  CHECK(refusal_of(line + "A: b\r\nA: b\r\nA: b\r\n", limits) == 0);
  CHECK(refusal_of(line + "A: b\r\nA: b\r\nA: b\r\nA: b\r\n", limits) == 431);
}

TEST_CASE("head scan: empty lines before a request are counted",
          "[net][http][head_scan]") {
  CHECK(skip_empty_lines("") == 0);
  CHECK(skip_empty_lines("GET") == 0);
  CHECK(skip_empty_lines("\r\nGET") == 2);
  CHECK(skip_empty_lines("\r\n\r\n\r") == 4);
  CHECK(skip_empty_lines("\n") == 0);
}

}  // namespace
}  // namespace greenroom::test
