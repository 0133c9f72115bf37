#pragma once

#include "choices.hpp"

// Generators of messages of up to 2 MB that are expensive to read for their size.
namespace emostream::fuzzing {

bytes json_event(choices& from);     ///< a Socket.IO event as a WebSocket message
bytes msgpack_event(choices& from);  ///< the same in MessagePack
bytes post_body(choices& from);      ///< many Engine.IO packets

}  // namespace emostream::fuzzing
