#pragma once

/// \file
/// Attention in integers only: eMSB quantiser, VDR softmax, BitSift, the layer and the macros it runs on (FLARE), and
/// I-BERT's integer functions to compare them with. Not part of xcim.hpp.

#include <xcim/ops/flare_macros.hpp>
#include <xcim/ops/ibert.hpp>
#include <xcim/ops/integer_attention.hpp>
#include <xcim/ops/integer_softmax.hpp>
#include <xcim/ops/macro_products.hpp>
#include <xcim/ops/vdr_softmax.hpp>
