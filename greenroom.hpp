// Everything of greenroom, in reading order.
#pragma once

#include "greenroom/runtime/clock.hpp"
#include "greenroom/runtime/errors.hpp"
#include "greenroom/runtime/event.hpp"
#include "greenroom/runtime/greenlet.hpp"
#include "greenroom/runtime/hub.hpp"
#include "greenroom/runtime/join.hpp"
#include "greenroom/runtime/semaphore.hpp"
//
#include "greenroom/runtime/barrier.hpp"
#include "greenroom/runtime/condition.hpp"
#include "greenroom/runtime/generator.hpp"
#include "greenroom/runtime/local.hpp"
#include "greenroom/runtime/lock.hpp"
#include "greenroom/runtime/raw_greenlet.hpp"
#include "greenroom/runtime/spawn.hpp"
#include "greenroom/runtime/timeout.hpp"
//
#include "greenroom/runtime/async_result.hpp"
#include "greenroom/runtime/group.hpp"
#include "greenroom/runtime/pool.hpp"
#include "greenroom/runtime/thread_pool.hpp"
//
#include "greenroom/runtime/channel.hpp"
#include "greenroom/runtime/joinable_queue.hpp"
#include "greenroom/runtime/lifo_queue.hpp"
#include "greenroom/runtime/priority_queue.hpp"
#include "greenroom/runtime/queue.hpp"
//
#include "greenroom/runtime/assert_switches.hpp"
#include "greenroom/runtime/run_info.hpp"
#include "greenroom/runtime/watchdog.hpp"
//
#include "greenroom/runtime/net/endpoint.hpp"
#include "greenroom/runtime/net/listener.hpp"
#include "greenroom/runtime/net/stream.hpp"
#include "greenroom/runtime/net/tcp_socket.hpp"
#include "greenroom/runtime/net/unix_socket.hpp"
#include "greenroom/runtime/net/wait_fd.hpp"
//
#include "greenroom/runtime/net/http/client.hpp"
#include "greenroom/runtime/net/http/server.hpp"
#include "greenroom/runtime/net/http/websocket.hpp"
//
#include "greenroom/messaging/actor_ref.hpp"
#include "greenroom/messaging/broadcast.hpp"
#include "greenroom/messaging/message.hpp"
#include "greenroom/messaging/reply.hpp"
//
#include "greenroom/actors/actor.hpp"
#include "greenroom/actors/actor_system.hpp"
#include "greenroom/actors/ref.hpp"
#include "greenroom/actors/spawn.hpp"
#include "greenroom/actors/typed_actor.hpp"
