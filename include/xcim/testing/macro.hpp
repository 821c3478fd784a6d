#pragma once

/// \file
/// A whole macro as a few scalar loops, and the laws of CimMacro measured with it.
///
/// reference_product is written from the equation of CimMacro alone: quantised codes, tiles, digits, column sums of one
/// cell after the other, the scalar converter kernel, digital addition in integers or double. It shares nothing with
/// the engine but the policies.

#include <xcim/macro/cim_macro.hpp>
#include <xcim/testing/report.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// Integer codes of a tensor and the scale they stand for.
struct codes_of_tensor {
    std::vector<std::int32_t> codes;
    scale code_scale;
};

/// One element after the other, by the scalar kernel.
template <Quantizer Q>
[[nodiscard]] codes_of_tensor quantise(Q const& quantiser, tensor_ref const& t) {
    range r;
    if (t.size() > 0) {
        auto const [lowest, highest] = std::minmax_element(t.data, t.data + t.size());
        r = {*lowest, *highest};
    }
    codes_of_tensor q{{}, quantiser.calibrate(r)};
    auto const kernel = quantiser.prepare(q.code_scale);
    for (std::size_t i = 0; i < t.size(); ++i) {
        q.codes.push_back(static_cast<std::int32_t>(kernel.code(t.data[i])));
    }
    return q;
}

/// The result of reference_product, (rows, outputs).
struct reference {
    std::vector<float> y;
    /// How far the engine may be away: 0 where all codes are integers, so that all sums are exact; else what at most
    /// eight products rounded and added in float32 before they are added in double can differ by.
    std::vector<double> tolerance;
};

