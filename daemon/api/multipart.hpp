// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay {

/// The `boundary` of a multipart/form-data content type; nullopt when it has none.
std::optional<std::string> multipart_boundary(std::string_view content_type);

/// Names and contents of the parts, files like fields (RFC 7578). nullopt: not well-formed. Pure.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_multipart(std::string_view body,
                                                                                std::string_view boundary);

}  // namespace patchbay
