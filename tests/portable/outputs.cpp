/// \file
/// A hash of everything a few small macros compute. This file is compiled once for each target, with XCIM_TEST_HASH the
/// name of its function; all must return the same.

#include <xcim/integer_attention.hpp>
#include <xcim/xcim.hpp>

#include <bit>
#include <cstdint>
#include <random>
#include <vector>

std::uint64_t XCIM_TEST_HASH();

namespace {

using namespace xcim;

using tensor = xt::xarray<float>;

tensor numbers(std::vector<std::size_t> const& shape, std::uint32_t seed) {
    std::mt19937 random{seed};
    tensor t = tensor::from_shape(shape);
    for (auto& v : t) {
        v = static_cast<float>(random() >> 8) * 0x1p-24F - 0.4F;
    }
    return t;
}

/// FNV-1a over the bits of all results.
class hash {
public:
    void add(tensor const& t) {
        for (float const v : t) {
            for (auto bits = std::bit_cast<std::uint32_t>(v), i = 0U; i < 4; ++i, bits >>= 8) {
                value_ = (value_ ^ (bits & 0xFFU)) * 0x100000001B3ULL;
            }
        }
    }
    [[nodiscard]] std::uint64_t value() const { return value_; }

private:
    std::uint64_t value_ = 0xCBF29CE484222325ULL;
};

/// Offset binary: digit codes with a bias, added digitally.
struct offset_digits {
    format f;
    [[nodiscard]] int count() const { return f.bits; }
    [[nodiscard]] int levels(int) const { return 2; }
    [[nodiscard]] int level(int code, int i) const { return ((code - f.lowest()) >> i) & 1; }
    [[nodiscard]] int weight(int i) const { return 1 << i; }
    [[nodiscard]] int bias() const { return f.lowest(); }
};
struct offset_binary {
    [[nodiscard]] offset_digits digits(format f) const { return {f}; }
};

/// Real contributions: order and rounding of every addition count.
struct bent_cell {
    static constexpr bool is_linear = false;
    int levels = 16;
    struct kernel {
        template <value V>
        V operator()(V state, V drive) const {
            V const product = unfused(V(state * drive));
            return product - unfused(V(product * V(0.013F)));
        }
    };
    [[nodiscard]] kernel prepare(cell_context) const { return {}; }
};

template <class Macro>
void add_products(hash& h, Macro const& macro) {
    auto const x = numbers({5, 150}, 1);
    auto const w = numbers({23, 150}, 2);
    h.add(linear(macro, x, w, numbers({23}, 3), {.seed = 5}));
    h.add(conv2d(macro, numbers({2, 6, 6, 5}, 4), numbers({10, 3, 3, 3}, 5), {.padding = 1, .groups = 2}, {.seed = 6}));
}

template <class Macro>
void add_encoders(hash& h, Macro const& macro) {
    for (int const bits : {1, 2, 3, 5, 7}) {
        add_products(h, macro.with(encoding::bit_parallel{bits}));
    }
    add_products(h, macro.with(offset_binary{}));
}

/// Codes of at most `bits` bits.
xt::xarray<std::int32_t> codes(std::vector<std::size_t> const& shape, int bits, std::uint32_t seed) {
    std::mt19937 random{seed};
    xt::xarray<std::int32_t> t = xt::xarray<std::int32_t>::from_shape(shape);
    for (auto& v : t) {
        v = static_cast<std::int32_t>(random() >> (32 - bits)) - (1 << (bits - 1));
    }
    return t;
}

/// Two heads on one set of keys; tokens of different magnitude.
void add_attention(hash& h) {
    integer_attention_options const options{.heads = 2, .input_scale = 0.004, .causal = true};
    auto const layer =
        program_integer_attention(integer_attention_weights{{codes({36, 40}, 8, 1), 0.01, std::vector<double>(36, 0.3)},
                                                            {codes({18, 40}, 8, 2), 0.01, {}},
                                                            {codes({18, 40}, 8, 3), 0.01, {}},
                                                            {codes({40, 36}, 8, 4), 0.01, {}}},
                                  options);
    auto const y = integer_attention(layer, codes({70, 40}, 8, 5), codes({70}, 3, 6));
    h.add(xt::cast<float>(y.codes));
    h.add(xt::cast<float>(y.exponents));
}

}  // namespace

std::uint64_t XCIM_TEST_HASH() {
    auto const macro = CimMacro{quant::operands{quant::symmetric{5}, quant::symmetric{6}},
                                mapping::bit_slice{.array = {60, 64}, .cell_bits = 2},
                                encoding::bit_parallel{1},
                                cell::ideal{},
                                noise::none{},
                                adc::uniform{7}};
    hash h;
    add_encoders(h, macro);
    add_encoders(h, macro.with(noise::gaussian{of_full_scale(0.01)}));
    // Noise that is drawn rounded, and too wide for it.
    add_encoders(h, macro.with(adc::exact_count{}).with(noise::gaussian{in_cell_lsb(0.6)}));
    add_products(h, macro.with(adc::exact_count{}).with(noise::gaussian{in_cell_lsb(6)}));
    auto const relative =
        noise::elementwise{[](auto sum, auto z) { return sum + unfused(sum * unfused(z * decltype(z)(0.01F))); }};
    add_products(h, macro.with(adc::ideal{}).with(noise::stack{noise::gaussian{in_cell_lsb(0.6)}, relative}));
    add_products(h, macro.with(bent_cell{}).with(adc::ideal{}).with(encoding::bit_parallel{3}));
    auto const sifted = macro.with(mapping::bit_slice{.array = {100, 64}})
                            .with(quant::operands{quant::symmetric{5}, quant::emsb{6}})
                            .with(encoding::bit_sift{{.slice = 20}});
    add_products(h, sifted.with(adc::uniform{3}));
    add_products(h, sifted.with(adc::exact_count{.counts_only = true}).with(noise::sense_variation{{.on = 0.1}}));
    add_attention(h);
    return h.value();
}
