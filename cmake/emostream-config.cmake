# find_package(emostream): the target emostream::server is the Socket.IO server; emostream::socketio and
# emostream::engineio are the protocols without a network.
include(CMakeFindDependencyMacro)
find_dependency(Boost 1.81 COMPONENTS json url)
find_dependency(Threads)
find_dependency(OpenSSL 3.0)
find_dependency(spdlog 1.10)
find_dependency(ZLIB)
find_dependency(PkgConfig)
pkg_check_modules(BROTLI REQUIRED IMPORTED_TARGET libbrotlienc)
include(${CMAKE_CURRENT_LIST_DIR}/emostream-targets.cmake)
