# Compiler and linker options: ccache, mold, warnings, hardening, sanitizers.

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
  # False positives of GCC 12: uninitialised members in moved std::variants, overlaps in std::string's operator+ (GCC bug
  # 105651), and negative sizes in small_vector.
  target_compile_options(emostream_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overread)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(emostream_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()

# Hardening, as Debian builds its packages (dpkg-buildflags, hardening=+all); its compilers make position-independent
# executables by default.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
                      -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)  # no path of the build machine in binaries
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    add_compile_options(-fcf-protection)
  endif()
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()

if(EMOSTREAM_SANITIZE)
  add_compile_options(-fsanitize=${EMOSTREAM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${EMOSTREAM_SANITIZE})
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 provides std::expected to compilers whose __cpp_concepts is 202002 or later. Clang 16 implements enough of
  # concepts for it but defines an earlier date; older versions do not implement enough. The macro is undefined first because
  # clang-tidy reports a redefinition as an error.
  add_compile_options(-Wno-builtin-macro-redefined -U__cpp_concepts -D__cpp_concepts=202002L)
endif()
