#pragma once

/// The one place the version is written: CMakeLists.txt reads these three lines.
#define XCIM_VERSION_MAJOR 0
#define XCIM_VERSION_MINOR 1
#define XCIM_VERSION_PATCH 0
