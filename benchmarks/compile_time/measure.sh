#!/usr/bin/env bash
# Compiles one macro and, for comparison, the headers alone. User CPU time is the figure to compare: what else the
# machine does changes it least.
#   measure.sh one_macro.cpp folder c++ options...

set -euo pipefail
source=$1
folder=$2
shift 2
mkdir -p "$folder"

# Runs a command; user s, wall s and peak KiB (0 where there is no /usr/bin/time) go to $folder/time.
timed() {
    if [ -x /usr/bin/time ]; then
        /usr/bin/time -f "%U %e %M" -o "$folder/time" "$@"
    else
        local TIMEFORMAT="%U %R 0"
        { time "$@" 2>&3; } 3>&2 2>"$folder/time"
    fi
}

# measure name file compiler options...: prints the run of three with the smallest user time.
measure() {
    local name=$1 file=$2
    shift 2
    for _ in 1 2 3; do
        timed "$@" -O2 -c "$file" -o "$folder/object.o"
        cat "$folder/time"
    done | sort -n | head -1 | awk -v name="$name" '{ printf "%-34s %6.2f %6.2f %6.0f\n", name, $1, $2, $3 / 1024 }'
}

printf '%-34s %6s %6s %6s\n' "$(basename "$1") -O2, best of 3" "user s" "wall s" "MiB"
measure "$(basename "$source")" "$source" "$@"
for header in xcim/xcim.hpp xcim/macro.hpp xcim/io.hpp xsimd/xsimd.hpp xcim/ops/xtensor.hpp fmt/format.h; do
    echo "#include <$header>" >"$folder/header.cpp"
    measure "#include <$header>" "$folder/header.cpp" "$@"
done
