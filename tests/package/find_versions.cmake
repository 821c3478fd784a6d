# find_package takes the installed version and refuses others.
#   cmake -DSOURCE=versions -DBINARY=build -DPREFIX=prefix -DVERSION=1.2.3 -P find_versions.cmake

cmake_minimum_required(VERSION 3.22)

function(look_for version wanted)
  file(REMOVE_RECURSE "${BINARY}")
  execute_process(COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${BINARY}" "-DCMAKE_PREFIX_PATH=${PREFIX}"
                          "-DWANTED=${version}" RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(wanted STREQUAL found AND NOT code EQUAL 0)
    message(FATAL_ERROR "version ${version} is refused: ${said}")
  endif()
  # The refusal must be about the version, not about anything else that may be wrong.
  if(wanted STREQUAL refused AND (code EQUAL 0 OR NOT said MATCHES "xcimConfig.cmake, version: ${VERSION}"))
    message(FATAL_ERROR "asking for version ${version} ended with ${code}: ${said}")
  endif()
endfunction()

string(REPLACE "." ";" number "${VERSION}")
list(GET number 0 major)
list(GET number 1 minor)
math(EXPR next_major "${major} + 1")
math(EXPR next_minor "${minor} + 1")
look_for(${VERSION} found)
look_for(${major}.${minor} found)
look_for(${major}.${next_minor} refused)
look_for(${next_major}.0 refused)
look_for(${major}.${minor}.9999 refused)
