# How everything is compiled and linked: ccache, a fast linker, warnings, sanitizers.

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
                                  CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=time_macros,pch_defines ${CCACHE})
endif()

find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(emostream_options INTERFACE)
target_compile_options(emostream_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                                                   -Woverloaded-virtual -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees uninitialised members in moved std::variants, overlaps in std::string's operator+ (GCC bug 105651), and
  # negative sizes in small_vector.
  target_compile_options(emostream_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overread)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(emostream_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()

if(EMOSTREAM_SANITIZE)
  add_compile_options(-fsanitize=${EMOSTREAM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${EMOSTREAM_SANITIZE})
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 hides std::expected from clang, which announces an older date for concepts than it implements. (Before
  # version 16 it does not implement enough of them for it.)
  add_compile_options(-Wno-macro-redefined -D__cpp_concepts=202002L)
endif()
