#pragma once

/// \file
/// CimMacro: one compute-in-memory macro, composed from one policy per role.

#include <xcim/concepts/adc.hpp>
#include <xcim/concepts/cell_type.hpp>
#include <xcim/concepts/encoder.hpp>
#include <xcim/concepts/interconnect.hpp>
#include <xcim/concepts/mapper.hpp>
#include <xcim/concepts/noise_model.hpp>
#include <xcim/concepts/quantizer.hpp>
#include <xcim/concepts/readout.hpp>
#include <xcim/core/tensor_ref.hpp>
#include <xcim/macro/chip.hpp>
#include <xcim/macro/integer_product.hpp>
#include <xcim/macro/multiply.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace xcim::inline XCIM_ABI {

/// How weights are laid out, and the chip they are programmed into.
struct program_options {
    int groups = 1;           ///< independent groups of channels and outputs of a convolution
    std::uint64_t chip = 0;   ///< which chip of all that could be made: seed of mismatch, offsets, variation
    std::uint32_t layer = 0;  ///< which layer of the chip: layers of one chip differ from one another; operations that
                              ///< program weights on the fly take run_options.layer, and chip 0
    std::optional<range> weight_range{};  ///< of the tensor these weights are part of, if they are to share its scale
};

/// Input words of a product and what they stand for.
struct quantised_inputs {
    std::vector<std::uint16_t> words;  ///< packed digits, in the order of the tensor
    std::uint16_t zero = 0;            ///< the word of the real value 0: what padding drives
    scale input_scale;
    digit_plan digits;
};

/// How a macro computes its products, and why.
struct run_path {
    bool is_integer_product = false;  ///< no column is summed: the codes are multiplied, with the same result
    std::string reason;
};

/// A compute-in-memory macro: an immutable value made of eight policies. See concepts/ for what each role means.
///
///     y = sum over tiles, input phases p, weight slices q of  weight(p) weight(q) value(readout(noise, adc)(column
///     sum))
///
/// `program` stores weights in a programmed_array once; the operations in ops/ (gemm, linear, conv2d) run inputs
/// through it. Const and without hidden state: one macro may be used from many threads. `with(policy)` returns a copy
/// with the policy of that role replaced. Parameters: the policies, in the order of the roles below; Interconnect and
/// Readout have defaults (macro.hpp). Errors: every entry throws xcim::error for shapes, bits and ranges that do not
/// fit; `check` answers without throwing. Tests: tests/unit/macro/cim_macro.cpp, tests/property/,
/// tests/golden/asim.cpp. Benchmark: benchmarks/macro/layers.cpp.
template <class Quantisers, class Mapping, class Encoding, class Cell, class Noise, class Converter, class Wire,
          class Reading>
