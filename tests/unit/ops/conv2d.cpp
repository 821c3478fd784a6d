#include <doctest/doctest.h>

#include <tests/support/compositions.hpp>
#include <tests/support/convolution.hpp>
#include <tests/support/files.hpp>
#include <tests/support/tensors.hpp>

namespace {

using namespace xcim;
using test::different;
using test::error_of;
using test::random_tensor;
using test::shape_of;
using test::tensor;

using shape_list = std::vector<std::size_t>;

/// Unsigned 4-bit inputs, signed 4-bit weights, tiles of whole channels, a converter that loses.
auto lossy_macro() {
    return test::lossless_macro()
        .with(quant::operands{quant::symmetric{4}, quant::unsigned_range{4}.clipping_negatives()})
        .with(mapping::channel_block{.array = {40, 64}})
        .with(adc::uniform{5});
}

struct conv_problem {
    shape_list x;
    shape_list w;
    conv_options options;
};

std::vector<conv_problem> const problems{
    {{2, 3, 6, 7}, {5, 3, 3, 3}, {}},
    {{1, 3, 6, 7}, {5, 3, 3, 3}, {.padding = 1}},
    {{1, 3, 6, 7}, {5, 3, 3, 3}, {.stride = 2, .padding = 1}},
    {{2, 5, 5, 5}, {4, 5, 1, 1}, {}},
    {{2, 5, 5, 5}, {4, 5, 1, 1}, {.stride = 2}},
    {{1, 2, 9, 8}, {3, 2, 2, 5}, {.stride = {3, 1}, .padding = {2, 0}}},
    {{1, 2, 9, 8}, {3, 2, 5, 2}, {.stride = {1, 2}, .padding = {0, 3}}},
    {{1, 2, 9, 9}, {3, 2, 3, 3}, {.padding = 2, .dilation = 2}},
    {{1, 2, 9, 9}, {3, 2, 3, 2}, {.stride = 2, .padding = {1, 0}, .dilation = {3, 4}}},
    {{1, 6, 5, 5}, {4, 3, 3, 3}, {.padding = 1, .groups = 2}},
    {{2, 6, 5, 5}, {6, 1, 3, 3}, {.padding = 1, .groups = 6}},
    {{1, 4, 6, 6}, {8, 1, 3, 3}, {.stride = 2, .padding = 1, .dilation = 2, .groups = 4}},
    {{1, 10, 4, 4}, {70, 10, 3, 3}, {.padding = 1}},
    {{1, 1, 1, 1}, {1, 1, 1, 1}, {}},
    {{1, 1, 1, 1}, {2, 1, 3, 3}, {.padding = 1}},
    {{1, 2, 4, 4}, {2, 2, 4, 4}, {}},
    {{1, 1, 7, 7}, {2, 1, 7, 7}, {.padding = 3}},  // a window larger than the array
};

}  // namespace

TEST_CASE("conv2d is the convolution of its definition, through the macro") {
    auto const macro = lossy_macro();
    auto const whole = macro.with(mapping::bit_slice{.array = {40, 64}}).with(adc::exact_count{});
    std::uint32_t seed = 0;
    for (auto const& p : problems) {
        CAPTURE(seed);
        auto const x = random_tensor(p.x, ++seed, -0.2F, 1);
        auto const w = random_tensor(p.w, ++seed);
        auto const bias = random_tensor({p.w[0]}, ++seed);
        auto const y = conv2d(macro, x, w, bias, p.options);
        CHECK(shape_of(y) ==
              shape_list{p.x[0], p.w[0],
                         test::output_extent(p.x[2], p.w[2], p.options.stride.vertical, p.options.padding.vertical,
                                             p.options.dilation.vertical),
                         test::output_extent(p.x[3], p.w[3], p.options.stride.horizontal, p.options.padding.horizontal,
                                             p.options.dilation.horizontal)});
        CHECK(different(y, test::reference_convolution(macro, x, w, &bias, p.options).y) == 0);
        CHECK(different(conv2d(whole, x, w, p.options),
                        test::reference_convolution(whole, x, w, nullptr, p.options).y) == 0);
        auto const array = macro.program(w, {.groups = p.options.groups});
        CHECK(different(y, conv2d(macro, x, array, bias, p.options, {.threads = 2})) == 0);
    }
}

