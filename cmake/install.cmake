# `cmake --install` installs the Socket.IO server library, for find_package(emostream).
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/emostream)
set(header_dir ${CMAKE_INSTALL_INCLUDEDIR}/emostream)

foreach(folder ${library_folders})
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.hpp)
  # net and server install only the headers listed here. Their other headers are private; some use Asio and Beast.
  if(folder STREQUAL net)
    set(public_headers timer http/http_endpoint http/http_message http/http_options http/http_server http/http_stats
                       http/request_plan http/static_files websocket/message_compression)
    list(TRANSFORM public_headers REPLACE "(.+)" "${CMAKE_SOURCE_DIR}/src/net/\\1.hpp" OUTPUT_VARIABLE headers)
  elseif(folder STREQUAL server)
    set(public_headers server server_options server_stats engineio/admission engineio/connection_error
                       engineio/engineio_server_options engineio/engineio_server engineio/engineio_session
                       engineio/middleware engineio/session_cookie)
    list(TRANSFORM public_headers REPLACE "(.+)" "${CMAKE_SOURCE_DIR}/src/server/\\1.hpp" OUTPUT_VARIABLE headers)
  endif()
  target_sources(emostream_${folder} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR}/src FILES ${headers})
  set_target_properties(emostream_${folder} PROPERTIES EXPORT_NAME ${folder})
  install(TARGETS emostream_${folder} EXPORT emostream FILE_SET HEADERS DESTINATION ${header_dir})
endforeach()

install(EXPORT emostream NAMESPACE emostream:: FILE emostream-targets.cmake DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/emostream-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_SOURCE_DIR}/cmake/emostream-config.cmake ${CMAKE_BINARY_DIR}/emostream-config-version.cmake
        DESTINATION ${package_dir})
