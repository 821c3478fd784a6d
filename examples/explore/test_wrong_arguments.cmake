# Every wrong call must end with code 2 and a sentence on stderr that names the argument.
#   cmake -DPROGRAM=xcim-explore -P test_wrong_arguments.cmake

include("${CMAKE_CURRENT_LIST_DIR}/../shared/expect_refusal.cmake")

expect_refusal("--adc has '4:x'" --adc 4:x)
expect_refusal("--adc is 99 bit" --adc 99)
expect_refusal("--encoding is 9" --encoding 9)
expect_refusal("--noise is -1" --noise=-1)
expect_refusal("--rows is 4" --rows 4)
expect_refusal("--images has 'many'" --images many)
expect_refusal("--network" --network lenet)
expect_refusal("--set nowhere" --set nowhere)
expect_refusal("--unknown" --unknown)
expect_refusal("resnet20_cifar10.safetensors" --network resnet20)
