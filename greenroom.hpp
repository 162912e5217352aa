// Everything of greenroom, in reading order.
#pragma once

#include "greenroom/runtime/clock.hpp"
#include "greenroom/runtime/errors.hpp"
#include "greenroom/runtime/event.hpp"
#include "greenroom/runtime/greenlet.hpp"
#include "greenroom/runtime/hub.hpp"
#include "greenroom/runtime/join.hpp"
#include "greenroom/runtime/semaphore.hpp"
#include "greenroom/runtime/spawn.hpp"
#include "greenroom/runtime/timeout.hpp"
//
#include "greenroom/runtime/async_result.hpp"
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
