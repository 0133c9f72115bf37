// The one translation unit that compiles Beast; the others only declare it.
#include <boost/beast/src.hpp>
