#pragma once

// What this folder uses of Asio. Private to it: no public header includes this.

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/clock.hpp"

namespace emostream::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

// The executor is named, not type-erased: an any_io_executor costs an allocation and two indirect calls here
// and there.
using executor = asio::io_context::executor_type;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;
using steady_timer = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, executor>;

}  // namespace emostream::net
