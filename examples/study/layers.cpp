#include "layers.hpp"

#include <xcim/ops/softmax.hpp>

#include <algorithm>

namespace study {

namespace {

/// Block `block` of the q, k, v of all tokens (B, N, 3 E), as (B * H, N, D).
tensor head_major(tensor const& qkv, std::size_t block, std::size_t heads) {
    auto const items = qkv.shape(0), tokens = qkv.shape(1), width = qkv.shape(2) / 3, each = width / heads;
    auto result = networks::make_tensor({items * heads, tokens, each});
    auto* to = result.data();
    for (std::size_t i = 0; i < items * heads; ++i) {
        for (std::size_t n = 0; n < tokens; ++n) {
            auto const* from = qkv.data() + ((i / heads * tokens + n) * 3 + block) * width + i % heads * each;
            to = std::copy_n(from, each, to);
        }
    }
    return result;
}

/// softmax(scale * q k^T) of every head, (B * H, N, N)
tensor scores_of(tensor const& q, tensor const& k, float scale) {
    auto const tokens = q.shape(1), width = q.shape(2);
    auto const no_bias = networks::make_tensor({0});
    auto scores = networks::make_tensor({q.shape(0), tokens, tokens});
    for (std::size_t head = 0; head < q.shape(0); ++head) {
        auto const flat = [&](tensor const& x) {
            auto rows = networks::slice(x, head, head + 1);
            rows.reshape(std::vector<std::size_t>{tokens, width});
            return rows;
        };
        auto const products = networks::float_linear(flat(q), flat(k), no_bias);
        std::transform(products.data(), products.data() + products.size(), scores.data() + head * products.size(),
                       [scale](float e) { return scale * e; });
    }
    return xcim::softmax(scores);
}

/// In float, and keeps what the macro would be given.
struct recording_backend : networks::float_backend {
    recorded_layers* to = nullptr;

    [[nodiscard]] tensor conv2d(networks::conv_layer const& layer, tensor const& x) const {
        if (!layer.is_digital) {
            to->convolutions.push_back({layer.name, x, layer.weight, layer.stride, layer.padding});
        }
        return float_backend::conv2d(layer, x);
    }

    [[nodiscard]] tensor attention(networks::attention_layer const& layer, tensor const& x) const {
        auto const qkv = networks::float_linear(x, layer.qkv_weight, layer.qkv_bias);
        auto const heads = static_cast<std::size_t>(layer.heads);
        auto const q = head_major(qkv, 0, heads), k = head_major(qkv, 1, heads), v = head_major(qkv, 2, heads);
        auto& all = to->attention;
        all.push_back({layer.name, "inputs", x, true});
        all.push_back({layer.name, "weights", layer.qkv_weight, true});
        all.push_back({layer.name, "Q", q, true});
        all.push_back({layer.name, "K", k, true});
        all.push_back({layer.name, "V", v, true});
        all.push_back({layer.name, "scores", scores_of(q, k, layer.scale), false});
        return float_backend::attention(layer, x);
    }
};

}  // namespace

recorded_layers record_layers(subject const& what, std::size_t images) {
    recorded_layers seen;
    auto recorder = recording_backend{};
    recorder.to = &seen;
    auto backend = backend_box{recorder};
    static_cast<void>(what.run(backend, images, images, [](std::size_t) { return true; }));
    return seen;
}

}  // namespace study
