// Like precompiled_std.hpp, for unit tests.
#pragma once

#include "precompiled_std.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
