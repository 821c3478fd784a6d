# Compiles a fragment that must not compile, and looks at what the user reads first.
#   cmake -DCOMPILER=c++ "-DINCLUDES=folder;folder" -DSOURCE=fragment.cpp -P compile_fail.cmake
#
# The fragment's line `// expect: text` says what the first error must contain; without such a line it is a control that
# must compile.

cmake_minimum_required(VERSION 3.22)

file(STRINGS "${SOURCE}" expected REGEX "^// expect: ")
string(REPLACE "// expect: " "" expected "${expected}")
list(TRANSFORM INCLUDES PREPEND "-I")

set(ENV{LC_ALL} C)  # "error:", not its translation
execute_process(COMMAND "${COMPILER}" -std=c++20 -fsyntax-only ${INCLUDES} "${SOURCE}" RESULT_VARIABLE code
                ERROR_VARIABLE said)

if(expected STREQUAL "")
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "the control does not compile:\n${said}")
  endif()
  return()
endif()

if(code EQUAL 0)
  message(FATAL_ERROR "it compiles")
endif()
string(REGEX MATCH "[^\n]*error: [^\n]*" first "${said}")
string(FIND "${first}" "${expected}" position)
if(position EQUAL -1)
  message(FATAL_ERROR "the first error should say '${expected}', it is\n${first}\nof\n${said}")
endif()