namespace detail {

/// Levels of a cell from 0 on: half of those of a signed digit.
template <class Slices>
int top_levels(Slices const& slices) {
    int levels = 2;
    for (int q = 0; q < slices.count(); ++q) {
        levels = std::max<int>(levels, is_signed_digit(slices, q) ? slices.levels(q) / 2 : slices.levels(q));
    }
    return levels;
}

/// Standard normals of the cells of one column: (draws, rows).
inline std::vector<float> cell_normals_of(word_pair<> key, int draws, std::size_t rows) {
    std::vector<float> normals(static_cast<std::size_t>(draws) * rows);
    for (std::size_t d = 0; d < static_cast<std::size_t>(draws); ++d) {
        for (std::size_t r = 0; r < rows; ++r) {
            normals[d * rows + r] =
                four_normals(key, {static_cast<std::uint32_t>(r), static_cast<std::uint32_t>(d / 4)})[d % 4];
        }
    }
    return normals;
}

/// What the columns of one tile, array after array, carry per drive of a row: (rows, width).
template <class Macro>
std::vector<float> wired_states(Macro const& macro, std::vector<float> const& plus, std::vector<float> const& minus,
                                std::size_t rows, std::size_t width, std::size_t slices, int cell_levels) {
    geometry const array = macro.mapping().array;
    auto const columns = static_cast<std::size_t>(array.columns);
    std::size_t const whole = slices > columns ? columns : columns / slices * slices;
    auto const off = static_cast<float>(minus.empty() ? off_state_of(macro.cell(), cell_levels) : 0);
    std::vector<float> seen(rows * width);
    for (std::size_t first = 0; first < width; first += whole) {
        std::size_t const count = std::min(whole, width - first);
        std::vector<float> p(rows * count);
        std::vector<float> m(minus.empty() ? 0 : rows * count);
        std::vector<float> effective(rows * count);
        std::vector<float> attenuation(rows * count, 1.0F);
        std::vector<float> offsets(count);
        for (std::size_t i = 0; i < p.size(); ++i) {
            std::size_t const from = i / count * width + first + i % count;
            p[i] = plus[from];
            effective[i] = plus[from];
            if (!minus.empty()) {
                m[i] = minus[from];
                effective[i] -= minus[from];
            }
        }
        macro.wire().apply(wired_array{rows, count, array, conductance_step_of(macro.cell(), cell_levels), p, m,
                                       effective, attenuation, offsets});
        for (std::size_t i = 0; i < p.size(); ++i) {
            seen[i / count * width + first + i % count] = effective[i] - off;
        }
    }
    return seen;
}

/// Effective states of one tile, (rows of a tile, slices * outputs): what cells hold after programming and wires.
template <class Macro, class Slices>
std::vector<float> tile_states(Macro const& macro, Slices const& slices, codes_of_tensor const& w, std::size_t outputs,
                               std::size_t rows, std::size_t tile, std::size_t tile_rows, program_options const& chip) {
    auto const count = static_cast<std::size_t>(slices.count());
    std::size_t const first = tile * tile_rows;
    std::size_t const used = std::min(tile_rows, rows - first);
    using cell_type = std::remove_cvref_t<decltype(macro.cell())>;
    std::size_t const width = count * outputs;
    std::vector<float> states(tile_rows * width);
    std::vector<float> opposite(devices_of<cell_type> == 2 ? used * width : 0);
    int const cell_levels = top_levels(slices);
    for (std::size_t c = 0; c < count * outputs; ++c) {
        std::size_t const q = c / outputs;
        std::size_t const n = c % outputs;
        std::vector<float> column(used);
        for (std::size_t r = 0; r < used; ++r) {
            column[r] = static_cast<float>(slices.level(w.codes[n * rows + first + r], static_cast<int>(q)));
        }
        std::vector<float> second(opposite.empty() ? 0 : used);
        if constexpr (VaryingCell<cell_type>) {
            auto const array_rows = static_cast<std::size_t>(geometry{macro.mapping().array}.rows);
            auto const key = [&](word_pair<> of) { return derive(derive(of, tile), 32 * n + q); };
            auto const normals =
                cell_normals_of(key(stage_key(chip.chip, chip.layer, stage::cell)), cell_type::draws, array_rows);
            auto const later =
                cell_normals_of(key(derive(stage_key(chip.chip, chip.layer, stage::reading), chip.reading)),
                                reading_draws_of<cell_type>, array_rows);
            macro.cell().program(column_of_cells{column, normals, array_rows, cell_levels, second, later});
        }
        // In an array the slices of an output stand side by side.
        for (std::size_t r = 0; r < used; ++r) {
            states[r * width + n * count + q] = column[r];
            if (!second.empty()) {
                opposite[r * width + n * count + q] = second[r];
            }
        }
    }
    auto const seen = wired_states(macro, states, opposite, used, width, count, cell_levels);
    for (std::size_t r = 0; r < used; ++r) {
        for (std::size_t c = 0; c < width; ++c) {
            states[r * width + c] = seen[r * width + c % outputs * count + c / outputs];
        }
    }
    return states;
}

/// What level `level` of a phase drives in one row.
template <class Encoding>
float driven(Encoding const& encoding, int level, int lowest, int levels, std::size_t tile, std::size_t row,
             program_options const& chip) {
    if constexpr (VaryingDriver<Encoding>) {
        if (levels > 2) {
            word_pair<> const key = derive(derive(stage_key(chip.chip, chip.layer, stage::row_driver), 0), tile);
            std::vector<float> normals;
            for (std::uint32_t quad = 0; normals.size() < static_cast<std::size_t>(Encoding::draws); ++quad) {
                auto const four = four_normals(key, {static_cast<std::uint32_t>(row), quad});
                normals.insert(normals.end(), four.begin(), four.end());
            }
            std::vector<float> drives(static_cast<std::size_t>(levels));
            encoding.drive(row_driver{drives, normals, lowest});
            return drives[static_cast<std::size_t>(level - lowest)];
        }
    }
    return static_cast<float>(level);
}

/// Rows that are active together in a phase with these levels: all of them, or cycle by cycle those with a one.
template <class Encoding>
std::vector<std::vector<std::size_t>> active_rows_of(Encoding const& encoding, std::vector<int> const& levels) {
    std::vector<std::vector<std::size_t>> cycles;
    if constexpr (ScheduledEncoder<Encoding>) {
        std::vector<std::uint32_t> plane(words_for(levels.size()));
        for (std::size_t r = 0; r < levels.size(); ++r) {
            plane[r / 32] |= static_cast<std::uint32_t>(levels[r]) << (r % 32);
        }
        word_line_schedule schedule;
        encoding.schedule(bit_plane_view{plane.data(), 1, levels.size()}, schedule);
        for (std::size_t i = 0; i < schedule.cycles(); ++i) {
            cycles.emplace_back(schedule[i].begin(), schedule[i].end());
        }
    } else {
        cycles.emplace_back(levels.size());
        std::iota(cycles[0].begin(), cycles[0].end(), std::size_t{0});
    }
    return cycles;
}

/// sum + cell(state, drive), fused where the cell multiplies.
template <class CellKernel>
float add_cell(CellKernel const& cell, float sum, float state, float drive) {
    if constexpr (is_product<CellKernel>) {
        return std::fma(state, drive, sum);
    } else {
        return sum + unfused(cell(state, drive));
    }
}

/// What word lines that are active without a one add to a column.
template <class Encoding, class CellKernel>
float empty_rows(Encoding const& encoding, CellKernel const& cell, std::size_t tile_rows, std::size_t ones) {
    if constexpr (ScheduledEncoder<Encoding>) {
        std::size_t const limit = std::min(static_cast<std::size_t>(encoding.active_rows()), tile_rows);
        return cell(0.0F, 1.0F) * static_cast<float>(limit - ones);
    } else {
        return 0;
    }
}

}  // namespace detail

