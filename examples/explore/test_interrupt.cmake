# A run that is interrupted keeps its finished points, ends with 130, and --resume completes it.
#   cmake -DPROGRAM=xcim-explore -DFOLDER=output -P test_interrupt.cmake

file(REMOVE_RECURSE "${FOLDER}")
set(arguments --images 200 --batch 10 --adc 4:8 --encoding 1,2,4 --noise 0,0.5 --threads 1 --no-pictures --out "${FOLDER}")

# timeout(1) sends SIGINT as a user's Ctrl-C does; a run of 30 points takes far longer than the second it is given.
execute_process(COMMAND timeout --preserve-status --signal=INT 1 "${PROGRAM}" ${arguments} RESULT_VARIABLE code
                OUTPUT_VARIABLE said)
if(code EQUAL 0)
  message(STATUS "this machine finished before the interrupt came")
  return()
endif()
if(NOT code EQUAL 130 OR NOT said MATCHES "--resume")
  message(FATAL_ERROR "the interrupted run ended with ${code}: ${said}")
endif()

execute_process(COMMAND "${PROGRAM}" ${arguments} --seed 9 --resume RESULT_VARIABLE code ERROR_VARIABLE said OUTPUT_QUIET)
if(NOT code EQUAL 2 OR NOT said MATCHES "seed")
  message(FATAL_ERROR "resuming with another seed ended with ${code}: ${said}")
endif()

execute_process(COMMAND "${PROGRAM}" ${arguments} --resume RESULT_VARIABLE code)
file(STRINGS "${FOLDER}/results.csv" lines)
list(LENGTH lines count)
if(NOT code EQUAL 0 OR NOT count EQUAL 31)
  message(FATAL_ERROR "the resumed run ended with ${code} and ${count} lines instead of 31")
endif()
