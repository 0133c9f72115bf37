#pragma once

// The parts of Asio that most of this folder uses. The headers that programs include (http_server.hpp and
// server.hpp) do not include this one.

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

// A concrete executor, because the type-erased any_io_executor costs allocations and indirect calls.
using executor = asio::io_context::executor_type;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;
using steady_timer = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, executor>;

}  // namespace emostream::net