/// y = x W^T (+ bias) through a macro without noise, (M, N). x: codes (M, K); w: codes (N, K), N outputs of
/// shape.channels * shape.kernel_area = K rows; bias: (N) or empty; `chip`: the one the weights are programmed into.
/// Wires that are solved for every input, currents of columns without any drive and noise of single reads are not
/// compared by this.
template <class... Policies>
[[nodiscard]] reference reference_product(CimMacro<Policies...> const& macro, codes_of_tensor const& x,
                                          codes_of_tensor const& w, weight_shape shape,
                                          std::span<float const> bias = {}, program_options const& chip = {}) {
    using macro_type = CimMacro<Policies...>;
    using encoding_type = std::remove_cvref_t<decltype(std::declval<macro_type const&>().encoding())>;
    static_assert(std::remove_cvref_t<decltype(macro.noise())>::is_identity,
                  "xcim::testing::reference_product: the macro must be free of noise: macro.with(noise::none{})");
    constexpr bool is_linear = std::remove_cvref_t<decltype(macro.cell())>::is_linear &&
                               std::remove_cvref_t<decltype(macro.wire())>::is_identity &&
                               !VaryingDriver<encoding_type>;
    std::size_t const k_count = shape.rows();
    std::size_t const m_count = x.codes.size() / k_count;
    auto const slices = macro.mapping().digits(format_of(macro.weight_quantiser()));
    auto const phases = macro.encoding().digits(format_of(macro.input_quantiser()));
    auto const tile_rows = static_cast<std::size_t>(macro.mapping().tile_rows(shape));
    auto const slice_count = static_cast<std::size_t>(slices.count());
    int const cell_levels = detail::top_levels(slices);
    product_scale const real_value{w.code_scale, x.code_scale};
    double const output_scale = w.code_scale.step() * x.code_scale.step();

    reference result{std::vector<float>(m_count * shape.outputs), std::vector<double>(m_count * shape.outputs)};
    std::vector<double> totals(m_count * shape.outputs);
    std::vector<double> magnitudes(m_count * shape.outputs);
    std::vector<char> all_integers(m_count * shape.outputs, 1);

    // Neighbouring phases of one width share their converters, so their codes are added up before they are scaled.
    for (int first = 0, last = 0; first < phases.count(); first = last) {
        bool const is_signed = is_signed_digit(phases, first);
        while (last < phases.count() && phases.levels(last) == phases.levels(first) &&
               is_signed_digit(phases, last) == is_signed) {
            ++last;
        }
        column_context context =
            macro.context_of(is_signed ? phases.levels(first) / 2 : phases.levels(first), cell_levels, is_signed);
        context.integer_sums = is_linear;
        auto const adc = macro.adc().prepare(context);
        auto const kernels = macro.readout().kernels(column_stages{macro.noise().prepare(context), adc, adc});
        constexpr std::size_t ways = std::tuple_size_v<decltype(kernels)>;
        auto const cell = macro.cell().prepare({context.rows, context.drive_levels});
        std::array<std::vector<double>, ways> sums;
        sums.fill(std::vector<double>(m_count * shape.outputs));
        std::array<double, ways> steps{};
        std::array<bool, ways> exact{};
        // The code of one column, by the way its cycle takes; `bits` is what a digital way sees.
        auto const convert = [&](std::size_t way, float column, float bits) {
            double code = 0;
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                auto const one = [&](std::size_t i, auto const& kernel) {
                    constexpr bool digital = is_digital<std::remove_cvref_t<decltype(kernel)>>;
                    steps[i] = kernel.step;
                    exact[i] = digital;
                    if constexpr (requires { kernel.is_exact(); }) {
                        exact[i] = kernel.is_exact();
                    }
                    if (i == way) {
                        code = static_cast<double>(kernel(digital ? bits : column, lane<float>{}));
                    }
                };
                (one(I, std::get<I>(kernels)), ...);
            }
            (std::make_index_sequence<ways>{});
            return code;
        };
        for (std::size_t tile = 0; tile * tile_rows < k_count; ++tile) {
            std::size_t const row = tile * tile_rows;
            auto const states = detail::tile_states(macro, slices, w, shape.outputs, k_count, tile, tile_rows, chip);
            std::size_t const used = std::min(tile_rows, k_count - row);
            for (std::size_t m = 0; m < m_count; ++m) {
                for (int p = first; p < last; ++p) {
                    std::vector<int> levels;
                    std::vector<float> drives;
                    for (std::size_t r = 0; r < used; ++r) {
                        levels.push_back(phases.level(x.codes[m * k_count + row + r], p));
                        drives.push_back(detail::driven(macro.encoding(), levels.back(),
                                                        is_signed ? -phases.levels(p) / 2 : 0, phases.levels(p), tile,
                                                        r, chip));
                    }
                    auto const cycles = detail::active_rows_of(macro.encoding(), levels);
                    for (int q = 0; q < slices.count(); ++q) {
                        double const weight = static_cast<double>(phases.weight(p)) * slices.weight(q);
                        std::size_t const way = macro.readout().way_of(cycle{q, slices.count(), p, phases.count()});
                        for (std::size_t i = 0; i < cycles.size() * shape.outputs; ++i) {
                            auto const& active = cycles[i / shape.outputs];
                            std::size_t const n = i % shape.outputs;
                            float column = detail::empty_rows(macro.encoding(), cell, tile_rows, active.size());
                            float bits = 0;
                            for (std::size_t const r : active) {
                                std::size_t const at =
                                    (r * slice_count + static_cast<std::size_t>(q)) * shape.outputs + n;
                                column = detail::add_cell(cell, column, states[at], drives[r]);
                                bits += static_cast<float>(slices.level(w.codes[n * k_count + row + r], q) * levels[r]);
                            }
                            double const code = convert(way, column, bits);
                            std::size_t const out = m * shape.outputs + n;
                            sums[way][out] += unfused(weight * code);
                            magnitudes[out] += std::abs(weight * code * steps[way]);
                            all_integers[out] = all_integers[out] && code == std::nearbyint(code);
                        }
                    }
                }
            }
        }
        for (std::size_t way = 0; way < ways; ++way) {
            for (std::size_t i = 0; i < totals.size(); ++i) {
                double const value = sums[way][i] * steps[way];
                totals[i] += unfused(exact[way] ? std::nearbyint(value) : value);
            }
        }
    }

    // sum (w - zw)(x - zx) = sum (w - bw)(x - bx) + (bw - zw) sum x + (bx - zx) sum w - K (bw bx - zw zx): what biased
    // digit codes and zero points leave to add digitally.
    std::int64_t const bx = phases.bias();
    std::int64_t const bw = slices.bias();
    std::int64_t const zx = x.code_scale.zero_point;
    std::int64_t const zw = w.code_scale.zero_point;
    for (std::size_t m = 0; m < m_count; ++m) {
        for (std::size_t n = 0; n < shape.outputs; ++n) {
            std::int64_t digital = 0;
            for (std::size_t k = 0; k < k_count; ++k) {
                digital +=
                    (bw - zw) * x.codes[m * k_count + k] + (bx - zx) * w.codes[n * k_count + k] - (bw * bx - zw * zx);
            }
            std::size_t const out = m * shape.outputs + n;
            float const value = real_value(totals[out] + static_cast<double>(digital));
            result.y[out] = bias.empty() ? value : value + bias[n];
            result.tolerance[out] =
                all_integers[out] ? 0.0 : 0x1p-24 * (10 * magnitudes[out] * output_scale + 4 * std::abs(result.y[out]));
        }
    }
    return result;
}

