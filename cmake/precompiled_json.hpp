// Like precompiled_std.hpp, with Boost.JSON; cmake/emostream.cmake says for which folders.
#pragma once

#include "precompiled_std.hpp"

#include <boost/json.hpp>
