#include "arithmetics.hpp"

#include "../networks/flare_attention.hpp"
#include "../networks/ibert_attention.hpp"

#include <optional>
#include <utility>

namespace flare {

namespace {

using networks::attention_backend;
using study::backend_box;
using xcim::integer_attention_options;

/// A backend in a box; `make_attention` gets the calibration.
template <class F>
arithmetic make(std::string name, std::string label, F make_attention) {
    return {std::move(name), std::move(label),
            [make_attention](calibration const& found) -> std::unique_ptr<any_backend> {
                using backend = attention_backend<decltype(make_attention(found))>;
                return std::make_unique<backend_box<backend>>(backend{make_attention(found)});
            }};
}

arithmetic make_flare(std::string name, std::string label, integer_attention_options const& options) {
    return make(std::move(name), std::move(label), [options](calibration const& found) {
        return networks::flare_attention{found.ranges, options};
    });
}

integer_attention_options with_bits(int bits, integer_attention_options options) {
    options.x_bits = options.q_bits = options.logit_bits = options.p_bits = options.o_bits = options.out_bits = bits;
    return options;
}

std::vector<arithmetic> list_arithmetics() {
    using networks::dequantising_attention;
    using xcim::rounding;
    using xcim::row_norm;
    auto const standard = integer_attention_options{};
    auto const floored = [](integer_attention_options options) {
        options.round = rounding::floor;
        return options;
    };
    auto const normalised = [&](row_norm how) {
        auto options = standard;
        options.norm = how;
        return options;
    };
    auto literal = floored(normalised(row_norm::none));
    literal.fraction_bits = std::nullopt;
    return {{"float", "float",
             [](calibration const&) -> std::unique_ptr<any_backend> {
                 return std::make_unique<backend_box<networks::float_backend>>(networks::float_backend{});
             }},
            make("int8", "int8, float between", [](calibration const&) { return dequantising_attention{}; }),
            make("int8_fixed_scores", "int8, scores / 255",
                 [](calibration const&) { return dequantising_attention{.scores_fill_range = false}; }),
            make("ibert", "I-BERT", [](calibration const& found) { return networks::ibert_attention{found.ranges}; }),
            make("ibert_16bit_softmax", "I-BERT, softmax 16 bit",
                 [](calibration const& found) {
                     return networks::ibert_attention{found.ranges, 8, 8, 16};
                 }),
            make_flare("flare", "FLARE", standard),
            make_flare("flare_kv8", "FLARE, K, V 8 bit", eight_bit_flare()),
            make_flare("flare_9bit", "FLARE, 9 bit", with_bits(9, standard)),
            make_flare("flare_floor", "FLARE, floor", floored(standard)),
            make_flare("flare_9bit_floor", "FLARE, 9 bit, floor", floored(with_bits(9, standard))),
            make_flare("flare_power_of_two", "FLARE, / 2^n", normalised(row_norm::power_of_two)),
            make_flare("flare_no_norm", "FLARE, no division", normalised(row_norm::none)),
            make("flare_best_gain", "FLARE, fixed factor",
                 [options = normalised(row_norm::none)](calibration const& found) {
                     return networks::flare_attention{found.ranges, options, found.gains};
                 }),
            make_flare("flare_literal", "FLARE, as printed", literal)};
}

}  // namespace

integer_attention_options eight_bit_flare() {
    integer_attention_options options;
    options.kv_bits = 8;
    options.window = xcim::kv_window::calibrated;
    return options;
}

std::vector<arithmetic> const& arithmetics() {
    static auto const all = list_arithmetics();
    return all;
}

calibration calibrate(subject const& what) {
    auto recorder = backend_box{networks::range_recorder{}};
    what.run_for_scales(recorder);
    auto const& ranges = recorder.inner().ranges();
    auto options = integer_attention_options{};
    options.norm = xcim::row_norm::none;
    auto finder = backend_box{networks::gain_finder{networks::flare_attention{ranges, options}}};
    what.run_for_scales(finder);
    return {ranges, finder.inner().gains()};
}

}  // namespace flare
