#pragma once

/// \file
/// What the integer attention drives into its arrays: how much of it is zero, and the cycles it takes.

#include "arithmetics.hpp"
#include "subject.hpp"

#include <xcim/analysis/activation_sparsity.hpp>
#include <xcim/cost/attention.hpp>
#include <xcim/cost/gemv_cycles.hpp>
#include <xcim/io.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace flare {

/// The tensors of an attention layer. The first four are driven, K and V are stored.
enum class activation { input, queries, scores, heads, keys, values };

inline constexpr std::array driven{activation::input, activation::queries, activation::scores, activation::heads};
inline constexpr std::array all_activations{activation::input, activation::queries, activation::scores,
                                            activation::heads, activation::keys,    activation::values};

/// "x", "Q", "softmax", "A V", "K", "V"
std::string to_string(activation kind);

/// The product that it drives: "x W", "Q K^T", "softmax V", "A V W_O"
std::string product_of(activation kind);

/// Array cycles of the same vectors under several schedules.
struct schedule_cycles {
    xcim::cost::sift_cycles next_fit, ideal;              ///< two's complement
    xcim::cost::sift_cycles next_fit_apart, ideal_apart;  ///< ones of negative values after those of positive ones

    schedule_cycles& operator+=(schedule_cycles const& other);
};

/// The schedules whose time is reported.
enum class schedule { fixed, next_fit, next_fit_apart };

inline constexpr std::array schedules{schedule::fixed, schedule::next_fit, schedule::next_fit_apart};

std::string to_string(schedule how);

/// All vectors of one kind.
class activation_statistics {
public:
    /// Rows of `depth` codes. Returns the cycles of these alone, none where they are not driven.
    schedule_cycles add(std::vector<std::int32_t> const& codes, std::size_t depth, xcim::format format, bool is_driven);

    /// Of all vectors together; those shorter than a run of 8 are left out.
    [[nodiscard]] xcim::analysis::zero_shares sparsity() const;
    [[nodiscard]] schedule_cycles const& cycles() const { return cycles_; }
    [[nodiscard]] std::size_t vectors() const { return vectors_; }
    [[nodiscard]] double mean_depth() const { return static_cast<double>(codes_) / static_cast<double>(vectors_); }

private:
    /// Of vectors that have at least one run; the shares of zeros are theirs.
    struct zero_counts {
        std::uint64_t bits = 0, zero_bits = 0;
        std::uint64_t values = 0, zero_values = 0;
        std::uint64_t runs = 0, zero_runs = 0;
        std::uint64_t columns = 0, zero_columns = 0;
    };

    std::size_t vectors_ = 0, codes_ = 0;
    zero_counts zeros_;
    schedule_cycles cycles_;
};

struct observed_network {
    subject const* what;
    std::size_t samples;
    std::array<activation_statistics, all_activations.size()> statistics{};
    xcim::cost::attention_extents shape{};  ///< of one sample
    std::set<std::uint32_t> layers{};       ///< numbers of the attention layers
    /// Of all samples and layers, the arrays of heads at work at the same time; by schedule.
    std::array<xcim::cost::attention_cycles, schedules.size()> cycles{};

    [[nodiscard]] activation_statistics const& of(activation kind) const {
        return statistics[static_cast<std::size_t>(kind)];
    }

    /// Of all products; the input is driven twice, once for K and V, once for Q.
    [[nodiscard]] schedule_cycles all_cycles() const;
};

/// Runs the first samples with the 8-bit integer attention.
observed_network observe(subject const& what, calibration const& found, int threads);

/// \name Rows of sparsity.csv, cycles.csv, latency.csv and traffic.csv
/// @{
xcim::io::table make_sparsity_table(std::vector<observed_network> const& all);
xcim::io::table make_cycle_table(std::vector<observed_network> const& all);
xcim::io::table make_latency_table(std::vector<observed_network> const& all);
xcim::io::table make_traffic_table(std::vector<observed_network> const& all);
/// @}

}  // namespace flare
