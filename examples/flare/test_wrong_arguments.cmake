# Every wrong call must end with code 2 and a sentence on stderr that names the argument.
#   cmake -DPROGRAM=xcim-flare -P test_wrong_arguments.cmake

include("${CMAKE_CURRENT_LIST_DIR}/../shared/expect_refusal.cmake")

set(here --data "${CMAKE_CURRENT_LIST_DIR}")
expect_refusal("--data is missing")
expect_refusal("--data" --data nowhere)
expect_refusal("--networks" ${here} --networks lenet)
expect_refusal("--images is 0" ${here} --images 0)
expect_refusal("--images is 10000" ${here} --images 10000)
expect_refusal("--windows is 121" ${here} --windows 121)
expect_refusal("--windows" ${here} --windows many)
expect_refusal("--threads is 0" ${here} --threads 0)
expect_refusal("--unknown" ${here} --unknown)
foreach(network vit_mnist vit_cifar10 stories260k)
  expect_refusal("--data '.*' holds no " ${here} --networks ${network} --out refused)
endforeach()
