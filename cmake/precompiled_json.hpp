// Like precompiled_std.hpp, for folders whose public headers use Boost.JSON.
#pragma once

#include "precompiled_std.hpp"

#include <boost/json.hpp>
