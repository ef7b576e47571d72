// SPDX-License-Identifier: Apache-2.0
// One supply of a lab, switched by words; for the rig's tests.
// usage: patchbay-switch-probe 'driver: hid-relay, relay: LAB01' WORD...
//
//   on, off, cycle, read, safe     each is answered by one line: `on: verified`, `read: off`, `off: error: …`
//   wait                           says `waiting`, and goes on when a line is typed
//
// What a lease's log would say stands between the answers, as `told: …`.

#include <boost/asio/io_context.hpp>

#include "tests/rig/probe.hpp"
#include "tests/support/run.hpp"

namespace patchbay::testing {
namespace {

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
    auto device = probed_device(io, "power", keys);
    for (const auto& word : words) answer(word, [&] { return obey(io, device, word); });
}

}  // namespace
}  // namespace patchbay::testing

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    return patchbay::testing::run_probe([&] { patchbay::testing::probe(argv[1], {argv + 2, argv + argc}); });
}
