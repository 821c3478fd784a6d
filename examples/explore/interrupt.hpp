#pragma once

/// \file
/// Ctrl-C as a request instead of an end.

namespace explore {

/// From now on SIGINT and SIGTERM only set a flag. The third one ends the program at once: two may well come from one
/// wish, as from a parent that signals its child and then its whole group.
void catch_interrupts();

/// Whether one has come.
bool is_interrupted();

}  // namespace explore
