# Every wrong call must end with code 2 and a sentence on stderr that names the argument.
#   cmake -DPROGRAM=xcim-tiles -P test_wrong_arguments.cmake

include("${CMAKE_CURRENT_LIST_DIR}/../shared/expect_refusal.cmake")

set(here --data "${CMAKE_CURRENT_LIST_DIR}")
expect_refusal("--data is missing")
expect_refusal("--data" --data nowhere)
expect_refusal("--networks" ${here} --networks lenet)
expect_refusal("--parts" ${here} --parts nothing)
expect_refusal("--images is 0" ${here} --images 0)
expect_refusal("--images is 1001" ${here} --images 1001)
expect_refusal("--windows is 121" ${here} --windows 121)
expect_refusal("--chips is 0" ${here} --chips 0)
expect_refusal("--chips" ${here} --chips many)
expect_refusal("--threads is 0" ${here} --threads 0)
expect_refusal("--unknown" ${here} --unknown)
foreach(network resnet20 vit_mnist vit_cifar10 stories260k)
  expect_refusal("--data '.*' holds no " ${here} --networks ${network} --out refused)
endforeach()