class CimMacro {
    static_assert(Quantizer<Quantisers> || OperandQuantizers<Quantisers>,
                  "xcim::CimMacro: role Quantizer (1st policy) needs bits, is_signed, calibrate(range) and "
                  "prepare(scale), or quant::operands of two such; see <xcim/concepts/quantizer.hpp>");
    static_assert(Mapper<Mapping>, "xcim::CimMacro: role Mapper (2nd policy) needs array, digits(format) and "
                                   "tile_rows(weight_shape); see <xcim/concepts/mapper.hpp>");
    static_assert(Encoder<Encoding>, "xcim::CimMacro: role Encoder (3rd policy) needs digits(format) and no array; see "
                                     "<xcim/concepts/encoder.hpp>");
    static_assert(CellType<Cell>,
                  "xcim::CimMacro: role CellType (4th policy) needs levels, is_linear and "
                  "prepare(cell_context) with a call (state, drive); see <xcim/concepts/cell_type.hpp>");
    static_assert(NoiseModel<Noise>, "xcim::CimMacro: role NoiseModel (5th policy) needs is_identity and "
                                     "prepare(column_context) with draws and a call (sum, lane) for float and "
                                     "batch<float>; see <xcim/concepts/noise_model.hpp>");
    static_assert(Adc<Converter>, "xcim::CimMacro: role Adc (6th policy) needs is_integer, resolution(column_context) "
                                  "and prepare(column_context) with step and a call (sum, lane) for float and "
                                  "batch<float>; see <xcim/concepts/adc.hpp>");
    static_assert(Interconnect<Wire>, "xcim::CimMacro: role Interconnect (7th policy) needs is_identity and "
                                      "apply(states, rows, columns); see <xcim/concepts/interconnect.hpp>");
    static_assert(Readout<Reading>,
                  "xcim::CimMacro: role Readout (8th policy) needs kernels(stages), way_of(cycle) and "
                  "conversions_of(cycle); see <xcim/concepts/readout.hpp>");

public:
    CimMacro(Quantisers quantisers, Mapping mapping, Encoding encoding, Cell cell, Noise noise, Converter adc,
             Wire wire = {}, Reading readout = {})
        : quantisers_{std::move(quantisers)}, mapping_{std::move(mapping)}, encoding_{std::move(encoding)},
          cell_{std::move(cell)}, noise_{std::move(noise)}, adc_{std::move(adc)}, wire_{std::move(wire)},
          readout_{std::move(readout)} {}

    [[nodiscard]] auto const& quantisers() const { return quantisers_; }
    [[nodiscard]] auto const& mapping() const { return mapping_; }
    [[nodiscard]] auto const& encoding() const { return encoding_; }
    [[nodiscard]] auto const& cell() const { return cell_; }
    [[nodiscard]] auto const& noise() const { return noise_; }
    [[nodiscard]] auto const& adc() const { return adc_; }
    [[nodiscard]] auto const& wire() const { return wire_; }
    [[nodiscard]] auto const& readout() const { return readout_; }

    [[nodiscard]] auto const& weight_quantiser() const {
        if constexpr (OperandQuantizers<Quantisers>) {
            return quantisers_.weights;
        } else {
            return quantisers_;
        }
    }
    [[nodiscard]] auto const& input_quantiser() const {
        if constexpr (OperandQuantizers<Quantisers>) {
            return quantisers_.inputs;
        } else {
            return quantisers_;
        }
    }

    /// The same macro with the policy of one role replaced; which role follows from the concept the policy models.
    template <class Policy>
    [[nodiscard]] auto with(Policy policy) const {
        if constexpr (Quantizer<Policy> || OperandQuantizers<Policy>) {
            return composed(std::move(policy), mapping_, encoding_, cell_, noise_, adc_, wire_, readout_);
        } else if constexpr (Mapper<Policy>) {
            return composed(quantisers_, std::move(policy), encoding_, cell_, noise_, adc_, wire_, readout_);
        } else if constexpr (Encoder<Policy>) {
            return composed(quantisers_, mapping_, std::move(policy), cell_, noise_, adc_, wire_, readout_);
        } else if constexpr (CellType<Policy>) {
            return composed(quantisers_, mapping_, encoding_, std::move(policy), noise_, adc_, wire_, readout_);
        } else if constexpr (NoiseModel<Policy>) {
            return composed(quantisers_, mapping_, encoding_, cell_, std::move(policy), adc_, wire_, readout_);
        } else if constexpr (Adc<Policy>) {
            return composed(quantisers_, mapping_, encoding_, cell_, noise_, std::move(policy), wire_, readout_);
        } else if constexpr (Interconnect<Policy>) {
            return composed(quantisers_, mapping_, encoding_, cell_, noise_, adc_, std::move(policy), readout_);
        } else {
            static_assert(Readout<Policy>,
                          "xcim::CimMacro::with: the policy models none of the roles Quantizer, Mapper, "
                          "Encoder, CellType, NoiseModel, Adc, Interconnect, Readout; see "
                          "<xcim/concepts/>");
            return composed(quantisers_, mapping_, encoding_, cell_, noise_, adc_, wire_, std::move(policy));
        }
    }