/// The same from real tensors: x (M, K), w (N, K).
template <class... Policies>
[[nodiscard]] reference reference_product(CimMacro<Policies...> const& macro, tensor_ref const& x, tensor_ref const& w,
                                          std::span<float const> bias = {}, program_options const& chip = {}) {
    auto const weights = quantise(macro.weight_quantiser(), w);
    weight_shape const shape{w.shape[0], w.shape[1], 1};
    if constexpr (has_token_scales<std::remove_cvref_t<decltype(macro.input_quantiser())>>) {
        reference all;
        for (std::size_t m = 0; m < x.shape[0]; ++m) {
            tensor_ref const token{x.data + m * x.shape[1], {1, x.shape[1]}};
            auto const row =
                reference_product(macro, quantise(macro.input_quantiser(), token), weights, shape, bias, chip);
            all.y.insert(all.y.end(), row.y.begin(), row.y.end());
            all.tolerance.insert(all.tolerance.end(), row.tolerance.begin(), row.tolerance.end());
        }
        return all;
    } else {
        return reference_product(macro, quantise(macro.input_quantiser(), x), weights, shape, bias, chip);
    }
}

/// The exact product of integer codes, (M, N): what a lossless macro computes.
[[nodiscard]] inline std::vector<std::int64_t> integer_product(codes_of_tensor const& x, codes_of_tensor const& w,
                                                               std::size_t inputs) {
    std::size_t const m_count = x.codes.size() / inputs;
    std::size_t const n_count = w.codes.size() / inputs;
    std::vector<std::int64_t> y(m_count * n_count);
    for (std::size_t m = 0; m < m_count; ++m) {
        for (std::size_t n = 0; n < n_count; ++n) {
            for (std::size_t k = 0; k < inputs; ++k) {
                y[m * n_count + n] += std::int64_t{x.codes[m * inputs + k]} * w.codes[n * inputs + k];
            }
        }
    }
    return y;
}

