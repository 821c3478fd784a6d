#pragma once

/// \file
/// Laws of NoiseModel: see <xcim/concepts/noise_model.hpp>.

#include <xcim/concepts/noise_model.hpp>
#include <xcim/testing/batches.hpp>
#include <xcim/testing/column_contexts.hpp>
#include <xcim/testing/statistics.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// Column sums over the range of a context, one per draw.
[[nodiscard]] inline std::vector<float> sums_over(column_context const& context, std::size_t count) {
    std::vector<float> sums(count);
    for (std::size_t i = 0; i < count; ++i) {
        sums[i] = static_cast<float>(
            std::floor(context.full_scale * static_cast<double>(i) / static_cast<double>(count > 1 ? count - 1 : 1)));
    }
    return sums;
}

/// Everything a kernel may draw for `count` conversions, each of a column of its own.
class drawn_lanes {
public:
    std::size_t draws;

    template <class Kernel>
    drawn_lanes(Kernel const& kernel, std::size_t count, std::uint64_t seed)
        : draws{static_cast<std::size_t>(kernel.draws)}, count_{count}, normals_{some_normals(draws, count, seed)},
          fixed_{some_normals(static_cast<std::size_t>(column_draws_of<Kernel>), count, seed + 1000)} {}

    template <class V>
    [[nodiscard]] lane<V> at(std::size_t i) const {
        return {normals_.data() + (normals_.empty() ? 0 : i), count_, fixed_.data() + (fixed_.empty() ? 0 : i), count_};
    }

private:
    std::size_t count_;
    std::vector<float> normals_;
    std::vector<float> fixed_;
};

/// One context: batch and scalar agree for the same draws, results are finite, and is_identity implies that sums come
/// back bit for bit and nothing is drawn.
template <NoiseModel N>
[[nodiscard]] report check_noise_model(N const& model, column_context const& context, std::size_t count = 1000) {
    report r;
    auto const kernel = model.prepare(context);
    auto const sums = sums_over(context, count);
    drawn_lanes const drawn(kernel, count, 7);
    auto const noisy = check_batch_is_scalar(
        r, "noisy sum", sums, [&]<class V>(V sum, std::size_t i) -> V { return kernel(sum, drawn.at<V>(i)); });
    r.require(!N::is_identity || drawn.draws == 0,
              [&] { return "an identity draws " + std::to_string(drawn.draws) + " numbers per conversion"; });
    for (std::size_t i = 0, before = r.count(); i < count && r.count() == before; ++i) {
        r.require(std::isfinite(noisy[i]),
                  [&] { return "sum " + digits_of(sums[i]) + " becomes " + digits_of(noisy[i]); });
        r.require(!N::is_identity || bits_of(noisy[i]) == bits_of(sums[i]), [&] {
            return "sum " + digits_of(sums[i]) + " becomes " + digits_of(noisy[i]) +
                   ": is_identity promises that nothing changes";
        });
    }
    return r;
}

template <NoiseModel N>
[[nodiscard]] report check_noise_model(N const& model, std::vector<column_context> const& contexts = some_contexts()) {
    report r;
    for (auto context : contexts) {
        context.adc_step = 1;  // so that a sigma in_adc_lsb means something
        r.add(check_noise_model(model, context), to_string(context) + ": ");
    }
    return r;
}

/// `silent` is a model with amplitude zero: it returns every sum bit for bit, whatever is drawn.
template <NoiseModel N>
[[nodiscard]] report check_silent(N const& silent, column_context const& context, std::size_t count = 1000) {
    report r;
    auto const kernel = silent.prepare(context);
    auto const sums = sums_over(context, count);
    drawn_lanes const drawn(kernel, count, 11);
    for (std::size_t i = 0; i < count && r.ok(); ++i) {
        float const out = kernel(sums[i], drawn.at<float>(i));
        r.require(bits_of(out) == bits_of(sums[i]),
                  [&] { return "amplitude zero turns " + digits_of(sums[i]) + " into " + digits_of(out); });
    }
    return r;
}

/// At a fixed seed, `count` noisy copies of `sum` have this mean and standard deviation (within five standard errors)
/// and, by their Kolmogorov-Smirnov distance (limit 2.2 / sqrt(count), exceeded by chance once in 8000), a normal
/// distribution.
template <NoiseModel N>
[[nodiscard]] report check_normal_noise(N const& model, column_context const& context, float sum, double mean,
                                        double deviation, std::uint64_t seed = 1, std::size_t count = 200000) {
    report r;
    auto const kernel = model.prepare(context);
    drawn_lanes const drawn(kernel, count, seed);
    std::vector<float> noisy(count);
    for (std::size_t i = 0; i < count; ++i) {
        noisy[i] = kernel(sum, drawn.at<float>(i));
    }
    auto const n = static_cast<double>(count);
    auto const found = moments_of(std::span<float const>{noisy});
    r.require(std::abs(found.mean - mean) <= 5 * deviation / std::sqrt(n),
              [&] { return "the mean is " + digits_of(found.mean) + ", not " + digits_of(mean); });
    r.require(std::abs(found.deviation - deviation) <= 5 * deviation / std::sqrt(2 * n), [&] {
        return "the standard deviation is " + digits_of(found.deviation) + ", not " + digits_of(deviation);
    });
    double const distance =
        kolmogorov_smirnov(noisy, [&](double v) { return normal_distribution((v - mean) / deviation); });
    r.require(distance <= 2.2 / std::sqrt(n),
              [&] { return "the Kolmogorov-Smirnov distance from a normal distribution is " + digits_of(distance); });
    return r;
}

}  // namespace xcim::inline XCIM_ABI::testing