    /// Why these policies cannot work together, or nothing.
    [[nodiscard]] std::optional<std::string> check() const {
        try {
            require_valid();
            format const weights = format_of(weight_quantiser());
            format const inputs = format_of(input_quantiser());
            int const cell_levels = plan_digits(mapping_.digits(weights), weights, "Mapper").top_level() + 1;
            for (digit const& phase : plan_digits(encoding_.digits(inputs), inputs, "Encoder").digits) {
                static_cast<void>(noise_.prepare(checked_context(phase.levels(), cell_levels)));
            }
            return std::nullopt;
        } catch (error const& e) {
            return e.what();
        }
    }

    /// Stores weights of shape (out, in) or (out, in / groups, kernel rows, kernel columns) in arrays.
    template <dense_tensor Weights>
    [[nodiscard]] programmed_array program(Weights const& weights, program_options options = {}) const {
        return program(ref(weights, "weights"), options);
    }

    [[nodiscard]] programmed_array program(tensor_ref const& weights, program_options options = {}) const {
        require_valid();
        programmed_array a;
        a.dimensions = weights.shape;
        a.groups = checked_groups(weights, options);
        a.shape = {weights.shape[0] / a.groups, weights.shape[1], 1};
        for (std::size_t i = 2; i < weights.shape.size(); ++i) {
            a.shape.kernel_area *= weights.shape[i];
        }
        auto const& quantiser = weight_quantiser();
        a.array = mapping_.array;
        a.chip = options.chip;
        a.layer = options.layer;
        a.weight_scale = calibrated(quantiser, weights, "weights", options.weight_range);
        a.slices = plan_digits(mapping_.digits(format_of(quantiser)), format_of(quantiser), "Mapper");
        a.cell_levels = a.slices.top_level() + 1;
        a.is_linear = sums_bits;
        a.rows_per_tile = checked_tile_rows(a.shape);

        std::size_t const length = a.shape.rows();
        std::vector<std::uint16_t> words(a.outputs() * length);
        bool const has_signed_cells = a.has_signed_cells();
        bool const has_integers =
            sums_bits && fits_bytes(a.slices.code_format) && length <= integer_weights::most_inputs;
        std::vector<std::int8_t> codes(has_integers ? words.size() : 0);
        a.code_sums.resize(a.outputs());
        for (std::size_t n = 0; n < a.outputs(); ++n) {
            quantise(quantiser.prepare(a.weight_scale), weights.data + n * length, length,
                     [&](std::size_t k, std::int32_t code) {
                         words[n * length + k] = a.slices.word(code);
                         a.code_sums[n] += code;
                         if (has_signed_cells) {
                             require_symmetric(a.slices, words[n * length + k], code);
                         }
                         if (has_integers) {
                             codes[n * length + k] = static_cast<std::int8_t>(code);
                         }
                     });
        }
        for (std::size_t g = 0; has_integers && g < a.groups; ++g) {
            a.integers.emplace_back(codes.data() + g * a.shape.outputs * length, a.shape.outputs, length);
        }
        pack_panels(a, words);
        if constexpr (VaryingCell<Cell>) {
            vary_cells(a, cell_);
        }
        if constexpr (!Wire::is_identity) {
            transform_states(a, [this](std::span<float> states, std::size_t rows, std::size_t columns) {
                wire_.apply(states, rows, columns);
            });
        }
        return a;
    }

    /// Quantises inputs and packs their digits.
    [[nodiscard]] quantised_inputs quantise_inputs(tensor_ref const& inputs) const {
        require_valid();
        auto const& quantiser = input_quantiser();
        quantised_inputs q;
        q.input_scale = calibrated(quantiser, inputs, "input", std::nullopt);
        q.digits = plan_digits(encoding_.digits(format_of(quantiser)), format_of(quantiser), "Encoder");
        q.words.resize(inputs.size());
        quantise(quantiser.prepare(q.input_scale), inputs.data, inputs.size(),
                 [&](std::size_t i, std::int32_t code) { q.words[i] = q.digits.word(code); });
        q.zero = q.digits.word(q.input_scale.zero_point);
        return q;
    }

