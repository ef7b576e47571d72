// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a recorded LAVA answered to one request, and what of our answer is not the same.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/daemon/api/api_lab.hpp"

namespace patchbay::testing {

struct Exchange {
    std::string name;  ///< "<case>/<name>"
    std::string method, target;
    std::vector<std::string> headers;
    std::string body;
    int status = 0;
    std::string type, disposition, allow;
    std::optional<std::string> answer;  ///< nullopt: a page of HTML, or nothing
};

/// The REST exchanges of tests/compat/golden/<name>, in order.
std::vector<Exchange> read_exchanges(const std::string& name);
std::filesystem::path golden_file(const std::string& name);

/// One thing that is not as recorded. `what`: "status", "type", "disposition", "allow", "body", or the place in a JSON
/// answer: "results.0.token".
struct Finding {
    std::string what, ours, recorded;
};

/// JSON is compared field by field, with the order of the fields; other bodies byte by byte.
std::vector<Finding> compare(const Exchange& recorded, const ApiAnswer& ours);

}  // namespace patchbay::testing
