/// \file
/// What must not model a concept. Compiling is passing.

#include <xcim/adc.hpp>
#include <xcim/cell.hpp>
#include <xcim/concepts/readout.hpp>
#include <xcim/encoding.hpp>
#include <xcim/mapping.hpp>
#include <xcim/noise.hpp>
#include <xcim/quant.hpp>
#include <xcim/readout.hpp>
#include <xcim/wire.hpp>

#include <string>

namespace xcim_negative {

/// Number of roles a policy could take in a macro.
template <class P>
constexpr int roles = (xcim::Quantizer<P> ? 1 : 0) + (xcim::OperandQuantizers<P> ? 1 : 0) + (xcim::Mapper<P> ? 1 : 0) +
                      (xcim::Encoder<P> ? 1 : 0) + (xcim::CellType<P> ? 1 : 0) + (xcim::NoiseModel<P> ? 1 : 0) +
                      (xcim::Adc<P> ? 1 : 0) + (xcim::Interconnect<P> ? 1 : 0) + (xcim::Readout<P> ? 1 : 0);

template <class... P>
constexpr bool each_has_one_role = ((roles<P> == 1) && ...);

// CimMacro::with finds the role of a policy by its concept, so no model may fit two.
static_assert(each_has_one_role<xcim::quant::symmetric<int>, xcim::quant::unsigned_range<xcim::constant<8>>,
                                xcim::quant::operands<xcim::quant::symmetric<int>, xcim::quant::symmetric<int>>>);
static_assert(each_has_one_role<xcim::mapping::bit_slice, xcim::mapping::channel_block, xcim::encoding::bit_serial,
                                xcim::encoding::bit_parallel<int>>);
static_assert(each_has_one_role<xcim::mapping::differential, xcim::mapping::offset, xcim::encoding::pulse_width,
                                xcim::encoding::analog_dac>);
static_assert(each_has_one_role<xcim::cell::ideal<int>, xcim::cell::sram, xcim::cell::rram, xcim::cell::pcm,
                                xcim::cell::pair<xcim::cell::pcm>>);
static_assert(each_has_one_role<xcim::wire::ideal, xcim::wire::bit_line, xcim::wire::crossbar, xcim::wire::paired,
                                xcim::wire::gated, xcim::readout::single>);
static_assert(each_has_one_role<xcim::noise::none, xcim::noise::gaussian, xcim::noise::stack<xcim::noise::gaussian>>);
static_assert(each_has_one_role<xcim::adc::ideal, xcim::adc::uniform<int>, xcim::adc::exact_count,
                                xcim::adc::calibrated<>, xcim::adc::sar<>, xcim::adc::oscillator>);

// Neither numbers nor prepared kernels are policies.
static_assert(roles<int> + roles<double> + roles<xcim::sigma> + roles<xcim::geometry> == 0);
static_assert(roles<xcim::noise::gaussian::kernel> + roles<xcim::adc::uniform<int>::kernel> == 0);

/// A converter; every variant below spoils one requirement.
struct counter {
    static constexpr bool is_integer = true;
    struct kernel {
        double step = 1;
        template <xcim::value V>
        V operator()(V sum, xcim::lane<V> const& /*l*/) const {
            return sum;
        }
    };
    [[nodiscard]] int resolution(xcim::column_context const& /*context*/) const { return 8; }
    [[nodiscard]] kernel prepare(xcim::column_context const& /*context*/) const { return {}; }
};
static_assert(roles<counter> == 1 && xcim::Adc<counter>);

struct does_not_say_integer : counter {
    struct is_integer {};
};
struct has_no_resolution : counter {
    void resolution() const {}
};
struct prepares_without_context : counter {
    [[nodiscard]] kernel prepare() const { return {}; }
};
struct cannot_be_copied : counter {
    cannot_be_copied() = default;
    cannot_be_copied(cannot_be_copied const&) = delete;
    cannot_be_copied& operator=(cannot_be_copied const&) = delete;
    ~cannot_be_copied() = default;
};
struct has_no_step : counter {
    struct kernel {
        template <xcim::value V>
        V operator()(V sum, xcim::lane<V> const& /*l*/) const {
            return sum;
        }
    };
    [[nodiscard]] kernel prepare(xcim::column_context const& /*context*/) const { return {}; }
};
struct takes_no_batch : counter {
    struct kernel {
        double step = 1;
        float operator()(float sum, xcim::lane<float> const& /*l*/) const { return sum; }
    };
    [[nodiscard]] kernel prepare(xcim::column_context const& /*context*/) const { return {}; }
};
struct owns_memory : counter {
    struct kernel : counter::kernel {
        std::string name;
    };
    [[nodiscard]] kernel prepare(xcim::column_context const& /*context*/) const { return {}; }
};
static_assert(!xcim::Adc<does_not_say_integer> && !xcim::Adc<has_no_resolution> &&
              !xcim::Adc<prepares_without_context> && !xcim::Adc<cannot_be_copied> && !xcim::Adc<has_no_step> &&
              !xcim::Adc<takes_no_batch> && !xcim::Adc<owns_memory>);

/// A noise model; every variant spoils one requirement.
struct offset {
    static constexpr bool is_identity = false;
    struct kernel {
        static constexpr int draws = 0;
        template <xcim::value V>
        V operator()(V sum, xcim::lane<V> const& /*l*/) const {
            return sum + V(1.0F);
        }
    };
    [[nodiscard]] kernel prepare(xcim::column_context const& /*context*/) const { return {}; }
};
static_assert(roles<offset> == 1 && xcim::NoiseModel<offset>);

struct does_not_say_identity : offset {
    struct is_identity {};
};
struct does_not_say_draws : offset {
    struct kernel : offset::kernel {
        struct draws {};
    };
    [[nodiscard]] kernel prepare(xcim::column_context const& /*context*/) const { return {}; }
};
struct returns_nothing : offset {
    struct kernel {
        static constexpr int draws = 0;
        template <xcim::value V>
        void operator()(V /*sum*/, xcim::lane<V> const& /*l*/) const {}
    };
    [[nodiscard]] kernel prepare(xcim::column_context const& /*context*/) const { return {}; }
};
static_assert(!xcim::NoiseModel<does_not_say_identity> && !xcim::NoiseModel<does_not_say_draws> &&
              !xcim::NoiseModel<returns_nothing>);

// A mapper is no encoder: it has an array; an encoder is no mapper.
static_assert(!xcim::Encoder<xcim::mapping::bit_slice> && !xcim::Mapper<xcim::encoding::bit_serial>);

// Both halves of a pair of quantisers must be quantisers.
struct half_of_operands {
    xcim::quant::symmetric<int> weights;
    int inputs;
};
static_assert(!xcim::OperandQuantizers<half_of_operands>);

// A parameter is a number or a constant of it, nothing that merely looks like one.
static_assert(xcim::param<int, int> && xcim::param<xcim::constant<8>, int>);
static_assert(!xcim::param<char const*, int> && !xcim::param<xcim::sigma, int>);

}  // namespace xcim_negative
