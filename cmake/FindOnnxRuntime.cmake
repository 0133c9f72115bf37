# Defines onnxruntime::onnxruntime: the system's ONNX Runtime if it has a CMake package, otherwise the one installed by
# `npm ci`, otherwise one on CMake's search paths.
find_package(onnxruntime CONFIG QUIET)
if(TARGET onnxruntime::onnxruntime)
  set(OnnxRuntime_FOUND TRUE)
  return()
endif()

set(npm_onnxruntime ${CMAKE_SOURCE_DIR}/node_modules/com.github.asus4.onnxruntime/Plugins)
find_path(OnnxRuntime_INCLUDE_DIR onnxruntime_cxx_api.h
          PATH_SUFFIXES onnxruntime onnxruntime/core/session
          HINTS "${npm_onnxruntime}/iOS~/onnxruntime.xcframework/ios-arm64/onnxruntime.framework/Headers")
find_library(OnnxRuntime_LIBRARY onnxruntime HINTS ${npm_onnxruntime}/Linux/x64)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxRuntime
  REASON_FAILURE_MESSAGE "found neither a system ONNX Runtime nor the one from npm (run: npm ci --ignore-scripts)"
  REQUIRED_VARS OnnxRuntime_LIBRARY OnnxRuntime_INCLUDE_DIR)

if(OnnxRuntime_FOUND)
  add_library(onnxruntime::onnxruntime SHARED IMPORTED)
  set(location ${OnnxRuntime_LIBRARY})
  if(location MATCHES "node_modules")
    # Programs load the library by its SONAME, libonnxruntime.so.1, but the npm package has only libonnxruntime.so.
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
    file(RELATIVE_PATH target ${CMAKE_BINARY_DIR}/lib ${location})
    file(CREATE_LINK ${target} ${CMAKE_BINARY_DIR}/lib/libonnxruntime.so.1 SYMBOLIC)
    set(location ${CMAKE_BINARY_DIR}/lib/libonnxruntime.so.1)
  endif()
  set_target_properties(onnxruntime::onnxruntime PROPERTIES
    IMPORTED_LOCATION ${location} INTERFACE_INCLUDE_DIRECTORIES ${OnnxRuntime_INCLUDE_DIR})
endif()