    /// Runs rows of packed inputs through an array this macro (or one that differs in noise, converter, readout or
    /// encoder only, but not in whether its row drivers vary) has programmed. The operations in ops/ are made of this.
    void run(programmed_array const& array, quantised_inputs const& inputs, std::size_t rows, row_source const& source,
             output_layout const& out, run_options const& options) const {
        require_valid();
        require_programmed_here(array);
        if (options.threads < 1) {
            throw error(errc::range,
                        "run_options.threads is " + std::to_string(options.threads) + "; at least 1 is needed");
        }
        plan_type const p = plan(array, inputs);
        if (p.is_exact && !options.every_cycle && options.probe == nullptr &&
            has_integer_product(array, inputs.digits)) {
            multiply_integers(p, rows, source, out, options);
        } else {
            multiply(p, rows, source, out, options);
        }
    }

    /// The path that run() takes. A probe, run_options.every_cycle, and weights with more inputs than
    /// integer_weights::most_inputs make it run every cycle all the same.
    [[nodiscard]] run_path path() const {
        require_valid();
        if constexpr (!sums_bits) {
            return {false, "cells, wires or drivers make column sums that are no counts"};
        } else {
            format const weights = format_of(weight_quantiser());
            auto const slices = plan_digits(mapping_.digits(weights), weights, "Mapper");
            auto const phases =
                plan_digits(encoding_.digits(format_of(input_quantiser())), format_of(input_quantiser()), "Encoder");
            auto const classes = classes_of(phases, slices.top_level() + 1);
            if (is_exact(classes, ways_of(phases.digits.size(), slices.digits.size()))) {
                return fits_bytes(weights) && phases.code_format.bits <= 8
                           ? run_path{true, "linear cells, no noise, a whole number of codes per count"}
                           : run_path{false, "exact, but codes of more than 8 bits do not fit the integer product"};
            }
            bool const is_noisy =
                std::any_of(classes.begin(), classes.end(), [](auto const& c) { return !c.is_silent; });
            return {false, is_noisy ? "there is noise" : "the converter does not read every count as itself"};
        }
    }

    /// Converter operations spent on one input row: outputs * tiles * sum over slices and phases of the conversions
    /// the readout spends on that cycle.
    [[nodiscard]] std::size_t conversions_per_row(programmed_array const& array) const {
        require_valid();
        int const phases = encoding_.digits(format_of(input_quantiser())).count();
        auto const slices = static_cast<int>(array.slices.digits.size());
        std::size_t conversions = 0;
        for (int p = 0; p < phases; ++p) {
            for (int q = 0; q < slices; ++q) {
                conversions += static_cast<std::size_t>(readout_.conversions_of(cycle{q, slices, p, phases}));
            }
        }
        return array.outputs() * array.tiles() * conversions;
    }

    /// The context noise and converter of a phase with so many drive levels are prepared with; cells have levels 0 to
    /// cell_levels - 1, and the negative ones too where the mapper's digits are signed.
    [[nodiscard]] column_context context_of(int drive_levels, int cell_levels) const {
        column_context context;
        context.signed_sums = is_signed_digit(mapping_.digits(format_of(weight_quantiser())), 0);
        context.rows = geometry{mapping_.array}.rows;
        context.drive_levels = drive_levels;
        context.cell_levels = cell_levels;
        context.full_scale = static_cast<double>(context.rows) * (drive_levels - 1) * (cell_levels - 1);
        context.adc_step = adc_.resolution(context) > 0 ? static_cast<double>(adc_.prepare(context).step) : 0.0;
        return context;
    }

private:
    /// Column sums are counts of bits; otherwise every cell's kernel is called.
    static constexpr bool sums_bits = Cell::is_linear && Wire::is_identity && !VaryingDriver<Encoding>;

