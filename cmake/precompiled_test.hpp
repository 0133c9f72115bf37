// As precompiled.hpp, for unit tests.
#pragma once

#include "precompiled.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
