# The library's reference, from its headers: `cmake --build build/release --target reference` makes
# build/release/reference/html/index.html. Fails where a comment names what is not there.

foreach(folder ${library_folders})
  get_target_property(headers emostream_${folder} HEADER_SET)
  list(APPEND DOXYGEN_INPUT ${headers})
endforeach()
file(GLOB decisions CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/adr/*.md)
list(APPEND DOXYGEN_INPUT ${PROJECT_SOURCE_DIR}/docs/socketio.md ${PROJECT_SOURCE_DIR}/docs/production.md
                          ${PROJECT_SOURCE_DIR}/docs/benchmarks/socketio.md ${decisions})
list(TRANSFORM DOXYGEN_INPUT REPLACE "(.+)" "\"\\1\"")
list(JOIN DOXYGEN_INPUT " " DOXYGEN_INPUT)
configure_file(${PROJECT_SOURCE_DIR}/docs/Doxyfile.in ${PROJECT_BINARY_DIR}/Doxyfile @ONLY)

add_custom_target(reference
  COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/reference
  COMMAND doxygen ${PROJECT_BINARY_DIR}/Doxyfile
  COMMENT "Making reference/html/index.html"
  VERBATIM)
