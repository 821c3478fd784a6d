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
#include <xcim/core/code_range.hpp>
#include <xcim/core/tensor_ref.hpp>
#include <xcim/macro/checks.hpp>
#include <xcim/macro/chip.hpp>
#include <xcim/macro/integer_product.hpp>
#include <xcim/macro/multiply.hpp>
#include <xcim/macro/phase_classes.hpp>
#include <xcim/macro/program_cells.hpp>

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
    std::uint32_t reading = 0;  ///< which occasion the chip is read at: seed of what changes slowly, such as 1/f noise
    int threads = 1;            ///< at most so many; solving the wires of large arrays takes time
};

/// Input words of a product and what they stand for.
struct quantised_inputs {
    std::vector<std::uint16_t> words;  ///< packed digits, in the order of the tensor
    std::uint16_t zero = 0;            ///< the word of the real value 0: what padding drives
    scale input_scale;                 ///< of all of them, or the largest of token_scales
    std::vector<scale> token_scales;   ///< of equal shares of the rows of a product, where each has its own
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
    static_assert(!(ScheduledEncoder<Encoding> && VaryingDriver<Encoding>),
                  "xcim::CimMacro: role Encoder (3rd policy) has a schedule, which drives ones, and drivers that vary; "
                  "it may have one of them; see <xcim/concepts/encoder.hpp>");
    static_assert(CellType<Cell>,
                  "xcim::CimMacro: role CellType (4th policy) needs levels, is_linear and "
                  "prepare(cell_context) with a call (state, drive); see <xcim/concepts/cell_type.hpp>");
    static_assert(NoiseModel<Noise>, "xcim::CimMacro: role NoiseModel (5th policy) needs is_identity and "
                                     "prepare(column_context) with draws and a call (sum, lane) for float and "
                                     "batch<float>; see <xcim/concepts/noise_model.hpp>");
    static_assert(Adc<Converter>, "xcim::CimMacro: role Adc (6th policy) needs is_integer, resolution(column_context) "
                                  "and prepare(column_context) with step and a call (sum, lane) for float and "
                                  "batch<float>; see <xcim/concepts/adc.hpp>");
    static_assert(Interconnect<Wire>,
                  "xcim::CimMacro: role Interconnect (7th policy) needs is_identity and apply(wired_array) or "
                  "sum(switched_columns); see <xcim/concepts/interconnect.hpp>");
    static_assert(!(SwitchedInterconnect<Wire> && (ScheduledEncoder<Encoding> || VaryingDriver<Encoding>)),
                  "xcim::CimMacro: role Interconnect (7th policy) is solved for rows that are on for whole units of "
                  "time; it works with encoders that have neither a schedule nor drivers that vary; see "
                  "<xcim/concepts/interconnect.hpp>");
    static_assert(
        devices_of<Cell> == 1 || VaryingCell<Cell>,
        "xcim::CimMacro: role CellType (4th policy) has two devices; it needs draws and program(column), which "
        "fills the states of both; see <xcim/concepts/cell_type.hpp>");
    static_assert(!SwitchedInterconnect<Wire> || Cell::is_linear ||
                      is_product<decltype(std::declval<Cell const&>().prepare(cell_context{}))>,
                  "xcim::CimMacro: role Interconnect (7th policy) solves for conductances; the kernel of role CellType "
                  "(4th policy) must be a product (is_product); see <xcim/concepts/cell_type.hpp>");
    static_assert(
        !ScheduledEncoder<Encoding> || Cell::is_linear || !VaryingCell<Cell> ||
            is_product<decltype(std::declval<Cell const&>().prepare(cell_context{}))>,
        "xcim::CimMacro: role Encoder (3rd policy) has a schedule, whose dummy rows give nothing; the kernel of "
        "role CellType (4th policy) must be a product (is_product); see <xcim/concepts/cell_type.hpp>");
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
            static_cast<void>(classes_of(plan_digits(encoding_.digits(inputs), inputs, "Encoder"), cell_levels));
            float const weight = 0;
            static_cast<void>(program(tensor_ref{&weight, {1, 1}}));  // what only cells and wires together show
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
        auto const& quantiser = weight_quantiser();
        static_cast<void>(detail::checked_groups(weights.shape, options.groups));
        scale const weight_scale = detail::calibrated(quantiser, weights, "weights", options.weight_range);
        auto const kernel = quantiser.prepare(weight_scale);
        return stored(weights.shape, weight_scale, options,
                      [&](std::size_t first, std::size_t count, auto const& take) {
                          detail::quantise(kernel, weights.data + first, count, take);
                      });
    }

    /// Stores integers as they are: one step of the weights is 1. Errors: a code outside the format of the weights.
    [[nodiscard]] programmed_array program_codes(code_ref const& codes, program_options options = {}) const {
        require_valid();
        format const f = format_of(weight_quantiser());
        check_codes(codes.elements(), f, "the weights of shape " + to_string(codes.shape));
        return stored(codes.shape, unit_scale(f), options, [&](std::size_t first, std::size_t count, auto const& take) {
            for (std::size_t k = 0; k < count; ++k) {
                take(k, codes.data[first + k]);
            }
        });
    }

    /// Quantises inputs and packs their digits. A quantiser with scales per token gets one for each of `tokens` equal
    /// shares of the tensor: the rows of a matrix, the images of a batch.
    [[nodiscard]] quantised_inputs quantise_inputs(tensor_ref const& inputs, std::size_t tokens = 1) const {
        require_valid();
        auto const& quantiser = input_quantiser();
        using quantiser_type = std::remove_cvref_t<decltype(quantiser)>;
        quantised_inputs q = packed(inputs.size());
        q.input_scale = detail::calibrated(quantiser, inputs, "input", std::nullopt);
        if constexpr (has_token_scales<quantiser_type>) {
            std::size_t const length = inputs.size() / std::max<std::size_t>(1, tokens);
            if (inputs.size() != tokens * length) {
                throw error(errc::shape, "an input of shape " + to_string(inputs.shape) + " does not come in " +
                                             std::to_string(tokens) + " tokens of equal size");
            }
            for (std::size_t t = 0; t < tokens; ++t) {
                tensor_ref const token{inputs.data + t * length, {length}};
                q.token_scales.push_back(detail::calibrated(quantiser, token, "input", std::nullopt));
                pack(q, quantiser.prepare(q.token_scales.back()), token.data, t * length, length);
            }
        } else {
            static_cast<void>(tokens);
            pack(q, quantiser.prepare(q.input_scale), inputs.data, 0, inputs.size());
        }
        q.zero = q.digits.word(q.input_scale.zero_point);
        return q;
    }

    /// Packs the digits of integers as they are: one step of the inputs is 1. Errors: a code outside the format of the
    /// inputs.
    [[nodiscard]] quantised_inputs take_codes(code_ref const& codes) const {
        require_valid();
        format const f = format_of(input_quantiser());
        check_codes(codes.elements(), f, "the input of shape " + to_string(codes.shape));
        quantised_inputs q = packed(codes.size());
        q.input_scale = unit_scale(f);
        for (std::size_t i = 0; i < q.words.size(); ++i) {
            if (!q.digits.takes_all_codes()) {
                detail::require_taken(q.digits, codes.data[i], "input", "row driver");
            }
            q.words[i] = q.digits.word(codes.data[i]);
        }
        q.zero = q.digits.word(0);
        return q;
    }

    /// Runs rows of packed inputs through an array this macro (or one that differs in noise, converter, readout or
    /// encoder only, but not in whether its row drivers vary; an encoder with a schedule needs one as well) has
    /// programmed. The operations in ops/ are made of this.
    void run(programmed_array const& array, quantised_inputs const& inputs, std::size_t rows, row_source const& source,
             output_layout const& out, run_options const& options) const {
        require_valid();
        require_programmed_here(array);
        if (options.threads < 1) {
            throw error(errc::range,
                        "run_options.threads is " + std::to_string(options.threads) + "; at least 1 is needed");
        }
        if (!array.gains.empty() && array.gains.size() != array.outputs()) {
            throw error(errc::shape, "the array has " + std::to_string(array.gains.size()) + " gains for " +
                                         std::to_string(array.outputs()) + " outputs");
        }
        if (!same_digits(inputs.digits, packed(0).digits)) {
            throw error(errc::composition, "the inputs were packed by a macro with another encoder or input quantiser");
        }
        plan_type const p = plan(array, inputs, rows);
        if (out.sums != nullptr) {
            detail::require_integer_sums(p);
            if (!array.gains.empty()) {
                throw error(errc::composition, "integer sums are asked of an array whose outputs have gains");
            }
        }
        if (p.is_exact && !options.every_cycle && options.probe == nullptr && has_integer_product(array)) {
            multiply_integers(p, rows, source, out, options);
        } else {
            multiply(p, rows, source, out, options);
        }
    }

    /// The path that run() takes. A probe, run_options.every_cycle, an array with gains, and weights with more inputs
    /// than integer_weights::most_inputs make it run every cycle all the same.
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
            if (detail::reads_exactly(classes, stages().ways(phases.digits.size(), slices.digits.size()))) {
                return {true, "linear cells, no noise, a whole number of codes per count"};
            }
            bool const is_noisy =
                std::any_of(classes.begin(), classes.end(), [](auto const& c) { return !c.is_silent; });
            return {false, is_noisy ? "there is noise" : "the converter does not read every count as itself"};
        }
    }

    /// Converter operations spent on one input row: outputs * tiles * sum over slices and phases of the conversions
    /// the readout spends on that cycle. Where the encoder has a schedule this is not a fixed number: see cost/.
    [[nodiscard]] std::size_t conversions_per_row(programmed_array const& array) const
        requires(!ScheduledEncoder<Encoding>) {
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

    /// The context noise and converter of a phase are prepared with: rows are driven with levels 0 to
    /// drive_levels - 1, and with the negative ones too where drives are signed; cells have levels 0 to cell_levels -
    /// 1, and the negative ones too where the mapper's digits are signed.
    [[nodiscard]] column_context context_of(int drive_levels, int cell_levels, bool signed_drives = false) const {
        column_context context;
        context.signed_sums = signed_drives || is_signed_digit(mapping_.digits(format_of(weight_quantiser())), 0);
        context.rows = geometry{mapping_.array}.rows;
        if constexpr (ScheduledEncoder<Encoding>) {
            context.rows = std::min(context.rows, static_cast<int>(encoding_.active_rows()));
        }
        context.drive_levels = drive_levels;
        context.cell_levels = cell_levels;
        context.full_scale = static_cast<double>(context.rows) * (drive_levels - 1) * (cell_levels - 1);
        context.adc_step = adc_.resolution(context) > 0 ? adc_lsb_of(adc_.prepare(context)) : 0.0;
        return context;
    }

private:
    /// Column sums are counts of bits; otherwise every cell's kernel is called.
    static constexpr bool sums_bits = Cell::is_linear && Wire::is_identity && !VaryingDriver<Encoding>;

    template <class... Policies>
    static auto composed(Policies... policies) {
        return CimMacro<Policies...>{std::move(policies)...};
    }

    using stages_type = detail::cycle_stages<Cell, Noise, Converter, Reading, sums_bits, ScheduledEncoder<Encoding>>;
    using plan_type = typename stages_type::plan_type;

    [[nodiscard]] stages_type stages() const { return {cell_, noise_, adc_, readout_}; }

    [[nodiscard]] auto classes_of(digit_plan const& phases, int cell_levels) const {
        return stages().classes(phases,
                                [&](digit const& d) { return checked_context(d.top() + 1, cell_levels, d.is_signed); });
    }

    /// `codes(first, count, take)` calls take(k, code) for the codes of elements first to first + count - 1.
    template <class Codes>
    [[nodiscard]] programmed_array stored(std::vector<std::size_t> const& shape, scale const& weight_scale,
                                          program_options const& options, Codes const& codes) const {
        if (options.threads < 1) {
            throw error(errc::range,
                        "program_options.threads is " + std::to_string(options.threads) + "; at least 1 is needed");
        }
        programmed_array a;
        a.dimensions = shape;
        a.groups = detail::checked_groups(shape, options.groups);
        a.shape = {shape[0] / a.groups, shape[1], 1};
        for (std::size_t i = 2; i < shape.size(); ++i) {
            a.shape.kernel_area *= shape[i];
        }
        a.array = mapping_.array;
        a.chip = options.chip;
        a.layer = options.layer;
        a.weight_scale = weight_scale;
        a.slices = plan_digits(mapping_.digits(format_of(weight_quantiser())), format_of(weight_quantiser()), "Mapper");
        a.cell_levels = a.slices.top_level() + 1;
        a.is_linear = sums_bits;
        a.rows_per_tile = detail::checked_tile_rows(mapping_, a.shape);

        std::size_t const length = a.shape.rows();
        std::vector<std::uint16_t> words(a.outputs() * length);
        bool const takes_all_codes = a.slices.takes_all_codes();
        detail::integer_packer integers{a, sums_bits && length <= integer_weights::most_inputs};
        a.code_sums.resize(a.outputs());
        for (std::size_t n = 0; n < a.outputs(); ++n) {
            codes(n * length, length, [&](std::size_t k, std::int32_t code) {
                if (!takes_all_codes) {
                    detail::require_taken(a.slices, code, "weight", "cell");
                }
                words[n * length + k] = a.slices.word(code);
                a.code_sums[n] += code;
                integers.take(n * length + k, code);
            });
        }
        integers.pack(a);
        pack_panels(a, words);
        if constexpr (ScheduledEncoder<Encoding>) {
            pack_rows(a);
        }
        if constexpr (VaryingCell<Cell>) {
            vary_cells(a, cell_, options.reading);
        }
        connect_cells(a, cell_, wire_, options.threads);
        if constexpr (ScheduledEncoder<Encoding>) {
            detail::require_plain_columns(a);
        }
        return a;
    }

    /// Room for so many inputs.
    [[nodiscard]] quantised_inputs packed(std::size_t count) const {
        quantised_inputs q;
        q.digits = plan_digits(encoding_.digits(format_of(input_quantiser())), format_of(input_quantiser()), "Encoder");
        q.words.resize(count);
        return q;
    }

    template <class Kernel>
    static void pack(quantised_inputs& q, Kernel const& kernel, float const* values, std::size_t first,
                     std::size_t count) {
        std::uint16_t* const words = q.words.data() + first;
        digit_plan const& digits = q.digits;
        bool const takes_all = digits.takes_all_codes();
        auto const mask = static_cast<std::int32_t>((1U << digits.code_format.bits) - 1);
        detail::quantise_blocks(kernel, values, count, [&](std::size_t at, std::size_t n, float const* codes) {
            float lowest = 0;
            for (std::size_t k = 0; k < n && !takes_all; ++k) {
                lowest = codes[k] < lowest ? codes[k] : lowest;
            }
            for (std::size_t k = 0; k < n && lowest < static_cast<float>(digits.taken_from); ++k) {
                detail::require_taken(digits, static_cast<std::int32_t>(codes[k]), "input", "row driver");
            }
            if (digits.is_plain) {
                for (std::size_t k = 0; k < n; ++k) {
                    words[at + k] = static_cast<std::uint16_t>(static_cast<std::int32_t>(codes[k]) & mask);
                }
            } else {
                for (std::size_t k = 0; k < n; ++k) {
                    words[at + k] = digits.word(static_cast<std::int32_t>(codes[k]));
                }
            }
        });
    }

    /// Column sums are floats: beyond 2^24 they would not be exact.
    [[nodiscard]] column_context checked_context(int drive_levels, int cell_levels, bool signed_drives) const {
        column_context const context = context_of(drive_levels, cell_levels, signed_drives);
        if (context.full_scale >= 0x1p24) {
            throw error(errc::range, "a column sum may reach " + std::to_string(context.full_scale) +
                                         " cell-LSB; fewer rows, drive levels or cell levels are needed (below 2^24)");
        }
        return context;
    }

    [[nodiscard]] plan_type plan(programmed_array const& array, quantised_inputs const& inputs,
                                 std::size_t rows) const {
        plan_type p;
        p.array = &array;
        p.inputs = &inputs.digits;
        p.output_scales = row_scales(array.weight_scale, inputs.input_scale, inputs.token_scales, rows);
        p.input_zero = inputs.input_scale.zero_point;
        p.classes = classes_of(inputs.digits, array.cell_levels);
        p.way_of = stages().ways(inputs.digits.digits.size(), array.slices.digits.size());
        p.is_exact = sums_bits && array.gains.empty() && detail::reads_exactly(p.classes, p.way_of);
        std::apply([&](auto const&... kernel) { p.draws = std::max({0, kernel.draws...}); }, p.classes[0].kernels);
        constexpr auto noise_draws = static_cast<std::size_t>(column_draws_of<typename stages_type::noise_kernel>);
        constexpr auto adc_draws = static_cast<std::size_t>(adc_column_draws_of<typename stages_type::adc_kernel>);
        p.fixed_draws = noise_draws + adc_draws;
        if (p.fixed_draws > 0) {
            p.fixed_normals = column_normals_of(array, noise_draws, adc_draws, columns_per_converter());
        }
        if constexpr (SwitchedInterconnect<Wire>) {
            if (array.is_switched) {
                p.solve = [this](switched_columns const& columns) { wire_.sum(columns); };
            }
        }
        if constexpr (ScheduledEncoder<Encoding>) {
            p.active_rows = static_cast<std::size_t>(encoding_.active_rows());
            p.schedule = [this](bit_plane_view const& plane, word_line_schedule& to) { encoding_.schedule(plane, to); };
        }
        if constexpr (VaryingDriver<Encoding>) {
            for (auto& c : p.classes) {
                auto const levels = static_cast<std::size_t>(inputs.digits.digits[c.first].levels());
                if (levels > 2) {  // two levels are the rails
                    c.drives = {drives_of(array, encoding_, levels, inputs.digits.digits[c.first].lowest()),
                                array.rows_per_tile, levels};
                }
            }
        }
        return p;
    }

    /// Neighbouring columns that share a converter.
    [[nodiscard]] std::size_t columns_per_converter() const {
        if constexpr (requires { adc_.columns_per_converter(); }) {
            return static_cast<std::size_t>(std::max(1, static_cast<int>(adc_.columns_per_converter())));
        } else {
            return 1;
        }
    }

    void require_valid() const {
        detail::require_bits(weight_quantiser(), "weight");
        detail::require_bits(input_quantiser(), "input");
        detail::require_own_rules(weight_quantiser());
        detail::require_own_rules(input_quantiser());
        detail::require_own_rules(mapping_);
        detail::require_own_rules(encoding_);
        detail::require_own_rules(cell_);
        detail::require_own_rules(noise_);
        detail::require_own_rules(adc_);
        detail::require_own_rules(wire_);
        detail::require_own_rules(readout_);
        detail::require_array(mapping_.array);
        detail::require_digits(encoding_.digits(format_of(input_quantiser())),
                               mapping_.digits(format_of(weight_quantiser())), static_cast<int>(cell_.levels),
                               devices_of<Cell>);
        detail::require_pairs(mapping_.digits(format_of(weight_quantiser())), cell_);
        if constexpr (SwitchedInterconnect<Wire> && !Wire::is_identity) {
            detail::require_unsigned(encoding_.digits(format_of(input_quantiser())));
        }
        if constexpr (ScheduledEncoder<Encoding>) {
            detail::require_schedule(encoding_.digits(format_of(input_quantiser())),
                                     static_cast<int>(encoding_.active_rows()));
        }
    }

    void require_programmed_here(programmed_array const& a) const {
        format const own = format_of(weight_quantiser());
        if (a.slices.code_format != own) {
            throw error(errc::composition, "the array was programmed with " +
                                               std::to_string(a.slices.code_format.bits) +
                                               "-bit weights, this macro has " + std::to_string(own.bits) + " bits");
        }
        if (a.array != geometry{mapping_.array} || a.rows_per_tile != detail::checked_tile_rows(mapping_, a.shape)) {
            throw error(errc::composition, "the array was programmed for arrays of " + std::to_string(a.array.rows) +
                                               " rows with " + std::to_string(a.rows_per_tile) +
                                               " rows used, this macro maps differently: program the weights with it");
        }
        auto const slices = mapping_.digits(own);
        bool same = a.slices.digits.size() == static_cast<std::size_t>(slices.count()) && a.is_linear == sums_bits &&
                    a.is_switched == (SwitchedInterconnect<Wire> && !Wire::is_identity) &&
                    (!ScheduledEncoder<Encoding> || a.has_rows());
        for (int i = 0; same && i < slices.count(); ++i) {
            auto const& d = a.slices.digits[static_cast<std::size_t>(i)];
            same = d.levels() == slices.levels(i) && d.weight == slices.weight(i) &&
                   d.is_signed == is_signed_digit(slices, i);
        }
        if (!same) {
            throw error(errc::composition,
                        "the array was programmed with other weight slices, cells, wires or an encoder with other "
                        "row drivers or schedule than this macro has: program the weights with it");
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
