#pragma once

#include <string>

#include <boost/asio/ip/address.hpp>

#include "base/result.hpp"

namespace emostream::net {

/// The address of `host`: the address itself, or the first one that the system's resolver returns for a name.
/// Blocks while it looks up a name.
result<boost::asio::ip::address> resolve(const std::string& host);

}  // namespace emostream::net
