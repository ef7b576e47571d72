// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the programs share that the rig's tests start inside: one capability of a lab, driven by words, each answered by
// a line; what a lease's log would say stands between the answers, as `told: …`.

#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include "core/errors.hpp"
#include "devices/capability/power.hpp"
#include "tests/support/described.hpp"

namespace patchbay::testing {

inline void say(const std::string& text) {
    std::printf("%s\n", text.c_str());
    std::fflush(stdout);
}

inline void wait_for_line() {
    std::string typed;
    std::getline(std::cin, typed);
}

inline std::string text_of(Switched switched) { return switched == Switched::verified ? "verified" : "unverified"; }

/// `capability`: "power"; `keys`: "driver: hid-relay, relay: LAB01".
inline Device probed_device(asio::io_context& io, const std::string& capability, const std::string& keys) {
    DriverContext context{io.get_executor(), nullptr, "/tmp", "/tmp"};
    context.tell = [](const std::string& text) { say("told: " + text); };
    return described_device("  " + capability + ": {" + keys + "}\n", context);
}

/// The answer to `word`: what `obey` returns or throws. The word `wait` says `waiting`, and goes on when a line is
/// typed.
template <class Obey>
void answer(const std::string& word, Obey obey) {
    if (word == "wait") {
        say("waiting");
        return wait_for_line();
    }
    try {
        say(word + ": " + obey());
    } catch (const std::exception& error) {
        say(word + ": error: " + describe(error));
    }
}

/// The program's exit code.
template <class Probe>
int run_probe(Probe probe) {
    try {
        probe();
    } catch (const std::exception& error) {
        say("error: " + describe(error));
        return 1;
    }
    return 0;
}

}  // namespace patchbay::testing
