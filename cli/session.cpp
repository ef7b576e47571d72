// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"

#include "core/config/yaml.hpp"

namespace patchbay::cli {

Lab& Session::lab() {
    if (!lab_) {
        auto settings = load_settings(server_, environment);
        for (const auto& warning : settings.warnings) terminal.err << "patchbay: " << warning << "\n";
        http_.emplace(settings.server, settings.token);
        lab_.emplace(*http_);
    }
    return *lab_;
}

void Session::print(const config::Value& document) { terminal.out << config::dump_json(document) << "\n"; }

}  // namespace patchbay::cli
