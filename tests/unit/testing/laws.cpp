/// The checks themselves: each finds a model that breaks its law.

#include <doctest/doctest.h>

#include <xcim/adc/uniform.hpp>
#include <xcim/core/digits.hpp>
#include <xcim/testing.hpp>

#include <string>

namespace {

namespace laws = xcim::testing;

bool says(laws::report const& r, std::string const& part) {
    return to_string(r).find(part) != std::string::npos && !r.ok() && !r;
}

/// Digits with one fault at a time.
struct broken_digits {
    xcim::format f;
    int fault;

    [[nodiscard]] int count() const { return fault == 1 ? 0 : f.bits; }
    [[nodiscard]] int levels(int) const { return fault == 2 ? 3 : 2; }
    [[nodiscard]] int level(int code, int i) const { return fault == 3 && code == 5 ? 2 : (code >> i) & 1; }
    [[nodiscard]] int weight(int i) const { return fault == 4 && i == 2 ? 5 : 1 << i; }
    [[nodiscard]] int bias() const { return fault == 5 ? 1 : 0; }
};

struct broken_mapper {
    xcim::geometry array{16, 64};
    int rows = 17;
    int fault = 0;
    [[nodiscard]] broken_digits digits(xcim::format f) const { return {f, fault}; }
    [[nodiscard]] int tile_rows(xcim::weight_shape) const { return rows; }
};

template <class F>
struct broken_adc {
    static constexpr bool is_integer = true;
    F formula;
    int bits = 8;
    struct kernel {
        F formula;
        double step = 1;
        template <xcim::value V>
        V operator()(V sum, xcim::lane<V> const&) const {
            return formula(sum);
        }
    };
    [[nodiscard]] int resolution(xcim::column_context const&) const { return bits; }
    [[nodiscard]] kernel prepare(xcim::column_context const&) const { return {formula}; }
};
template <class F>
broken_adc(F, int) -> broken_adc<F>;

struct broken_cell {
    static constexpr bool is_linear = true;
    int levels = 4;
    float excess = 0;
    struct kernel {
        float excess;
        template <xcim::value V>
        V operator()(V state, V drive) const {
            return state * drive + V(excess);
        }
    };
    [[nodiscard]] kernel prepare(xcim::cell_context) const { return {excess}; }
};

struct broken_wire {
    static constexpr bool is_identity = true;
    void apply(xcim::wired_array const& a) const { a.effective[a.columns + 3] += 1; }
};

struct forgetful_wire {
    static constexpr bool is_identity = false;
    int* calls;
    void apply(xcim::wired_array const& a) const { a.effective[0] = static_cast<float>(++*calls); }
};

/// Lets one unit through whatever is driven.
struct leaking_switch {
    static constexpr bool is_identity = false;
    void sum(xcim::switched_columns const& c) const {
        for (std::size_t i = 0; i < c.phases * c.stride; ++i) {
            c.sums[i] = 1.0F;
        }
    }
};

/// Adds `offset` + `slope` * z; claims to be an identity or not.
template <bool IsIdentity>
struct some_noise {
    static constexpr bool is_identity = IsIdentity;
    float offset;
    float slope;
    struct kernel {
        static constexpr int draws = 1;
        float offset;
        float slope;
        template <xcim::value V>
        V operator()(V sum, xcim::lane<V> const& l) const {
            return sum + V(offset) + xcim::unfused(V(slope) * l.normal());
        }
    };
    [[nodiscard]] kernel prepare(xcim::column_context const&) const { return {offset, slope}; }
};

/// A cube: right mean and deviation, wrong distribution. E z^6 = 15.
struct cubed_noise {
    static constexpr bool is_identity = false;
    struct kernel {
        static constexpr int draws = 1;
        template <xcim::value V>
        V operator()(V sum, xcim::lane<V> const& l) const {
            V const z = l.normal();
            return sum + xcim::unfused(z * z * z * V(0.25819889F));
        }
    };
    [[nodiscard]] kernel prepare(xcim::column_context const&) const { return {}; }
};

struct broken_readout {
    template <class A>
    struct kernel {
        static constexpr int draws = 0;
        A adc;
        double step = 1;
        template <xcim::value V>
        V operator()(V sum, xcim::lane<V> const& l) const {
            return adc(sum, l) + V(1.0F);
        }
    };
    template <class N, class A>
    auto kernels(xcim::column_stages<N, A> const& stages) const {
        return std::tuple{kernel<A>{stages.adc}};
    }
    [[nodiscard]] std::size_t way_of(xcim::cycle c) const { return c.slice == 7 ? 1 : 0; }
    [[nodiscard]] int conversions_of(xcim::cycle) const { return 0; }
};

struct broken_quantiser {
    static constexpr bool is_signed = true;
    int bits = 4;
    int fault = 0;
    struct kernel {
        float step;
        int fault;
        template <xcim::value V>
        V code(V v) const {
            V const exact = v / V(step);
            V const c = fault == 1 ? exact : fault == 2 ? xcim::round_down(exact) : xcim::round_half_even(exact);
            V const limited = xcim::clamp(c, V(fault == 3 ? -9.0F : -7.0F), V(7.0F));
            return fault == 4 ? V(0.0F) - limited : fault == 5 ? xcim::max(limited, V(1.0F)) : limited;
        }
        template <xcim::value V>
        V value(V c) const {
            return fault == 6 ? c * V(2 * step) : c * V(step);
        }
    };
    [[nodiscard]] xcim::scale calibrate(xcim::range r) const {
        return {fault == 7 ? 0.0F : std::max(-r.lowest, r.highest), 7};
    }
    [[nodiscard]] kernel prepare(xcim::scale s) const { return {static_cast<float>(s.step()), fault}; }
};

struct whole_code {
    int fault = 0;
    [[nodiscard]] broken_digits digits(xcim::format f) const { return {f, fault}; }
};

}  // namespace