/// Rows [first, last) of quantised inputs (M, K) through an array, without any operation of ops/: (last - first, N).
template <class... Policies>
[[nodiscard]] std::vector<float> run_rows(CimMacro<Policies...> const& macro, programmed_array const& array,
                                          quantised_inputs const& inputs, std::size_t first, std::size_t last,
                                          run_options options) {
    std::size_t const k_count = array.shape.rows();
    std::vector<float> y((last - first) * array.outputs());
    row_source const source = [&](std::size_t, std::size_t begin, std::size_t end, std::uint16_t* to,
                                  std::size_t stride) {
        for (std::size_t m = begin; m < end; ++m) {
            std::copy_n(inputs.words.data() + (first + m) * k_count, k_count, to + (m - begin) * stride);
        }
    };
    output_layout out;
    out.y = y.data();
    out.outer_stride = array.outputs();
    options.first_item += first;
    if (inputs.token_scales.empty()) {
        macro.run(array, inputs, last - first, source, out, options);
    } else {
        quantised_inputs own = inputs;
        own.token_scales.assign(inputs.token_scales.begin() + static_cast<std::ptrdiff_t>(first),
                                inputs.token_scales.begin() + static_cast<std::ptrdiff_t>(last));
        macro.run(array, own, last - first, source, out, options);
    }
    return y;
}

