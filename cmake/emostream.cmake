include(GoogleTest OPTIONAL)
include(precompiled)

# emostream_library(NAME SOURCES … USES … [PRIVATE …])
# Defines the library of one folder of src/. USES lists the folders and external libraries that its headers may include,
# PRIVATE those that only its source files may include. tests/house compares the folders with the table in ARCHITECTURE.md.
function(emostream_library NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_library(emostream_${NAME} STATIC ${ARG_SOURCES})
  add_library(emostream::${NAME} ALIAS emostream_${NAME})
  target_include_directories(emostream_${NAME} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src>)
  target_compile_features(emostream_${NAME} PUBLIC cxx_std_23)
  target_link_libraries(emostream_${NAME} PUBLIC ${ARG_USES} PRIVATE ${ARG_PRIVATE} $<BUILD_INTERFACE:emostream_options>)
  if(NAME STREQUAL "net")
    emostream_precompiled(emostream_${NAME} net Boost::headers)
  # The four named folders get Boost::json through socketio or service.
  elseif("Boost::json" IN_LIST ARG_USES OR NAME MATCHES "^(server|api|cli|metrics)$")
    emostream_precompiled(emostream_${NAME} json Boost::json)
  else()
    emostream_precompiled(emostream_${NAME} std)
  endif()
endfunction()

# emostream_unit_test(FOLDER SOURCES … [USES …])
# Defines the test program of tests/unit/FOLDER, which contains the unit tests of src/FOLDER.
function(emostream_unit_test FOLDER)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_executable(unit_${FOLDER} ${ARG_SOURCES})
  add_dependencies(unit_tests unit_${FOLDER})
  target_link_libraries(unit_${FOLDER} PRIVATE emostream::${FOLDER} ${ARG_USES} Boost::json GTest::gmock_main emostream_options)
  target_include_directories(unit_${FOLDER} PRIVATE ${CMAKE_SOURCE_DIR}/tests/unit)
  emostream_precompiled(unit_${FOLDER} test Boost::json GTest::gmock)
  gtest_discover_tests(unit_${FOLDER} TEST_PREFIX unit.${FOLDER}. DISCOVERY_MODE PRE_TEST
                       WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} PROPERTIES LABELS unit TIMEOUT 60)
endfunction()
