# Settings of the project's own programs; nothing of this reaches users of the package.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

add_library(xcim_development INTERFACE)
target_link_libraries(xcim_development INTERFACE xcim::xcim)
target_compile_definitions(xcim_development INTERFACE XCIM_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_compile_options(xcim_development INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
# g++ takes the "undefined" operands of its own AVX-512 intrinsics for uninitialised variables (GCC bug 105593). clang
# keeps the warning.
target_compile_options(xcim_development INTERFACE
                       "$<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized;-Wno-maybe-uninitialized>")
if(XCIM_WERROR)
  target_compile_options(xcim_development INTERFACE -Werror)
endif()
if(XCIM_NATIVE)
  target_compile_options(xcim_development INTERFACE -march=native)
endif()
