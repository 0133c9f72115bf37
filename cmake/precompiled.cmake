# Precompiled headers (option EMOSTREAM_PCH): each cmake/precompiled_SET.hpp is compiled once and shared by all targets that
# use it.

# emostream_precompiled(TARGET SET [LIBRARY …]): compiles TARGET with precompiled_SET.hpp, which includes headers of each LIBRARY.
function(emostream_precompiled TARGET SET)
  if(NOT EMOSTREAM_PCH STREQUAL "ON" AND NOT (EMOSTREAM_PCH STREQUAL "TESTS" AND SET STREQUAL "test"))
    return()
  endif()
  set(pch emostream_pch_${SET})
  if(NOT TARGET ${pch})
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${pch}.cpp CONTENT "")
    add_library(${pch} STATIC ${CMAKE_BINARY_DIR}/${pch}.cpp)
    target_compile_features(${pch} PUBLIC cxx_std_23)
    target_link_libraries(${pch} PRIVATE emostream_options ${ARGN})
    if(SET STREQUAL "net") # the same macros as for src/net; otherwise GCC does not use the precompiled header
      target_compile_definitions(${pch} PRIVATE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
                                                BOOST_BEAST_SEPARATE_COMPILATION)
    endif()
    target_precompile_headers(${pch} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled_${SET}.hpp)
  endif()
  target_precompile_headers(${TARGET} REUSE_FROM ${pch})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU") # false positives in std::string (GCC bug 105651), since the header is not a system header
    target_compile_options(${TARGET} PRIVATE -Wno-stringop-overflow)
  endif()
endfunction()
