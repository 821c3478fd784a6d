# Configures, builds and runs the consumer, then looks at the flags it was compiled with.
#   cmake -DSOURCE=consumer -DBINARY=build -DMETHOD=find_package|add_subdirectory -DXCIM_SOURCE=root -DPREFIX=prefix
#         -DGENERATOR=... -DCOMPILER=c++ -P build_consumer.cmake

cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE "${BINARY}")
# Empty build type and flags: every option in the compile command then comes from xcim.
execute_process(
  COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${BINARY}" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
          -DCMAKE_CXX_FLAGS= -DCMAKE_BUILD_TYPE= -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "-DMETHOD=${METHOD}"
          "-DXCIM_SOURCE=${XCIM_SOURCE}" "-DCMAKE_PREFIX_PATH=${PREFIX}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${BINARY}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${BINARY}/consumer" "${BINARY}/weights.npy" COMMAND_ERROR_IS_FATAL ANY)

file(READ "${BINARY}/compile_commands.json" commands)
string(JSON command GET "${commands}" 0 command)
if(command MATCHES " (-W|-m|-O|-f|-g|-pedantic|-DXCIM)[^ ]*")
  message(FATAL_ERROR "the option${CMAKE_MATCH_0} leaks into the consumer: ${command}")
endif()
