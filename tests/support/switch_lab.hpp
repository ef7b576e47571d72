// SPDX-License-Identifier: Apache-2.0
#pragma once
// What tests of power and line drivers share: a device described in YAML, in a folder that stands for the machine's
// root, and what its lease was told.

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <vector>

#include "core/errors.hpp"
#include "devices/capability/line.hpp"
#include "devices/capability/power.hpp"
#include "tests/support/described.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay::testing {

struct SwitchLab {
    asio::io_context io;
    TemporaryFolder folder;
    std::vector<std::string> told;

    DriverContext context() {
        DriverContext context{io.get_executor(), nullptr, folder.path, folder.path};
        context.tell = [this](const std::string& text) { told.push_back(text); };
        context.root = folder.path;
        return context;
    }

    /// A device with this supply: "driver: hid-relay, relay: HURTM". Each call is as a new process: nothing is shared.
    Device board(const std::string& power) { return described_device("  power: {" + power + "}\n", context()); }

    /// Why the description is refused; empty when it is not.
    std::string refusal(const std::string& power) { return refusal_of("  power: {" + power + "}\n", context()); }

    /// What switching on, off, or making safe throws; empty when it goes well.
    std::string failure_of(Task<Switched> work) {
        try {
            run(io, std::move(work));
        } catch (const InfrastructureError& error) {
            return error.what();
        }
        return "";
    }
    std::string failure_of_on(const std::string& power) {
        auto device = board(power);
        return failure_of(device.need<Power>().on());
    }
    std::string failure_of_off(const std::string& power) {
        auto device = board(power);
        return failure_of(device.need<Power>().off());
    }
};

}  // namespace patchbay::testing