namespace detail {

inline void require_same_bits(report& r, std::span<float const> found, std::span<float const> right,
                              std::string const& what) {
    for (std::size_t i = 0; i < right.size(); ++i) {
        if (bits_of(found[i]) != bits_of(right[i])) {
            r.violate(what + ": element " + std::to_string(i) + " is " + std::to_string(found[i]) + " instead of " +
                      std::to_string(right[i]));
            return;
        }
    }
}

}  // namespace detail

/// Laws of CimMacro for inputs x (M, K) and weights w (N, K): the same numbers from 1, 2 and 3 threads, from one call
/// and from the batch cut into calls at every place, from a second call, and whether or not cycles may be left out;
/// without noise the numbers of reference_product.
template <class... Policies>
[[nodiscard]] report check_macro(CimMacro<Policies...> const& macro, tensor_ref const& x, tensor_ref const& w,
                                 run_options options = {}) {
    report r;
    if (auto const wrong = macro.check()) {
        r.violate(*wrong);
        return r;
    }
    programmed_array const array = macro.program(w);
    quantised_inputs const inputs = macro.quantise_inputs(x, x.shape[0]);
    std::size_t const m_count = x.shape[0];
    options.threads = 1;
    options.every_cycle = true;
    auto const y = run_rows(macro, array, inputs, 0, m_count, options);
    if constexpr (std::remove_cvref_t<decltype(macro.noise())>::is_identity) {
        auto const right = reference_product(macro, x, w);
        for (std::size_t i = 0; i < y.size(); ++i) {
            auto const distance = std::abs(static_cast<double>(y[i]) - static_cast<double>(right.y[i]));
            if (!(distance <= right.tolerance[i])) {
                r.violate("element " + std::to_string(i) + " is " + std::to_string(y[i]) + ", the reference has " +
                          std::to_string(right.y[i]));
                break;
            }
        }
    }
    options.every_cycle = false;
    detail::require_same_bits(r, run_rows(macro, array, inputs, 0, m_count, options), y, "without every cycle");
    options.every_cycle = true;
    for (int const threads : {1, 2, 3}) {
        options.threads = threads;
        detail::require_same_bits(r, run_rows(macro, array, inputs, 0, m_count, options), y,
                                  std::to_string(threads) + " threads");
    }
    options.threads = 1;
    for (std::size_t cut = 0; cut <= m_count; ++cut) {
        auto parts = run_rows(macro, array, inputs, 0, cut, options);
        auto const rest = run_rows(macro, array, inputs, cut, m_count, options);
        parts.insert(parts.end(), rest.begin(), rest.end());
        detail::require_same_bits(r, parts, y, "cut into calls at row " + std::to_string(cut));
    }
    return r;
}

}  // namespace xcim::inline XCIM_ABI::testing
