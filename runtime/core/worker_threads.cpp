#include "worker_threads.hpp"

namespace greenroom::detail {

constinit std::atomic<std::size_t> worker_threads{0};
thread_local constinit bool is_worker_thread = false;

}  // namespace greenroom::detail
