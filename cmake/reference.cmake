# API reference of the library, generated from its headers and guides: `cmake --build build/release --target reference`
# writes build/release/reference/html/index.html. Any warning is an error, for example a reference to an unknown name.

foreach(folder ${library_folders})
  get_target_property(headers emostream_${folder} HEADER_SET)
  list(APPEND DOXYGEN_INPUT ${headers})
endforeach()
file(GLOB decisions CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/adr/*.md)
list(APPEND DOXYGEN_INPUT ${PROJECT_SOURCE_DIR}/docs/socketio.md ${PROJECT_SOURCE_DIR}/docs/production.md
                          ${PROJECT_SOURCE_DIR}/docs/settings.md ${PROJECT_SOURCE_DIR}/docs/benchmarks/socketio.md ${decisions})
list(TRANSFORM DOXYGEN_INPUT REPLACE "(.+)" "\"\\1\"")
list(JOIN DOXYGEN_INPUT " " DOXYGEN_INPUT)
configure_file(${PROJECT_SOURCE_DIR}/docs/Doxyfile.in ${PROJECT_BINARY_DIR}/Doxyfile @ONLY)

add_custom_target(reference
  COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/reference
  COMMAND doxygen ${PROJECT_BINARY_DIR}/Doxyfile
  COMMENT "Generating reference/html/index.html"
  VERBATIM)
