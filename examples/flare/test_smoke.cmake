# Few images and one window: all tables are there and hold what does not depend on luck. Skipped where the data is
# missing.
#   cmake -DPROGRAM=xcim-flare -DFOLDER=output -DSOURCE=repository -P test_smoke.cmake

include("${CMAKE_CURRENT_LIST_DIR}/../shared/shared_data.cmake")
find_shared_data(
  data
  "${SOURCE}"
  models/vit_mnist/vit_mnist.safetensors
  mnist/t10k-images-idx3-ubyte
  models/stories260k/stories260k.safetensors
  text/tinystories/val_tokens_stories260k_u16.bin)
if(NOT data)
  return()
endif()

file(REMOVE_RECURSE "${FOLDER}")
execute_process(
  COMMAND "${PROGRAM}" --data "${data}" --networks vit_mnist,stories260k --images 20 --windows 1 --threads 2 --out
          "${FOLDER}"
  RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "ended with ${code}: ${said}")
endif()
foreach(name accuracy sparsity cycles latency traffic)
  if(NOT EXISTS "${FOLDER}/${name}.csv")
    message(FATAL_ERROR "${name}.csv is missing")
  endif()
endforeach()

# What needs no statistics: the float network on window 0, and the paper's example of traffic.
function(expect_row name pattern)
  file(STRINGS "${FOLDER}/${name}.csv" rows REGEX "${pattern}")
  list(LENGTH rows count)
  if(NOT count EQUAL 1)
    message(FATAL_ERROR "${name}.csv has ${count} rows like ${pattern}")
  endif()
endfunction()
expect_row(accuracy "^stories260k,float,window,1,512,.*,1\\.2744")
expect_row(accuracy "^vit_mnist,float,image,20,20,100")
expect_row(traffic "^as in the paper,512,1024,16,11534336,1572864,7\\.33")
expect_row(latency "^stories260k,1,512,5,fixed,163840\\.0,163840\\.0,20480\\.0,665600\\.0,163840\\.0,")
