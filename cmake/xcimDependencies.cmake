# What xcim needs, found the same way by its own build and by the installed package.

find_package(Threads REQUIRED)

# Debian's xsimd and xtensor targets name xtl without looking for it. Versions are not asked for in find_package: both
# declare same-major compatibility and would refuse newer major versions that work.
find_package(xtl REQUIRED)
find_package(xsimd REQUIRED)
find_package(xtensor REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
if(xsimd_VERSION VERSION_LESS 8.1)
  message(FATAL_ERROR "xcim needs xsimd 8.1 or newer, found ${xsimd_VERSION}")
endif()
if(xtensor_VERSION VERSION_LESS 0.24)
  message(FATAL_ERROR "xcim needs xtensor 0.24 or newer, found ${xtensor_VERSION}")
endif()

foreach(library xsimd xtensor)
  if(NOT TARGET xcim::${library})
    add_library(xcim::${library} INTERFACE IMPORTED)
    set_target_properties(xcim::${library} PROPERTIES INTERFACE_LINK_LIBRARIES "${library};xtl")
  endif()
endforeach()

# libzip's own package file on Debian names command line tools that its -dev package does not bring.
if(NOT TARGET xcim::zip)
  find_path(XCIM_ZIP_INCLUDE_DIR zip.h REQUIRED)
  find_library(XCIM_ZIP_LIBRARY zip REQUIRED)
  mark_as_advanced(XCIM_ZIP_INCLUDE_DIR XCIM_ZIP_LIBRARY)
  add_library(xcim::zip INTERFACE IMPORTED)
  set_target_properties(xcim::zip PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${XCIM_ZIP_INCLUDE_DIR}"
                                             INTERFACE_LINK_LIBRARIES "${XCIM_ZIP_LIBRARY}")
endif()
