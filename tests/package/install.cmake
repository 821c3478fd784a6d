# Installs the project into an empty prefix.
#   cmake -DBUILD=build -DPREFIX=prefix -P install.cmake

cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE "${PREFIX}")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${PREFIX}" OUTPUT_QUIET
                COMMAND_ERROR_IS_FATAL ANY)

# Headers, the CMake package and the pkg-config file; nothing of the project's own programs.
file(GLOB_RECURSE installed RELATIVE "${PREFIX}" "${PREFIX}/*")
foreach(file IN LISTS installed)
  if(NOT file MATCHES "^include/xcim/.*\\.hpp$|/cmake/xcim/xcim[A-Za-z]*\\.cmake$|/pkgconfig/xcim\\.pc$")
    message(FATAL_ERROR "${file} should not be installed")
  endif()
endforeach()
if(NOT "include/xcim/xcim.hpp" IN_LIST installed)
  message(FATAL_ERROR "include/xcim/xcim.hpp is not installed")
endif()
