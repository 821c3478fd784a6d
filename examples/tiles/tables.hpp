#pragma once

/// \file
/// The tables of a run, and pictures of them.

#include "evaluate.hpp"
#include "settings.hpp"

#include "../study/chart.hpp"

#include <xcim/io.hpp>

#include <functional>
#include <string>
#include <vector>

namespace tiles {

/// A network with what it does in float.
struct network {
    subject what;
    score in_float;
};

struct experiment {
    settings chosen;
    std::vector<network> networks;
    std::function<void(std::string const&)> say;  ///< is told every finished design
};

/// Makes NAME.csv in the folder of the run, and pictures, whose lines are returned.
///
///     effects      what each flaw of the PCM tile costs alone, and what the tile gains without it
///     wires        resistance and height of PCM arrays
///     time         since programming, with and without gains
///     converter    bits of calibrated converters, and oscillators
///     rram         as effects, of the RRAM crossbar
///     arrays       RRAM: rows, wires, devices
std::vector<std::string> make_part(std::string const& name, experiment const& all);

/// The flaws of a technology, each as a change of a design without flaws or with all of them.
struct flaw {
    std::string name;
    std::function<void(design& to, design const& from)> copy;  ///< gives `to` the flaw that `from` has, or has not
};
std::vector<flaw> flaws_of(technology device);

}  // namespace tiles
