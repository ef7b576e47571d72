// SPDX-License-Identifier: Apache-2.0
// One supply of a lab, switched by words; for the rig's tests.
// usage: patchbay-switch-probe 'driver: hid-relay, relay: LAB01' WORD...
//
//   on, off, cycle, read, safe     each is answered by one line: `on: verified`, `read: off`, `off: error: …`
//   wait                           says `waiting`, and goes on when a line is typed
//
// What a lease's log would say stands between the answers, as `told: …`.

#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <iostream>

#include "core/config/yaml.hpp"
#include "devices/capability/power.hpp"
#include "drivers/builtin.hpp"
#include "tests/support/run.hpp"

namespace patchbay::testing {
namespace {

void say(const std::string& text) {
    std::printf("%s\n", text.c_str());
    std::fflush(stdout);
}

Device described(const std::string& keys, const DriverContext& context) {
    const auto value = config::parse_yaml("hardware:\n  power: {" + keys + "}\n");
    config::Problems problems{"board.yaml"};
    config::MapReader reader{value, "", problems};
    DeviceDescription description;
    description.name = "board";
    description.hardware = read_hardware(reader, problems);
    problems.raise_if_any();
    return make_device(description, context, "board.yaml");
}

std::string text_of(Switched switched) { return switched == Switched::verified ? "verified" : "unverified"; }

std::string obey(asio::io_context& io, Device& device, const std::string& word) {
    auto& power = device.need<Power>();
    if (word == "on") return text_of(run(io, power.on()));
    if (word == "off") return text_of(run(io, power.off()));
    if (word == "cycle") return text_of(run(io, cycle(power, 100ms)));
    if (word == "read") {
        const auto state = run(io, power.is_on());
        return !state ? "nobody knows" : *state ? "on" : "off";
    }
    if (word != "safe") throw std::runtime_error{"no such word"};
    run(io, device.make_safe());
    return "done";
}

void probe(const std::string& keys, const std::vector<std::string>& words) {
    asio::io_context io;
    DriverContext context{io.get_executor(), nullptr, "/tmp", "/tmp"};
    context.tell = [](const std::string& text) { say("told: " + text); };
    auto device = described(keys, context);
    for (const auto& word : words) {
        if (word == "wait") {
            say("waiting");
            std::string typed;
            std::getline(std::cin, typed);
            continue;
        }
        try {
            say(word + ": " + obey(io, device, word));
        } catch (const std::exception& error) {
            say(word + ": error: " + describe(error));
        }
    }
}

}  // namespace
}  // namespace patchbay::testing

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    try {
        patchbay::testing::probe(argv[1], {argv + 2, argv + argc});
    } catch (const std::exception& error) {
        patchbay::testing::say("error: " + patchbay::describe(error));
        return 1;
    }
    return 0;
}
