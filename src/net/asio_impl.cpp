// The one translation unit that compiles Asio; the others only declare it.
#include <boost/asio/impl/src.hpp>
