#include "evaluate.hpp"

#include <algorithm>
#include <cmath>

namespace explore {

std::optional<networks::tensor> run_network(model const& net, any_backend& backend, networks::tensor const& images,
                                            std::size_t batch, std::size_t first_item,
                                            std::function<bool(std::size_t)> const& after_batch) {
    auto const count = images.shape(0);
    std::vector<float> logits;
    for (std::size_t first = 0; first < count; first += batch) {
        auto const last = std::min(first + batch, count);
        backend.begin_batch(first_item + first);
        auto const part = net(backend, networks::slice(images, first, last));  // (last - first, 10)
        logits.insert(logits.end(), part.data(), part.data() + part.size());
        if (!after_batch(last - first)) {
            return std::nullopt;
        }
    }
    auto result = networks::make_tensor({count, logits.size() / count});  // (N, 10)
    std::copy(logits.begin(), logits.end(), result.data());
    return result;
}

score rate(networks::tensor const& logits, networks::tensor const& reference, std::vector<int> const& labels) {
    auto signal = 0.0, error = 0.0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        auto const wanted = static_cast<double>(reference.data()[i]);
        auto const difference = wanted - static_cast<double>(logits.data()[i]);
        signal += wanted * wanted;
        error += difference * difference;
    }
    auto const answers = networks::argmax(logits);
    auto const percent = [&](std::size_t hits) {
        return 100.0 * static_cast<double>(hits) / static_cast<double>(labels.size());
    };
    return {percent(networks::count_equal(answers, labels)),
            percent(networks::count_equal(answers, networks::argmax(reference))), 10 * std::log10(signal / error),
            std::sqrt(error / static_cast<double>(logits.size()))};
}

std::uint64_t count_conversions(model const& net, networks::tensor const& images, design const& point,
                                settings const& chosen) {
    auto const phases = (chosen.input_bits + point.input_group - 1) / point.input_group;
    auto backend = backend_box{networks::counting_backend{{chosen.rows, chosen.weight_bits, phases}}};
    static_cast<void>(net(backend, networks::slice(images, 0, 1)));
    return backend.inner().total();
}

std::string digits_of(std::vector<int> const& classes) {
    std::string text;
    for (auto const one : classes) {
        text += static_cast<char>('0' + one);
    }
    return text;
}

}  // namespace explore