    template <class... Policies>
    static auto composed(Policies... policies) {
        return CimMacro<Policies...>{std::move(policies)...};
    }

    using noise_kernel_type = decltype(std::declval<Noise const&>().prepare(column_context{}));
    using adc_kernel_type = decltype(std::declval<Converter const&>().prepare(column_context{}));
    using kernels_type = decltype(std::declval<Reading const&>().kernels(
        std::declval<column_stages<noise_kernel_type, adc_kernel_type> const&>()));
    using cell_kernel_type = decltype(std::declval<Cell const&>().prepare(cell_context{}));
    using plan_type = product_plan<cell_kernel_type, kernels_type>;

    /// Column sums are floats: beyond 2^24 they would not be exact.
    [[nodiscard]] column_context checked_context(int drive_levels, int cell_levels) const {
        column_context const context = context_of(drive_levels, cell_levels);
        if (context.full_scale >= 0x1p24) {
            throw error(errc::range, "a column sum may reach " + std::to_string(context.full_scale) +
                                         " cell-LSB; fewer rows, drive levels or cell levels are needed (below 2^24)");
        }
        return context;
    }

    [[nodiscard]] plan_type plan(programmed_array const& array, quantised_inputs const& inputs) const {
        plan_type p;
        p.array = &array;
        p.inputs = &inputs.digits;
        p.output_scale = product_scale{array.weight_scale, inputs.input_scale};
        p.input_zero = inputs.input_scale.zero_point;
        p.classes = classes_of(inputs.digits, array.cell_levels);
        p.way_of = ways_of(inputs.digits.digits.size(), array.slices.digits.size());
        p.is_exact = sums_bits && is_exact(p.classes, p.way_of);
        std::apply([&](auto const&... kernel) { p.draws = std::max({0, kernel.draws...}); }, p.classes[0].kernels);
        p.fixed_draws = static_cast<std::size_t>(column_draws_of<noise_kernel_type>);
        if (p.fixed_draws > 0) {
            p.fixed_normals = column_normals_of(array, p.fixed_draws);
        }
        if constexpr (VaryingDriver<Encoding>) {
            for (auto& c : p.classes) {
                auto const levels = static_cast<std::size_t>(inputs.digits.digits[c.first].levels());
                if (levels > 2) {  // two levels are the rails
                    c.drives = {drives_of(array, encoding_, levels), array.rows_per_tile, levels};
                }
            }
        }
        return p;
    }

    /// Neighbouring phases of equal width, together.
    [[nodiscard]] auto classes_of(digit_plan const& phases, int cell_levels) const {
        std::vector<phase_class<cell_kernel_type, kernels_type>> classes;
        auto const& digits = phases.digits;
        for (std::size_t first = 0; first < digits.size();) {
            std::size_t count = 1;
            while (first + count < digits.size() && digits[first + count].bits == digits[first].bits) {
                ++count;
            }
            classes.push_back(phases_of(cell_levels, first, count, digits[first].levels()));
            first += count;
        }
        return classes;
    }

    /// The way every cycle is read: (phases, slices).
    [[nodiscard]] std::vector<std::size_t> ways_of(std::size_t phases, std::size_t slices) const {
        std::vector<std::size_t> ways;
        for (std::size_t i = 0; i < phases; ++i) {
            for (std::size_t q = 0; q < slices; ++q) {
                ways.push_back(readout_.way_of(cycle{static_cast<int>(q), static_cast<int>(slices), static_cast<int>(i),
                                                     static_cast<int>(phases)}));
            }
        }
        return ways;
    }

    /// Every cycle reads integer sums as themselves.
    template <class Classes>
    [[nodiscard]] static bool is_exact(Classes const& classes, std::vector<std::size_t> const& ways) {
        return std::all_of(ways.begin(), ways.end(), [&](std::size_t way) {
            return std::all_of(classes.begin(), classes.end(), [&](auto const& c) { return c.ways[way].is_exact; });
        });
    }

