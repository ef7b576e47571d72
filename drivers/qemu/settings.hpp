// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "devices/capability/direct_boot.hpp"
#include "devices/description.hpp"
#include "drivers/qemu/network.hpp"

namespace patchbay {

enum class Accelerator {
    as_written,  ///< the device's own options say it (-accel, -enable-kvm, -machine accel=)
    automatic,   ///< KVM where it is proven to work, else TCG
    kvm,
    tcg,
};

/// The virtual machine as the device's file describes it.
struct QemuSettings {
    std::string device;                ///< for messages
    std::string program;               ///< "qemu-system-x86_64" or a path
    std::string architecture;          ///< the guest's, in QEMU's word: x86_64, aarch64, arm, riscv64, i386
    std::vector<std::string> options;  ///< words of `options` and `extra`, split
    Accelerator accelerator = Accelerator::automatic;
    bool trusted_jobs = false;  ///< the lab's owner lets jobs give QEMU any argument
    bool has_cpu = false;       ///< the options choose the processor
    DirectBoot::GuestDrive guest_drive{"ide", "lavatest"};
    QemuNetwork network;
};

/// Reads boot method `qemu` (parameters.command, options, extra), deploy method `image` (parameters.guest) and our
/// `driver_options`. Throws: ConfigurationError with all problems.
QemuSettings read_qemu_settings(const DeviceDescription& description);

/// The whole command line: the program, the device's options, the accelerator and processor when nobody chose them,
/// then the image arguments. `kvm`: what the probe found, used for Accelerator::automatic.
std::vector<std::string> qemu_command(const QemuSettings& settings, const std::string& program_path, bool kvm,
                                      std::vector<std::string> image_words);

}  // namespace patchbay
