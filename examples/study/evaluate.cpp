#include "evaluate.hpp"

#include "../explore/interrupt.hpp"
#include "../explore/progress.hpp"

#include <xcim/core/threads.hpp>

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>

namespace study {

namespace {

/// Counts layers with signed inputs apart from the others: their inputs have one phase more.
class signed_and_unsigned_counts {
public:
    explicit signed_and_unsigned_counts(design const& macro)
        : signed_{macro.rows, macro.weight_bits, 1 + phases(macro.signed_input_bits - 1, macro.encoding)},
          unsigned_{macro.rows, macro.weight_bits, phases(macro.input_bits, macro.encoding)}, of_signed_{signed_},
          of_unsigned_{unsigned_} {}

    tensor conv2d(networks::conv_layer const& layer, tensor const& x) {
        return layer.input_is_signed ? of_signed_.conv2d(layer, x) : of_unsigned_.conv2d(layer, x);
    }
    tensor linear(networks::linear_layer const& layer, tensor const& x) {
        return layer.input_is_signed ? of_signed_.linear(layer, x) : of_unsigned_.linear(layer, x);
    }
    tensor attention(networks::attention_layer const& layer, tensor const& x) {
        scores_as_signed_ += signed_.of(x.size(), x.shape(1), 1);
        scores_ += unsigned_.of(x.size(), x.shape(1), 1);
        return of_signed_.attention(layer, x);
    }

    [[nodiscard]] std::uint64_t total() const {
        return of_signed_.total() + of_unsigned_.total() - scores_as_signed_ + scores_;
    }

private:
    static int phases(int bits, int encoding) { return (bits + encoding - 1) / encoding; }

    networks::conversion_counts signed_, unsigned_;
    networks::counting_backend of_signed_, of_unsigned_;
    std::uint64_t scores_as_signed_ = 0, scores_ = 0;  // of scores times values, which of_signed_ takes for signed
};

outcome evaluate(subject const& what, point const& one, std::function<bool(std::size_t)> const& goes_on) {
    auto const start = std::chrono::steady_clock::now();
    auto const backend = make_backend(one.macro, one.seed);
    auto const logits = what.run(*backend, one.images, one.batch, goes_on);
    if (!logits) {
        throw interruption{};
    }
    auto const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    auto const quality = explore::rate(*logits, networks::slice(what.float_logits(), 0, one.images), what.labels());
    return {one, quality, seconds};
}

}  // namespace

std::uint64_t count_conversions(subject const& what, design const& macro) {
    auto backend = backend_box{signed_and_unsigned_counts{macro}};
    static_cast<void>(what.run(backend, 1, 1, [](std::size_t) { return true; }));
    return backend.inner().total();
}

std::vector<outcome> evaluate(subject const& what, std::vector<design> const& designs, settings const& chosen,
                              results& done) {
    auto const point_of = [&](design const& macro) {
        return point{what.name(), what.images(), chosen.batch, chosen.seed, macro};
    };
    std::vector<point> missing;
    std::vector<std::uint64_t> conversions;  // per image, of each of these
    std::uint64_t work = 0;
    for (auto const& macro : designs) {
        if (done.find(point_of(macro)) == nullptr) {
            missing.push_back(point_of(macro));
            conversions.push_back(count_conversions(what, macro));
            work += conversions.back() * what.images();
        }
    }
    explore::progress bar{work};
    std::mutex alone;  // for the bar and the results
    xcim::for_each_task(missing.size(), chosen.threads, [&](std::size_t i) {
        {
            std::lock_guard const lock{alone};
            bar.begin(fmt::format("{}: {}", what.title(), describe(missing[i].macro)));
        }
        auto one = evaluate(what, missing[i], [&](std::size_t images) {
            std::lock_guard const lock{alone};
            bar.advance(images * conversions[i]);
            return !explore::is_interrupted();
        });
        std::lock_guard const lock{alone};
        done.add(std::move(one));
    });
    std::vector<outcome> found;
    for (auto const& macro : designs) {
        found.push_back(*done.find(point_of(macro)));
    }
    return found;
}

}  // namespace study