TEST_CASE("a report counts all violations and keeps the first sentences") {
    laws::report r;
    CHECK(r.ok());
    CHECK(to_string(r) == "all laws hold");
    for (int i = 0; i < 100; ++i) {
        r.require(i % 2 == 0, [&] { return "number " + std::to_string(i); });
    }
    laws::report whole;
    whole.add(r, "part: ");
    CHECK(whole.count() == 50);
    CHECK(whole.violations().size() == laws::report::most_sentences);
    CHECK(whole.violations().front() == "part: number 1");
    CHECK_FALSE(static_cast<bool>(whole));
}

TEST_CASE("check_digit_code and check_mapper find every fault") {
    xcim::format const f{4, false};
    CHECK(laws::check_digit_code(whole_code{0}, f).ok());
    CHECK(says(laws::check_digit_code(whole_code{1}, f), "no digit"));
    CHECK(says(laws::check_digit_code(whole_code{2}, f), "power of two"));
    CHECK(says(laws::check_digit_code(whole_code{3}, f), "code 5 is level 2"));
    CHECK(says(laws::check_digit_code(whole_code{4}, f), "code 4 sum to 5"));
    CHECK(says(laws::check_digit_code(whole_code{5}, f), "code 0 sum to 1"));
    CHECK(says(laws::check_digit_code(whole_code{0}, xcim::format{17, false}), "more than 16 bits"));
    CHECK(says(laws::check_digit_code(whole_code{0}), "2-bit signed"));  // these digits have no sign
    CHECK(says(laws::check_mapper(broken_mapper{}), "tile_rows is 17"));
    CHECK(says(laws::check_mapper(broken_mapper{.rows = 0}), "tile_rows is 0"));
    CHECK(says(laws::check_mapper(broken_mapper{.rows = 2}), "tile_rows is 2 for 1 channels"));
}

