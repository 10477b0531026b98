#pragma once
// Precompiled for actors/ and app/: CAF costs seconds per file otherwise.
#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
