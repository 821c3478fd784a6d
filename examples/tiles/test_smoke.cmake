# Few designs of one part on one window of text: the table is there and holds what does not depend on luck. Skipped
# where the data is missing.
#   cmake -DPROGRAM=xcim-tiles -DFOLDER=output -DSOURCE=repository -P test_smoke.cmake

include("${CMAKE_CURRENT_LIST_DIR}/../shared/shared_data.cmake")
find_shared_data(data "${SOURCE}" models/stories260k/stories260k.safetensors
                 text/tinystories/val_tokens_stories260k_u16.bin)
if(NOT data)
  return()
endif()

file(REMOVE_RECURSE "${FOLDER}")
execute_process(
  COMMAND "${PROGRAM}" --data "${data}" --quick --networks stories260k --parts converter --windows 1
          --threads 1 --out "${FOLDER}"
  RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "ended with ${code}: ${said}")
endif()
if(NOT EXISTS "${FOLDER}/converter.csv")
  message(FATAL_ERROR "converter.csv is missing")
endif()

# Nats a token and the signal to error of the layers in dB, in tenths, of the one row that matches.
function(read_row name pattern nats decibels)
  file(STRINGS "${FOLDER}/${name}.csv" rows REGEX "${pattern}")
  list(LENGTH rows count)
  if(NOT count EQUAL 1)
    message(FATAL_ERROR "${name}.csv has ${count} rows like ${pattern}")
  endif()
  string(REPLACE "," ";" cells "${rows}")
  list(LENGTH cells count)
  math(EXPR at "${count} - 4")
  list(GET cells ${at} value)
  string(REGEX REPLACE "([0-9]+)\\.([0-9]).*" "\\1\\2" value "${value}")
  set(${nats} ${value} PARENT_SCOPE)
  math(EXPR at "${count} - 2")
  list(GET cells ${at} value)
  string(REGEX REPLACE "([0-9]+)\\.([0-9]).*" "\\1\\2" value "${value}")
  set(${decibels} ${value} PARENT_SCOPE)
endfunction()

function(expect_order what less more)
  if(NOT less LESS more)
    message(FATAL_ERROR "${what}: ${less} is not less than ${more}")
  endif()
endfunction()

read_row(converter "^stories260k,calibrated,4," few_nats few_db)
read_row(converter "^stories260k,calibrated,8," many_nats many_db)
expect_order("bits of the converter" ${few_db} ${many_db})
