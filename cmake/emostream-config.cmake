# find_package(emostream) defines emostream::server, the Socket.IO server, and emostream::socketio and emostream::engineio, the
# protocols without I/O.
include(CMakeFindDependencyMacro)
find_dependency(Boost 1.81 COMPONENTS json url)
find_dependency(Threads)
find_dependency(OpenSSL 3.0)
find_dependency(spdlog 1.10)
find_dependency(ZLIB)
find_dependency(PkgConfig)
pkg_check_modules(BROTLI REQUIRED IMPORTED_TARGET libbrotlienc)
include(${CMAKE_CURRENT_LIST_DIR}/emostream-targets.cmake)
