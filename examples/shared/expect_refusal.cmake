# expect_refusal(SENTENCE ARGUMENTS...): PROGRAM must end with code 2 and a sentence on stderr that matches.

function(expect_refusal sentence)
  execute_process(COMMAND "${PROGRAM}" ${ARGN} RESULT_VARIABLE code ERROR_VARIABLE said OUTPUT_QUIET)
  if(NOT code EQUAL 2)
    message(FATAL_ERROR "'${ARGN}' ended with ${code}, not 2: ${said}")
  endif()
  if(NOT said MATCHES "${sentence}")
    message(FATAL_ERROR "'${ARGN}' said '${said}', which does not match '${sentence}'")
  endif()
endfunction()
