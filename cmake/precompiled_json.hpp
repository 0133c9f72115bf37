// As precompiled.hpp, for folders whose public headers use Boost.JSON.
#pragma once

#include "precompiled.hpp"

#include <boost/json.hpp>
