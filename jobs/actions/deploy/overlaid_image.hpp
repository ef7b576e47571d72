// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "jobs/actions/action.hpp"

namespace patchbay {

/// Does the tests' overlay go into an image, and of which kind is that?
enum class OverlayInto { nothing, plain_image, sparse_image };

/// Adds download-retry of an image that a program of this host writes, for NamespaceState::images; and, where an
/// overlay goes into it, apply-overlay-image or apply-overlay-sparse-image (Android's form), by its `root_partition`.
/// `folder` as DownloadTarget::deploy.
void add_overlaid_image(Action& deploy, const std::string& key, const config::Value& map, std::string folder,
                        OverlayInto into);

}  // namespace patchbay
