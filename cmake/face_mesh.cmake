# The target face_mesh: the landmark networks and the canonical face in ${CMAKE_BINARY_DIR}/models/face_mesh, converted
# from an npm package (models/convert/README.md).
find_package(Python3 3.10 REQUIRED COMPONENTS Interpreter)

set(converter ${CMAKE_SOURCE_DIR}/models/convert)
set(package ${CMAKE_SOURCE_DIR}/node_modules/@mediapipe/face_mesh)
set(packed_files ${package}/face_mesh_solution_packed_assets.data)
if(NOT EXISTS ${packed_files})
  message(FATAL_ERROR "found no ${packed_files} (run: npm ci --ignore-scripts)")
endif()

set(converted landmarks.onnx attention.onnx canonical_face.toml NOTICE)
list(TRANSFORM converted PREPEND ${CMAKE_BINARY_DIR}/models/face_mesh/)
file(GLOB sources CONFIGURE_DEPENDS ${converter}/*.py)
add_custom_command(
  OUTPUT ${converted}
  COMMAND Python3::Interpreter ${converter}/face_mesh.py ${package} ${CMAKE_BINARY_DIR}/models/face_mesh
  DEPENDS ${packed_files} ${package}/package.json ${sources}
  COMMENT "Converting the face mesh" VERBATIM)
add_custom_target(face_mesh DEPENDS ${converted})
