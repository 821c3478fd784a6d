# What explore, check and .ci/run share: packages, configuration, building. Sourced; needs $root, the checkout.

jobs=$(nproc 2>/dev/null || echo 2)
export CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$jobs}"
export CTEST_PARALLEL_LEVEL="${CTEST_PARALLEL_LEVEL:-$jobs}"

# Installs those of the packages that are missing; on Debian and its derivatives only.
install_packages() {
    missing=
    for package in "$@"; do
        case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) in
        *" installed") ;;
        *) missing="$missing $package" ;;
        esac
    done
    if [ -z "$missing" ]; then
        return
    fi
    echo "Installing$missing"
    # Word splitting of $missing is meant.
    if [ "$(id -u)" -eq 0 ]; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
    else
        sudo apt-get update -qq
        sudo DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
    fi
}

install_dependencies() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "This is not Debian: what README.md lists must be installed already" >&2
        return
    fi
    tools=
    command -v c++ >/dev/null || tools="$tools g++"
    command -v cmake >/dev/null || tools="$tools cmake"
    command -v ninja >/dev/null || tools="$tools ninja-build"
    command -v gnuplot >/dev/null || tools="$tools gnuplot-nox"
    install_packages $tools libxsimd-dev libxtensor-dev xtl-dev libfmt-dev nlohmann-json3-dev libzip-dev doctest-dev \
        libbenchmark-dev libcli11-dev libeigen3-dev
}

# configure folder options...: a folder that was configured before keeps its generator and options.
configure() {
    folder=$1
    shift
    if [ ! -f "$folder/CMakeCache.txt" ]; then
        set -- -G Ninja "$@"
    fi
    cmake -S "$root" -B "$folder" "$@" >/dev/null
}

# build folder targets...
build() {
    folder=$1
    shift
    cmake --build "$folder" --target "$@"
}
