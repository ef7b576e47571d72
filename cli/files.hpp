// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whole files, with errors that name them.

#include <string>

namespace patchbay::cli {

/// The content of `path`, "-" is stdin. At most 16 MiB: no server takes a larger definition.
/// Throws: UserError.
std::string read_text(const std::string& path);

}  // namespace patchbay::cli
