# Precompiled headers (option EMOSTREAM_PCH): one for each set of headers below, shared by all libraries and test programs
# that use the set.

# emostream_precompiled(TARGET SET): TARGET compiles with precompiled_SET.hpp ("std" is precompiled.hpp).
function(emostream_precompiled TARGET SET)
  if(NOT EMOSTREAM_PCH)
    return()
  endif()
  set(pch emostream_pch_${SET})
  if(NOT TARGET ${pch})
    set(header ${CMAKE_SOURCE_DIR}/cmake/precompiled_${SET}.hpp)
    if(SET STREQUAL "std")
      set(header ${CMAKE_SOURCE_DIR}/cmake/precompiled.hpp)
    endif()
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${pch}.cpp CONTENT "")
    add_library(${pch} STATIC ${CMAKE_BINARY_DIR}/${pch}.cpp)
    target_compile_features(${pch} PUBLIC cxx_std_23)
    target_link_libraries(${pch} PRIVATE emostream_options ${ARGN})
    if(SET STREQUAL "net") # as src/net compiles: a header precompiled with other macros is not used
      target_compile_definitions(${pch} PRIVATE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
                                                BOOST_BEAST_SEPARATE_COMPILATION)
    endif()
    target_precompile_headers(${pch} PRIVATE ${header})
  endif()
  target_precompile_headers(${TARGET} REUSE_FROM ${pch})
endfunction()
