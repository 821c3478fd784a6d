# Every wrong call must end with code 2 and a sentence on stderr that names the argument.
#   cmake -DPROGRAM=xcim-study -P test_wrong_arguments.cmake

include("${CMAKE_CURRENT_LIST_DIR}/../shared/expect_refusal.cmake")

expect_refusal("--data is missing: resnet20 needs")
expect_refusal("--data is missing: vit needs" --networks digits,vit)
expect_refusal("--data" --data nowhere)
expect_refusal("models/resnet20_cifar10" --data "${CMAKE_CURRENT_LIST_DIR}" --out refused)
expect_refusal("--networks" --networks lenet)
expect_refusal("--figures has 3" --networks digits --figures 3)
expect_refusal("--figures has '4:x'" --networks digits --figures 4:x)
expect_refusal("--images is 0" --networks digits --images 0)
expect_refusal("--images" --networks digits --images many)
expect_refusal("--batch is 0" --networks digits --batch 0)
expect_refusal("--threads is 0" --networks digits --threads 0)
expect_refusal("--unknown" --unknown)