TEST_CASE("check_adc finds codes that fall, are no integers, are too many, or depend on the lane") {
    auto const context = laws::context_for(100, 1);
    CHECK(laws::check_adc(broken_adc{[](auto sum) { return sum; }, 7}, context).ok());
    CHECK(says(laws::check_adc(broken_adc{[](auto sum) { return decltype(sum)(9.0F) - sum; }, 8}, context), "below"));
    CHECK(says(laws::check_adc(broken_adc{[](auto sum) { return sum * decltype(sum)(0.5F); }, 8}, context),
               "is_integer"));
    CHECK(says(laws::check_adc(broken_adc{[](auto sum) { return sum; }, 6}, context), "different codes"));
    CHECK(
        says(laws::check_adc(
                 broken_adc{[]<class V>(V sum) { return sum + V(std::same_as<V, float> ? 1.0F : 0.0F); }, 8}, context),
             "batch gives"));
    CHECK(says(laws::check_lossless(xcim::adc::uniform{6}, context), "comes back as"));
}

TEST_CASE("check_cell_type, check_interconnect and check_readout find every fault") {
    CHECK(laws::check_cell_type(broken_cell{}).ok());
    CHECK(says(laws::check_cell_type(broken_cell{4, 1e-3F}), "is_linear or is_product promises"));
    CHECK(says(laws::check_cell_type(broken_cell{1, 0}), "1 levels"));
    CHECK(says(laws::check_interconnect(broken_wire{}), "is_identity promises"));
    CHECK(says(laws::check_changes_nothing(broken_wire{}), "change the states"));
    int calls = 0;
    CHECK(says(laws::check_interconnect(forgetful_wire{&calls}), "for the same states"));
    CHECK(says(laws::check_switched(leaking_switch{}), "although no row is driven"));
    CHECK(says(laws::check_readout(broken_readout{}, xcim::adc::uniform{8}), "without noise"));
    CHECK(says(laws::check_readout(broken_readout{}, xcim::adc::uniform{8}), "0 conversions"));
}

TEST_CASE("the checks of noise find false identities, moments and distributions") {
    auto const context = laws::context_for(100, 1);
    CHECK(laws::check_normal_noise(some_noise<false>{1, 2}, context, 10, 11, 2).ok());
    CHECK(says(laws::check_normal_noise(some_noise<false>{1, 2}, context, 10, 11.05, 2), "the mean is"));
    CHECK(says(laws::check_normal_noise(some_noise<false>{1, 2}, context, 10, 11, 2.05), "the standard deviation is"));
    CHECK(says(laws::check_normal_noise(cubed_noise{}, context, 10, 10, 1), "Kolmogorov"));
    CHECK(says(laws::check_noise_model(some_noise<true>{0, 0}, context), "an identity draws"));
    CHECK(says(laws::check_noise_model(some_noise<true>{1, 0}, context), "is_identity promises"));
    CHECK(says(laws::check_silent(some_noise<false>{0, 1}, context), "amplitude zero"));
    CHECK(laws::check_silent(some_noise<false>{0, 0}, context).ok());
}

TEST_CASE("check_quantizer finds every fault") {
    xcim::range const r{-7, 7};
    CHECK(laws::check_quantizer(broken_quantiser{}, r).ok());
    CHECK(says(laws::check_quantizer(broken_quantiser{4, 1}, r), "not an integer"));
    CHECK(says(laws::check_quantizer(broken_quantiser{4, 2}, r), "half a step"));
    CHECK(says(laws::check_quantizer(broken_quantiser{4, 3}, r), "not an integer of the format"));
    CHECK(says(laws::check_quantizer(broken_quantiser{4, 4}, r), "violations"));
    CHECK(says(laws::check_quantizer(broken_quantiser{4, 5}, r), "zero has not the code zero_point"));
    CHECK(says(laws::check_quantizer(broken_quantiser{4, 6}, r), "half a step"));
    CHECK(says(laws::check_quantizer(broken_quantiser{4, 7}, r), "calibrate gives the scale 0"));
}
