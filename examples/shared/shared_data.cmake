# find_shared_data(RESULT SOURCE FILES...): the folder of models and inputs, which is no part of the repository:
# XCIM_SHARED/data, or shared/data in or above SOURCE. Empty, with a line that says so, where one of FILES is missing.

function(find_shared_data result source)
  set(data "$ENV{XCIM_SHARED}")
  if(data)
    set(data "${data}/data")
  else()
    set(above "${source}")
    while(NOT EXISTS "${above}/shared/data")
      get_filename_component(parent "${above}" DIRECTORY)
      if(parent STREQUAL above)
        break()
      endif()
      set(above "${parent}")
    endwhile()
    set(data "${above}/shared/data")
  endif()
  foreach(file IN LISTS ARGN)
    if(NOT EXISTS "${data}/${file}")
      message("skipped: no shared/data/${file}")
      set(data "")
      break()
    endif()
  endforeach()
  set(${result}
      "${data}"
      PARENT_SCOPE)
endfunction()
