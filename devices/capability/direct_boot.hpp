// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.hpp"
#include "devices/capability/capability.hpp"

namespace patchbay {

/// The program that boots images directly, as it describes itself in results (lava/execute-qemu).
struct BootProgram {
    std::string package;            ///< "qemu-system-x86"
    std::string version;            ///< "1:7.2+dfsg-7+deb12u18", or what `--version` prints where there is no dpkg
    std::string host_architecture;  ///< Debian's word: amd64, arm64
    std::string architecture;       ///< the guest's: x86_64, aarch64
};

/// A device that takes kernel, root file system and command line as arguments at power on: QEMU and its like.
class DirectBoot : public Capability {
public:
    static constexpr std::string_view kind = "direct-boot";

    /// Finds the program and proves what it needs (accelerator, machine type).
    /// Throws: ConfigurationError (program missing), JobError (the job's context asks for what there is not).
    virtual Task<BootProgram> probe() = 0;

    /// The whole command line for these image arguments, as it will be run and logged.
    /// Each argument text is split at blanks, quotes group; nothing is given to a shell.
    /// `served`: the folder that tftp_address() gives out; empty: none.
    virtual std::vector<std::string> command(const std::vector<std::string>& image_arguments,
                                             const std::filesystem::path& served) const = 0;
    std::vector<std::string> command(const std::vector<std::string>& image_arguments) const {
        return command(image_arguments, {});
    }

    /// Powers on with the command line of command(). A machine that still runs is powered off first.
    /// Done when: the program runs; the device's Console then carries its output.
    /// Throws:    InfrastructureError with the program's own words when it ends at once.
    virtual Task<> boot(std::vector<std::string> command) = 0;

    /// What the extra drive with the test overlay is called for this machine: interface ("ide", "virtio") and id.
    struct GuestDrive {
        std::string interface;
        std::string id;
    };
    virtual GuestDrive guest_drive() const = 0;

    /// Where the guest finds TFTP in a network that the program itself makes, and that no server of the lab is in: it
    /// serves the folder of command(). Empty: the guest is in a network of the lab's.
    virtual std::string tftp_address() const = 0;
};

}  // namespace patchbay
