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
# As in the project itself: without it, Clang 16 to 18 do not see libstdc++'s std::expected.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  set_property(TARGET emostream::base APPEND PROPERTY INTERFACE_COMPILE_OPTIONS
               -Wno-builtin-macro-redefined -U__cpp_concepts -D__cpp_concepts=202002L)
endif()
