#include "pictures.hpp"

#include "gnuplot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

namespace explore {

namespace {

namespace fs = std::filesystem;

/// The values that occur along each axis of the grid, in order.
struct axes {
    std::set<int> adc, encoding;
    std::set<double> noise;

    explicit axes(std::vector<outcome> const& outcomes) {
        for (auto const& one : outcomes) {
            adc.insert(one.point.adc_bits);
            encoding.insert(one.point.input_group);
            noise.insert(one.point.noise_percent);
        }
    }
};

template <class T>
std::ptrdiff_t position(std::set<T> const& values, T value) {
    return std::distance(values.begin(), values.find(value));
}

void write(fs::path const& file, std::string const& text) { std::ofstream{file} << text; }

template <class T, class Label>
std::string tics(std::set<T> const& values, Label label) {
    std::string list;
    for (auto const value : values) {
        list += fmt::format("{}{} {}", list.empty() ? "" : ", ", gnuplot_quoted(label(value)), position(values, value));
    }
    return "(" + list + ")";
}

std::string shmoo_data(std::vector<outcome> const& outcomes, axes const& at) {
    auto text = std::string{"# column  row  accuracy/%  (ADC bits, input bits at once)\n"};
    for (auto const& [point, quality, conversions, seconds, predictions] : outcomes) {
        if (point.noise_percent == *at.noise.begin()) {
            text += fmt::format("{} {} {:.4f}  # {} {}\n", position(at.adc, point.adc_bits),
                                position(at.encoding, point.input_group), quality.accuracy_percent, point.adc_bits,
                                point.input_group);
        }
    }
    return text;
}

std::string describe_noise(double percent) {
    return percent == 0 ? "no noise" : fmt::format("noise {} % of full scale", percent);
}

std::string shmoo_script(axes const& at, std::string const& title, double float_accuracy) {
    auto const width = std::max(720, 260 + 110 * static_cast<int>(at.adc.size()));
    auto const height = 240 + 110 * static_cast<int>(at.encoding.size());
    return fmt::format(
        R"gnuplot(set terminal pngcairo size {width},{height} font "sans,13"
set output "shmoo.png"
set title {title} font ",14" noenhanced
set xlabel "ADC precision (bit)"
set ylabel "Input encoding"
set cblabel "Top-1 accuracy (%)"
set xrange [-0.5:{columns}-0.5]
set yrange [-0.5:{rows}-0.5]
set cbrange [0:100]
set xtics {xtics} scale 0
set ytics {ytics} scale 0
set palette defined (0 "#7a0f1e", 20 "#c2402e", 45 "#f0a04b", 70 "#f7e39c", 88 "#9fce7a", 100 "#1f7a4d")
unset key
text(v) = sprintf("%.1f", v)
#White numbers on the dark ends of the palette, black ones between.
plot "shmoo.dat" using 1:2:(0.48):(0.47):3 with boxxyerror fillstyle solid noborder linecolor palette, \
     "" using 1:2:($3 < 25 || $3 > 95 ? text($3) : "") with labels font ",15" textcolor rgb "white", \
     "" using 1:2:($3 >= 25 && $3 <= 95 ? text($3) : "") with labels font ",15" textcolor rgb "black"
)gnuplot",
        fmt::arg("width", width), fmt::arg("height", height),
        fmt::arg("title", gnuplot_quoted(fmt::format("{}\n{}, float network {:.1f} %", title,
                                                     describe_noise(*at.noise.begin()), float_accuracy))),
        fmt::arg("columns", at.adc.size()), fmt::arg("rows", at.encoding.size()),
        fmt::arg("xtics", tics(at.adc, [](int bits) { return std::to_string(bits); })),
        fmt::arg("ytics", tics(at.encoding, describe_encoding)));
}

/// One block of lines per encoding and ADC precision, separated by two blank lines as gnuplot's `index` wants it.
std::string noise_data(std::vector<outcome> const& outcomes, axes const& at) {
    auto text = std::string{"# noise/%  accuracy/%\n"};
    for (auto const group : at.encoding) {
        for (auto const bits : at.adc) {
            text += fmt::format("# {}, ADC {} bit\n", describe_encoding(group), bits);
            for (auto const& one : outcomes) {
                if (one.point.input_group == group && one.point.adc_bits == bits) {
                    text += fmt::format("{} {:.4f}\n", one.point.noise_percent, one.quality.accuracy_percent);
                }
            }
            text += "\n\n";
        }
    }
    return text;
}

/// The panel of one encoding; the first has the label of the common y axis, the last the key.
std::string noise_panel(axes const& at, int group, double float_accuracy) {
    auto const panel = position(at.encoding, group);
    auto const is_last = group == *at.encoding.rbegin();
    auto text = fmt::format("set title {}\n", gnuplot_quoted(describe_encoding(group)));
    text += panel == 0 ? "" : "unset ylabel\nset format y \"\"\n";
    text += is_last ? "set key at screen 0.995, 0.83 right top reverse Left samplen 2\n" : "";
    text += fmt::format("plot {:.4f} with lines dashtype 2 linewidth 2 linecolor rgb \"#555555\" title \"float\"",
                        float_accuracy);
    auto const block = panel * static_cast<std::ptrdiff_t>(at.adc.size());
    for (auto const bits : at.adc) {
        auto const curve = position(at.adc, bits);
        text +=
            fmt::format(", \\\n    \"noise.dat\" index {} using 1:2 with linespoints linestyle {} title \"ADC {} bit\"",
                        block + curve, curve % 8 + 1, bits);
    }
    return text + "\n";
}

std::string noise_script(axes const& at, std::string const& title, double float_accuracy) {
    constexpr std::array colours{"#440154", "#3b528b", "#21908d", "#5dc863",
                                 "#e6a817", "#d1495b", "#8c564b", "#7f7f7f"};
    auto const width = 240 + 400 * at.encoding.size();  // of it 80 for the y axis, 160 for the key
    auto text = fmt::format(R"gnuplot(set terminal pngcairo size {},480 font "sans,12"
set output "noise.png"
set xlabel "Noise, sigma (% of full scale)"
set ylabel "Top-1 accuracy (%)"
set yrange [0:102]
set xrange [{}:{}]
set grid back linetype 1 linewidth 0.7 linecolor rgb "#d0d0d0"
unset key
)gnuplot",
                            width, *at.noise.begin(), *at.noise.rbegin());
    for (std::size_t i = 0; i < colours.size(); ++i) {
        text += fmt::format("set style line {} linewidth 2 pointtype 7 pointsize 0.9 linecolor rgb \"{}\"\n", i + 1,
                            colours[i]);
    }
    auto const pixels = static_cast<double>(width);
    text += fmt::format("set multiplot layout 1,{} margins {:.4f},{:.4f},0.14,0.83 spacing {:.4f},0 title {} font "
                        "\",14\" noenhanced\n",
                        at.encoding.size(), 80 / pixels, 1 - 160 / pixels, 30 / pixels, gnuplot_quoted(title));
    for (auto const group : at.encoding) {
        text += noise_panel(at, group, float_accuracy);
    }
    return text + "unset multiplot\n";
}

}  // namespace

std::string draw_pictures(results const& finished, settings const& chosen, std::string const& title) {
    auto const& outcomes = finished.all();
    if (outcomes.empty()) {
        return "no design point, no pictures";
    }
    auto const at = axes{outcomes};
    std::vector<std::string> names{"shmoo"};
    write(chosen.out / "shmoo.dat", shmoo_data(outcomes, at));
    write(chosen.out / "shmoo.gp", shmoo_script(at, title, finished.float_accuracy_percent()));
    if (at.noise.size() > 1) {
        names.push_back("noise");
        write(chosen.out / "noise.dat", noise_data(outcomes, at));
        write(chosen.out / "noise.gp", noise_script(at, title, finished.float_accuracy_percent()));
    }
    return draw_with_gnuplot(chosen.out, names);
}

}  // namespace explore