    /// The integer product stores weights in bytes.
    [[nodiscard]] static bool fits_bytes(format weights) {
        return weights.highest() <= 127 && weights.lowest() >= -128;
    }

    /// Stages and numbers of `count` phases of so many levels.
    [[nodiscard]] auto phases_of(int cell_levels, std::size_t first, std::size_t count, int levels) const {
        column_context context = checked_context(levels, cell_levels);
        auto const noise = noise_.prepare(context);
        bool is_silent = Noise::is_identity;
        if constexpr (requires { noise.is_off(); }) {
            is_silent = is_silent || noise.is_off();
        }
        context.integer_sums = sums_bits;
        auto const adc_without_noise = adc_.prepare(context);
        context.integer_sums = sums_bits && is_silent;
        column_stages<noise_kernel_type, adc_kernel_type> const stages{noise, adc_.prepare(context), adc_without_noise};
        phase_class<cell_kernel_type, kernels_type> c{
            first,     count, cell_.prepare({context.rows, levels}), readout_.kernels(stages), {}, context.full_scale,
            is_silent, {}};
        double const top = std::max(context.full_scale / static_cast<double>(stages.adc.step),
                                    std::exp2(adc_.resolution(context)) - 1);
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((c.ways[I] = way_numbers(std::get<I>(c.kernels), top, context, is_silent)), ...);
        }
        (std::make_index_sequence<plan_type::ways>{});
        for (auto const& way : c.ways) {
            if (way.top_code >= 0x1p24) {
                throw error(errc::range, "a code of the readout may reach " + std::to_string(way.top_code) +
                                             "; fewer rows, levels, bits or samples are needed (below 2^24)");
            }
        }
        return c;
    }

    template <class Kernel>
    [[nodiscard]] static reading_way way_numbers(Kernel const& kernel, double top, column_context const& context,
                                                 bool is_silent) {
        reading_way way;
        way.step = kernel.step;
        way.top_code = top;
        if constexpr (requires { kernel.highest_code(top, top); }) {
            way.top_code = kernel.highest_code(top, context.full_scale);
        }
        way.is_integer = Converter::is_integer || is_digital<Kernel> || (sums_bits && Noise::is_identity);
        way.is_exact = is_digital<Kernel>;
        if constexpr (requires { kernel.is_exact(); }) {
            way.is_exact = way.is_exact || kernel.is_exact();
        }
        if constexpr (sums_bits && requires { kernel.counting(); }) {
            if (!is_silent) {
                way.counting = kernel.counting();
            }
        }
        return way;
    }

    /// The scale of a tensor that the quantiser accepts.
    template <class Q>
    [[nodiscard]] static scale calibrated(Q const& quantiser, tensor_ref const& t, char const* name,
                                          std::optional<range> const& whole) {
        range const found = range_of(t, name);
        if constexpr (requires { quantiser.wrong(found); }) {
            if (auto const sentence = quantiser.wrong(found); !sentence.empty()) {
                throw error(errc::value,
                            std::string("the ") + name + " of shape " + to_string(t.shape) + " " + sentence);
            }
        }
        if (whole &&
            !(std::isfinite(whole->lowest) && std::isfinite(whole->highest) && whole->lowest <= whole->highest)) {
            throw error(errc::range, "program_options.weight_range is " + std::to_string(whole->lowest) + " to " +
                                         std::to_string(whole->highest) +
                                         "; finite numbers in ascending order are needed");
        }
        return quantiser.calibrate(whole.value_or(found));
    }

    /// Calls take(i, code of values[i]) for every i below `count`.
    template <class Kernel, class Take>
    static void quantise(Kernel const& kernel, float const* values, std::size_t count, Take const& take) {
        std::array<float, 64> codes{};
        for (std::size_t i = 0; i < count; i += codes.size()) {
            std::size_t const block = std::min(codes.size(), count - i);
            std::size_t k = 0;
            for (; k + lanes <= block; k += lanes) {
                store(codes.data() + k, kernel.code(load<batch<float>>(values + i + k)));
            }
            for (; k < block; ++k) {
                codes[k] = kernel.code(values[i + k]);
            }
            for (k = 0; k < block; ++k) {
                take(i + k, static_cast<std::int32_t>(codes[k]));
            }
        }
    }

    /// A signed cell has no level as far below zero as the full scale reaches above it and one more.
    static void require_symmetric(digit_plan const& slices, std::uint16_t word, std::int32_t code) {
        for (auto const& d : slices.digits) {
            if (d.level(word) < -d.top()) {
                throw error(errc::value, "weight code " + std::to_string(code) + " needs level " +
                                             std::to_string(d.level(word)) + " of a signed cell whose levels are " +
                                             std::to_string(-d.top()) + " to " + std::to_string(d.top()));
            }
        }
    }

    static std::size_t checked_groups(tensor_ref const& weights, program_options options) {
        if (weights.shape.size() != 2 && weights.shape.size() != 4) {
            throw error(errc::shape, "weights have shape " + to_string(weights.shape) +
                                         "; (out, in) or (out, in / groups, kernel rows, kernel columns) is needed");
        }
        if (weights.size() == 0) {
            throw error(errc::shape, "weights have shape " + to_string(weights.shape) + "; no extent may be zero");
        }
        auto const groups = static_cast<std::size_t>(std::max(options.groups, 0));
        if (groups < 1 || weights.shape[0] % groups != 0) {
            throw error(errc::shape, "groups is " + std::to_string(options.groups) + "; a divisor of the " +
                                         std::to_string(weights.shape[0]) + " outputs of the weights is needed");
        }
        return groups;
    }

    [[nodiscard]] std::size_t checked_tile_rows(weight_shape shape) const {
        int const rows = mapping_.tile_rows(shape);
        if (rows < 1 || rows > geometry{mapping_.array}.rows) {
            throw error(errc::composition, "Mapper: tile_rows is " + std::to_string(rows) + "; 1 to " +
                                               std::to_string(geometry{mapping_.array}.rows) +
                                               " rows of the array are needed");
        }
        return static_cast<std::size_t>(rows);
    }

    template <class Q>
    static void require_bits(Q const& quantiser, char const* operand) {
        int fewest = 1;
        if constexpr (requires { Q::fewest_bits(); }) {
            fewest = Q::fewest_bits();
        }
        int const bits = quantiser.bits;
        if (bits < fewest || bits > max_bits) {
            throw error(errc::bits, std::string("the ") + operand + " quantiser has " + std::to_string(bits) +
                                        " bits; " + std::to_string(fewest) + " to " + std::to_string(max_bits) +
                                        " are possible");
        }
    }

    void require_valid() const {
        require_bits(weight_quantiser(), "weight");
        require_bits(input_quantiser(), "input");
        require_own_rules(weight_quantiser());
        require_own_rules(input_quantiser());
        require_own_rules(mapping_);
        require_own_rules(encoding_);
        require_own_rules(cell_);
        require_own_rules(noise_);
        require_own_rules(adc_);
        require_own_rules(readout_);
        geometry const array = mapping_.array;
        if (array.rows < 1 || array.rows > 65536 || array.columns < 1) {
            throw error(errc::range, "the array has " + std::to_string(array.rows) + " rows and " +
                                         std::to_string(array.columns) +
                                         " columns; 1 to 65536 rows and at least 1 column are needed");
        }
        auto const phases = encoding_.digits(format_of(input_quantiser()));
        for (int i = 0; i < phases.count(); ++i) {
            if (is_signed_digit(phases, i)) {
                throw error(errc::composition, "Encoder: digit " + std::to_string(i) +
                                                   " is signed; rows are driven with levels from 0 on");
            }
        }
        auto const slices = mapping_.digits(format_of(weight_quantiser()));
        for (int i = 0; i < slices.count(); ++i) {
            // One converter serves all columns, and a cell's top bit counts negatively in all of them or in none.
            if (is_signed_digit(slices, i) != is_signed_digit(slices, 0) ||
                (is_signed_digit(slices, 0) && slices.levels(i) != slices.levels(0))) {
                throw error(errc::composition, "Mapper: digits 0 and " + std::to_string(i) +
                                                   " differ in sign or, signed, in levels; the columns of an array "
                                                   "have one kind of cell and converter");
            }
            if (slices.levels(i) > static_cast<int>(cell_.levels)) {
                throw error(errc::composition, "the Mapper stores " + std::to_string(slices.levels(i)) +
                                                   " levels in a cell that has " +
                                                   std::to_string(static_cast<int>(cell_.levels)) +
                                                   "; fewer bits per cell or another cell is needed");
            }
        }
    }

    /// A policy may state what its parameters must fulfil: `std::string wrong() const`, empty if nothing is.
    template <class Policy>
    static void require_own_rules(Policy const& policy) {
        if constexpr (requires { policy.wrong(); }) {
            if (std::string const sentence = policy.wrong(); !sentence.empty()) {
                throw error(errc::range, sentence);
            }
        }
    }

    void require_programmed_here(programmed_array const& a) const {
        format const own = format_of(weight_quantiser());
        if (a.slices.code_format != own) {
            throw error(errc::composition, "the array was programmed with " +
                                               std::to_string(a.slices.code_format.bits) +
                                               "-bit weights, this macro has " + std::to_string(own.bits) + " bits");
        }
        if (a.array != geometry{mapping_.array} || a.rows_per_tile != checked_tile_rows(a.shape)) {
            throw error(errc::composition, "the array was programmed for arrays of " + std::to_string(a.array.rows) +
                                               " rows with " + std::to_string(a.rows_per_tile) +
                                               " rows used, this macro maps differently: program the weights with it");
        }
        auto const slices = mapping_.digits(own);
        bool same = a.slices.digits.size() == static_cast<std::size_t>(slices.count()) && a.is_linear == sums_bits;
        for (int i = 0; same && i < slices.count(); ++i) {
            auto const& d = a.slices.digits[static_cast<std::size_t>(i)];
            same = d.levels() == slices.levels(i) && d.weight == slices.weight(i) &&
                   d.is_signed == is_signed_digit(slices, i);
        }
        if (!same) {
            throw error(errc::composition,
                        "the array was programmed with other weight slices, cells, wires or an encoder with other "
                        "row drivers than this macro has: program the weights with it");
        }
    }

    [[no_unique_address]] Quantisers quantisers_;
    [[no_unique_address]] Mapping mapping_;
    [[no_unique_address]] Encoding encoding_;
    [[no_unique_address]] Cell cell_;
    [[no_unique_address]] Noise noise_;
    [[no_unique_address]] Converter adc_;
    [[no_unique_address]] Wire wire_;
    [[no_unique_address]] Reading readout_;
};

/// One line a role: what the macro is made of; and how its products are computed, see CimMacro::path.
template <class... Policies>
[[nodiscard]] std::string describe(CimMacro<Policies...> const& m) {
    auto const line = [](char const* role, auto const& policy) {
        std::string text = role;
        if constexpr (requires { to_string(policy); }) {
            text += to_string(policy);
        } else {
            text += "user-defined";
        }
        return text + '\n';
    };
    auto const path = [&] {
        if (auto const wrong = m.check()) {
            return "none: " + *wrong;
        }
        run_path const p = m.path();
        return (p.is_integer_product ? "integer product: " : "every cycle: ") + p.reason;
    };
    return line("quantiser: ", m.quantisers()) + line("mapper: ", m.mapping()) + line("encoder: ", m.encoding()) +
           line("cell: ", m.cell()) + line("wires: ", m.wire()) + line("noise: ", m.noise()) + line("ADC: ", m.adc()) +
           line("readout: ", m.readout()) + "path: " + path() + '\n';
}

}  // namespace xcim::inline XCIM_ABI
