// Everything in greenroom, in reading order, except for what is built only if
// its library is there: runtime/net/tls/tls_socket.hpp (OpenSSL) and
// runtime/net/zmq/ (ZeroMQ). All of runtime/net/ may be left out
// (GREENROOM_NET).
#pragma once

#include "runtime/core/clock.hpp"
#include "runtime/core/errors.hpp"
#include "runtime/core/greenlet.hpp"
#include "runtime/core/hub.hpp"
#include "runtime/core/shutdown.hpp"
#include "runtime/core/version.hpp"
//
#include "runtime/tasks/join.hpp"
#include "runtime/tasks/spawn.hpp"
#include "runtime/tasks/timeout.hpp"
//
#include "runtime/sync/async_result.hpp"
#include "runtime/sync/barrier.hpp"
#include "runtime/sync/condition.hpp"
#include "runtime/sync/event.hpp"
#include "runtime/sync/lock.hpp"
#include "runtime/sync/semaphore.hpp"
//
#include "runtime/sync/channel.hpp"
#include "runtime/sync/joinable_queue.hpp"
#include "runtime/sync/lifo_queue.hpp"
#include "runtime/sync/priority_queue.hpp"
#include "runtime/sync/queue.hpp"
//
#include "runtime/tasks/generator.hpp"
#include "runtime/tasks/group.hpp"
#include "runtime/tasks/local.hpp"
#include "runtime/tasks/pool.hpp"
#include "runtime/tasks/raw_greenlet.hpp"
#include "runtime/tasks/thread_pool.hpp"
//
#include "runtime/inspect/assert_switches.hpp"
#include "runtime/inspect/run_info.hpp"
#include "runtime/inspect/watchdog.hpp"
//
#if __has_include("runtime/net/endpoint.hpp")
#include "runtime/net/endpoint.hpp"
#include "runtime/net/listener.hpp"
#include "runtime/net/poll.hpp"
#include "runtime/net/select.hpp"
#include "runtime/net/selector.hpp"
#include "runtime/net/signals.hpp"
#include "runtime/net/socket.hpp"
#include "runtime/net/stream.hpp"
#include "runtime/net/tcp_socket.hpp"
#include "runtime/net/udp_socket.hpp"
#include "runtime/net/unix_socket.hpp"
#include "runtime/net/wait_fd.hpp"
//
#include "runtime/net/process/completed_process.hpp"
#include "runtime/net/process/pipe.hpp"
#include "runtime/net/process/subprocess.hpp"
#include "runtime/net/servers/datagram_server.hpp"
#include "runtime/net/servers/server.hpp"
#include "runtime/net/servers/stream_server.hpp"
//
#include "runtime/net/http/client/client.hpp"
#include "runtime/net/http/server/server.hpp"
#include "runtime/net/http/websocket/websocket.hpp"
#endif
//
#include "messaging/actor_ref.hpp"
#include "messaging/broadcast.hpp"
#include "messaging/message.hpp"
#include "messaging/reply.hpp"
//
#include "actors/actor.hpp"
#include "actors/actor_system.hpp"
#include "actors/ref.hpp"
#include "actors/spawn.hpp"
#include "actors/typed_actor.hpp"
