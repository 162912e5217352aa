// The limits of an http::Server, and what it answers to a client that exceeds
// them.
//
// Thread rule: any thread; a value.
#pragma once

#include "../../../core/clock.hpp"
#include "../../../core/std_parts.hpp"

#include <cstddef>
#include <cstdint>

namespace greenroom::http {

/// How much, how many and how long. Each says what a client gets that exceeds
/// it.
struct Limits {
  /// The request line and all header lines, in bytes: else 431.
  std::size_t header_size = std::size_t{16} * 1024;
  /// How many header lines: else 431.
  std::size_t header_count = 100;
  /// The target of the request, in bytes: else 414.
  std::size_t target_size = std::size_t{8} * 1024;
  /// A body, in bytes: else 413, at once if the header says how long it is.
  std::uint64_t body_size = std::uint64_t{8} * 1024 * 1024;
  /// How many connections at the same time; more are answered with 503 and
  /// closed.
  std::size_t connections = 50'000;
  /// How many requests of one connection, on the average of a second: else 429.
  /// 0: any number.
  std::uint32_t requests_per_second = 50'000;
  /// From the first byte of a request to the end of its header: else 408.
  Duration header_time = std::chrono::seconds(10);
  /// How long the next piece of a body may take: else 408.
  Duration body_time = std::chrono::seconds(30);
  /// How long the next request may take; then the connection is closed without
  /// a word.
  Duration idle_time = std::chrono::seconds(75);
  /// How long the client may take for the next piece of an answer.
  Duration write_time = std::chrono::seconds(60);
};

}  // namespace greenroom::http
