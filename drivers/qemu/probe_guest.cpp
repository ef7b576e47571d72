// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/probe_guest.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <span>

namespace patchbay {
namespace {

// isa-debug-exit ends QEMU with (value << 1) | 1.
constexpr int pc_success = (0x10 << 1) | 1;

// A boot sector that enters 64-bit mode and writes 0x10 to port 0xf4.
constexpr std::array<std::uint8_t, 118> pc_boot_sector{
    0xfa, 0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xc0,                    // cli; ax = ds = es = 0
    0xbf, 0x00, 0x10, 0xb9, 0x00, 0x18, 0xfc, 0xf3, 0xab,        // clear 0x1000..0x3fff
    0xc7, 0x06, 0x00, 0x10, 0x03, 0x20,                          // level 4 at 0x1000 -> 0x2000
    0xc7, 0x06, 0x00, 0x20, 0x03, 0x30,                          // level 3 at 0x2000 -> 0x3000
    0xc7, 0x06, 0x00, 0x30, 0x83, 0x00,                          // level 2 at 0x3000: 2 MiB at 0
    0x0f, 0x01, 0x16, 0x70, 0x7c,                                // lgdt
    0x0f, 0x20, 0xe0, 0x0c, 0x20, 0x0f, 0x22, 0xe0,              // cr4 |= PAE
    0x66, 0xb8, 0x00, 0x10, 0x00, 0x00, 0x0f, 0x22, 0xd8,        // cr3 = 0x1000
    0x66, 0xb9, 0x80, 0x00, 0x00, 0xc0, 0x0f, 0x32, 0x80, 0xcc,  // EFER |=
    0x01, 0x0f, 0x30,                                            //   LME
    0x0f, 0x20, 0xc0, 0x66, 0x0d, 0x01, 0x00, 0x00, 0x80,        // cr0 |= PG | PE
    0x0f, 0x22, 0xc0, 0xea, 0x56, 0x7c, 0x08, 0x00,              // far jump into 64-bit code
    0xb0, 0x10, 0xe6, 0xf4,                                      // al = 0x10; out 0xf4
    0xf4, 0xeb, 0xfd, 0x0f, 0x1f, 0x00,                          // hlt for ever
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,              // gdt: nothing,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x9a, 0x20, 0x00,              //   64-bit code
    0x0f, 0x00, 0x60, 0x7c, 0x00, 0x00,                          // its size and place
};

// PSCI's SYSTEM_OFF (Arm DEN 0022, section 5.11) by hypervisor call, which is what machine virt offers.
constexpr std::array<std::uint8_t, 16> arm64_program{
    0x00, 0x01, 0x80, 0xd2,  // mov x0, #0x0008
    0x00, 0x80, 0xb0, 0xf2,  // movk x0, #0x8400, lsl #16
    0x02, 0x00, 0x00, 0xd4,  // hvc #0
    0x00, 0x00, 0x00, 0x14,  // b .
};

FileDescriptor in_memory(std::span<const std::uint8_t> bytes) {
    FileDescriptor file{::memfd_create("patchbay-probe-guest", MFD_CLOEXEC)};
    if (file && ::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) file.reset();
    return file;
}

std::string path_of(const FileDescriptor& file) { return "/proc/self/fd/" + std::to_string(file.get()); }

ProbeGuest pc_guest() {
    std::array<std::uint8_t, 512> sector{};
    std::copy(pc_boot_sector.begin(), pc_boot_sector.end(), sector.begin());
    sector[510] = 0x55;
    sector[511] = 0xaa;
    ProbeGuest guest{in_memory(sector), {}, pc_success};
    guest.arguments = {
        "-machine", "pc",
        "-m",       "16",
        "-drive",   "file=" + path_of(guest.image) + ",format=raw,if=floppy,readonly=on,file.locking=off",
        "-device",  "isa-debug-exit,iobase=0xf4,iosize=1"};
    return guest;
}

ProbeGuest arm64_guest() {
    ProbeGuest guest{in_memory(arm64_program), {}, 0};
    // gic-version=max is what the host has under KVM; a wrong one would end QEMU.
    guest.arguments = {"-machine", "virt,gic-version=max", "-cpu", "max", "-m", "64", "-kernel", path_of(guest.image)};
    return guest;
}

}  // namespace

std::optional<ProbeGuest> make_probe_guest(const std::string& architecture) {
    std::optional<ProbeGuest> guest;
    if (architecture == "x86_64" || architecture == "i386") guest = pc_guest();
    if (architecture == "aarch64") guest = arm64_guest();
    if (!guest || !guest->image) return std::nullopt;
    guest->arguments.insert(guest->arguments.end(), {"-nodefaults", "-no-user-config", "-display", "none"});
    return guest;
}

}  // namespace patchbay