TEST_CASE("conv2d: a hand-computed image") {
    auto const m = test::lossless_macro().with(quant::symmetric<>{4, 7.0F});
    tensor const x{{{{1, 2, 3}, {4, 5, 6}, {7, 0, -1}}}};
    tensor const w{{{{1, 0}, {0, -1}}}};  // correlation: no flip
    auto const y = conv2d(m, x, w);
    REQUIRE(shape_of(y) == shape_list{1, 1, 2, 2});
    CHECK(y(0, 0, 0, 0) == 1 - 5);
    CHECK(y(0, 0, 0, 1) == 2 - 6);
    CHECK(y(0, 0, 1, 0) == 4 - 0);
    CHECK(y(0, 0, 1, 1) == 5 - -1);
}

TEST_CASE("conv2d of no images is empty, expressions are taken") {
    auto const m = lossy_macro();
    auto const w = random_tensor({4, 3, 3, 3}, 1);
    auto const none = conv2d(m, tensor::from_shape({0, 3, 5, 6}), w, {.padding = 1});
    CHECK(shape_of(none) == shape_list{0, 4, 5, 6});
    auto const x = random_tensor({1, 3, 5, 6}, 2);
    auto const bias = random_tensor({4}, 3);
    CHECK(different(conv2d(m, x, w, bias), conv2d(m, x + 0.0F, w * 1.0F, bias + 0.0F)) == 0);
}

TEST_CASE("conv2d of wrong arguments says what was found and what is needed") {
    auto const m = lossy_macro();
    auto const x = random_tensor({1, 4, 5, 6}, 1);
    auto const w = random_tensor({4, 4, 3, 3}, 2);
    auto const call = [&](auto const& a, auto const& b, conv_options const& o) {
        return error_of([&] { static_cast<void>(conv2d(m, a, b, o)); });
    };
    CHECK(call(x, w, {}).sentence.empty());
    struct wrong {
        conv_options options;
        char const* says;
    };
    for (auto const& [options, says] : {
             wrong{{.stride = 0}, "vertical stride is 0; at least 1"},
             wrong{{.stride = {1, -2}}, "horizontal stride is -2"},
             wrong{{.padding = {0, -1}}, "horizontal padding is -1; at least 0"},
             wrong{{.dilation = 0}, "vertical dilation is 0; at least 1"},
             wrong{{.dilation = {1, 3}},
                   "horizontal input extent 6 with padding 0 is smaller than the kernel's reach of 7"},
             wrong{{.groups = 3}, "groups is 3"},
             wrong{{.groups = 0}, "groups is 0"},
             wrong{{.groups = -1}, "groups is -1"},
         }) {
        auto const e = call(x, w, options);
        CAPTURE(e.sentence);
        CHECK(e.code == errc::shape);
        CHECK(e.says(says));
    }
    auto const channels = call(random_tensor({1, 3, 5, 6}, 1), w, {});
    CHECK(channels.code == errc::shape);
    CHECK(channels.says("(1, 3, 5, 6)"));
    CHECK(channels.says("(images, 4, rows, columns)"));
    CHECK(call(random_tensor({4, 5, 6}, 1), w, {}).code == errc::shape);
    CHECK(call(x, random_tensor({4, 36}, 1), {}).says("(4, 36)"));
    auto const groups = call(x, m.program(random_tensor({4, 2, 3, 3}, 2), {.groups = 2}), {});
    CHECK(groups.code == errc::shape);
    CHECK(groups.says("programmed for 2"));
    auto const bias = error_of([&] { static_cast<void>(conv2d(m, x, w, random_tensor({5}, 1))); });
    CHECK(bias.code == errc::shape);
    CHECK(bias.says("(4) is needed"));
}
