// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every command has at hand.

#include <optional>
#include <string>

#include "cli/http/lab.hpp"
#include "cli/log/follow.hpp"
#include "cli/settings.hpp"
#include "cli/terminal.hpp"

namespace patchbay::cli {

enum class Format { text, json };

class Session {
public:
    Session(Terminal& term, const Environment& env, ServerOptions server, Format form)
        : terminal{term}, environment{env}, format{form}, server_{std::move(server)} {}

    /// The server's API; settings are read at the first use, so that `patchbay run` needs none.
    Lab& lab();
    bool json() const { return format == Format::json; }

    /// One JSON document on a line of its own.
    void print(const config::Value& document);

    Terminal& terminal;
    const Environment& environment;
    Format format;
    Patience patience;

private:
    ServerOptions server_;
    std::optional<HttpClient> http_;
    std::optional<Lab> lab_;
};

}  // namespace patchbay::cli
