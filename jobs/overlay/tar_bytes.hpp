// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "jobs/overlay/overlay_tree.hpp"

namespace patchbay {

/// Writes the tree as a tar archive with its end mark, gzipped or not, piece by piece.
/// Throws: InfrastructureError, Stopped; no exception may cross libarchive, so `sink` returns false instead.
void write_tar(const OverlayTree& tree, bool gzip, const std::function<bool(std::string_view)>& sink,
               const StopFlag& stop);

}  // namespace patchbay
