# All figures of the built-in digits: the tables are there, an ADC at boundary precision loses nothing, and --resume
# takes over finished design points.
#   cmake -DPROGRAM=xcim-study -DFOLDER=output -P test_smoke.cmake

file(REMOVE_RECURSE "${FOLDER}")
set(arguments --networks digits --images 10 --batch 10 --threads 2 --out "${FOLDER}")

function(run)
  execute_process(COMMAND "${PROGRAM}" ${arguments} ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE said
                  ERROR_VARIABLE said)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "'${ARGN}' ended with ${code}: ${said}")
  endif()
endfunction()

run()
foreach(name fig04_codes fig04_ones fig05 fig05_ranges fig06 fig07 fig08 fig09 fig10 fig11 fig12 fig13 fig13_cycles
             fig13_sigma points)
  if(NOT EXISTS "${FOLDER}/${name}.csv")
    message(FATAL_ERROR "${name}.csv is missing")
  endif()
endforeach()

# Arrays of 63, 127 and 255 rows with converters at boundary precision compute the same integers: columns 16 to 21 of
# fig06.csv, accuracy to error of the logits, do not differ.
file(STRINGS "${FOLDER}/fig06.csv" boundary REGEX "^digits,10,10,1,(63,6|127,7|255,8),")
set(scores "")
foreach(row IN LISTS boundary)
  string(REPLACE "," ";" cells "${row}")
  list(SUBLIST cells 16 6 score)
  string(REPLACE ";" "," score "${score}")
  list(APPEND scores "${score}")
endforeach()
list(LENGTH scores count)
list(REMOVE_DUPLICATES scores)
list(LENGTH scores different)
if(NOT count EQUAL 3 OR NOT different EQUAL 1)
  message(FATAL_ERROR "converters at boundary precision differ: ${scores}")
endif()

file(STRINGS "${FOLDER}/points.csv" before)
run(--figures 6 --resume)
file(STRINGS "${FOLDER}/points.csv" after)
if(NOT before STREQUAL after)
  message(FATAL_ERROR "--resume evaluated points again")
endif()
