#pragma once

/// \file
/// A uniform number of a normal one: Phi, the distribution function of the standard normal, in float.

#include <xcim/core/normal.hpp>

#include <array>

namespace xcim::inline XCIM_ABI::adc {

namespace detail {

/// Phi(-z) in 32 intervals of width 11/64, cubics in the place within the interval, 0 to 1: coefficient i of interval s
/// at [i][s]. Interpolated at Chebyshev nodes in double precision.
alignas(64) inline constexpr std::array<std::array<float, 32>, 4> tail_cubic{{
    {0x1p-1F,         0x1.ba2162p-2F,  0x1.764a2ap-2F,  0x1.3654ecp-2F,  0x1.f79208p-3F,  0x1.8f7f46p-3F,
     0x1.35ae98p-3F,  0x1.d4d846p-4F,  0x1.5a61a4p-4F,  0x1.f34686p-5F,  0x1.5edce6p-5F,  0x1.e0a91p-6F,
     0x1.40cca4p-6F,  0x1.a11bf4p-7F,  0x1.08103ap-7F,  0x1.458232p-8F,  0x1.868f44p-9F,  0x1.c808c6p-10F,
     0x1.030d2cp-10F, 0x1.1e5096p-11F, 0x1.33ce8ap-12F, 0x1.41d5aep-13F, 0x1.473b86p-14F, 0x1.43855ep-15F,
     0x1.36fa26p-16F, 0x1.2299a6p-17F, 0x1.07faap-18F,  0x1.d22c26p-20F, 0x1.90126p-21F,  0x1.4db13p-22F,
     0x1.0e7c92p-23F, 0x1.aa21c8p-25F},
    {-0x1.18dbbep-4F,  -0x1.14bf64p-4F,  -0x1.08c226p-4F,  -0x1.ebd442p-5F,  -0x1.bb861p-5F,   -0x1.84514p-5F,
     -0x1.4a155ep-5F,  -0x1.10699ep-5F,  -0x1.b48ad8p-6F,  -0x1.53984ap-6F,  -0x1.007bfcp-6F,  -0x1.782514p-7F,
     -0x1.0bc88ap-7F,  -0x1.722c86p-8F,  -0x1.f0cfb4p-9F,  -0x1.43ad04p-9F,  -0x1.997844p-10F, -0x1.f6eaap-11F,
     -0x1.2bd944p-11F, -0x1.5b22f4p-12F, -0x1.862cf8p-13F, -0x1.a9c6bcp-14F, -0x1.c31742p-15F, -0x1.cffd28p-16F,
     -0x1.cf5a5ep-17F, -0x1.c13d12p-18F, -0x1.a6dda6p-19F, -0x1.827218p-20F, -0x1.56dfbep-21F, -0x1.275a4p-22F,
     -0x1.ee02e2p-24F, -0x1.911cp-25F},
    {0x1.c15f28p-19F, 0x1.08c808p-10F, 0x1.f98dfp-10F,  0x1.5fc38ap-9F,  0x1.a68116p-9F,  0x1.cde232p-9F,
     0x1.d69494p-9F,  0x1.c480aap-9F,  0x1.9dc7f8p-9F,  0x1.6992e6p-9F,  0x1.2eee76p-9F,  0x1.e7d602p-10F,
     0x1.7a2b7p-10F,  0x1.1a9cep-10F,  0x1.97a20ap-11F, 0x1.1beeeap-11F, 0x1.7e4786p-12F, 0x1.f1b39cp-13F,
     0x1.396f26p-13F, 0x1.7e108ap-14F, 0x1.c2de34p-15F, 0x1.019daep-15F, 0x1.1d25bp-16F,  0x1.31c59p-17F,
     0x1.3db67ep-18F, 0x1.3fed14p-19F, 0x1.383feep-20F, 0x1.276c8p-21F,  0x1.0ef958p-22F, 0x1.e1f8a8p-24F,
     0x1.9fa0bap-25F, 0x1.5b92p-26F},
    {0x1.5db36p-12F,   0x1.3f559ap-12F,  0x1.06f43cp-12F,  0x1.78cc64p-13F,  0x1.a5f176p-14F,  0x1.83854cp-16F,
     -0x1.76ce96p-15F, -0x1.973edp-14F,  -0x1.13c772p-13F, -0x1.369daep-13F, -0x1.393feap-13F, -0x1.239cacp-13F,
     -0x1.fd19e4p-14F, -0x1.a48b84p-14F, -0x1.4aae44p-14F, -0x1.f100bep-15F, -0x1.65f76cp-15F, -0x1.ef442p-16F,
     -0x1.499a2cp-16F, -0x1.a69404p-17F, -0x1.05329p-17F,  -0x1.3798ep-18F,  -0x1.66f5aap-19F, -0x1.8f8dp-20F,
     -0x1.ade9e2p-21F, -0x1.bf5a9ap-22F, -0x1.c255b2p-23F, -0x1.b6b304p-24F, -0x1.9dad76p-25F, -0x1.79addap-26F,
     -0x1.4deb1ep-27F, -0x1.1df3fcp-28F},
}};

}  // namespace detail

/// Phi(z), 0 to 1, |error| < 2.5e-7; beyond 5.5 deviations the value there. The same bits on every target.
/// Tests: tests/unit/adc/stochastic.cpp.
template <value V>
[[nodiscard]] XCIM_INLINE V normal_distribution(V z) {
    V const scaled = min(V(abs(z) * V(64.0F / 11.0F)), V(0x1.fffffep+4F));
    V const interval = round_down(scaled);
    V const place = scaled - interval;
    auto const word = to_word(interval);
    V tail = ::xcim::detail::look_up<V>(detail::tail_cubic[3], word);
    for (std::size_t i = 3; i-- > 0;) {
        tail = fused_multiply_add(tail, place, ::xcim::detail::look_up<V>(detail::tail_cubic[i], word));
    }
    return select(z < V(0.0F), tail, V(V(1.0F) - tail));
}

}  // namespace xcim::inline XCIM_ABI::adc
