# External libraries: Debian 12 packages (packaging/packages-build.txt) and npm packages (package-lock.json). CMake downloads
# nothing.

# Dependencies of the library; cmake/emostream-config.cmake has the same list.
set(Boost_USE_STATIC_LIBS OFF)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(BROTLI REQUIRED IMPORTED_TARGET libbrotlienc)

if(EMOSTREAM_SERVICE)
  find_package(tomlplusplus REQUIRED)
  find_package(CLI11 REQUIRED)
  find_package(GIF 5 REQUIRED)
  find_package(JPEG REQUIRED)
  find_package(PNG REQUIRED)
  pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp)
  pkg_check_modules(LIBJWT REQUIRED IMPORTED_TARGET libjwt)
  find_package(OnnxRuntime REQUIRED)
  find_package(prometheus-cpp REQUIRED)
endif()
if(EMOSTREAM_TESTS)
  find_package(GTest REQUIRED)
endif()
