// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/kvm_probe.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <fstream>

#include "core/process/file_descriptor.hpp"
#include "core/process/run_command.hpp"
#include "drivers/qemu/state_file.hpp"

namespace patchbay {
namespace {

// Working KVM needs 0.1 to 0.3 s for this, TCG 0.1 s.
constexpr auto patience = 3s;
// isa-debug-exit ends QEMU with (value << 1) | 1.
constexpr int success_code = (0x10 << 1) | 1;

// A boot sector that enters 64-bit mode and writes 0x10 to port 0xf4.
constexpr std::array<std::uint8_t, 118> probe_guest{
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

std::string boot_id() {
    std::ifstream file{"/proc/sys/kernel/random/boot_id"};
    std::string id;
    std::getline(file, id);
    return id;
}

FileDescriptor boot_disk() {
    std::array<char, 512> sector{};
    std::copy(probe_guest.begin(), probe_guest.end(), sector.begin());
    sector[510] = 0x55;
    sector[511] = static_cast<char>(0xaa);
    FileDescriptor disk{::memfd_create("patchbay-kvm-probe", MFD_CLOEXEC)};
    if (disk && ::write(disk.get(), sector.data(), sector.size()) != static_cast<ssize_t>(sector.size())) disk.reset();
    return disk;
}

bool same_architecture(const std::string& guest) {
    utsname host{};
    ::uname(&host);
    const std::string machine{host.machine};
    return guest == machine || (machine == "x86_64" && guest == "i386");
}

Task<bool> try_guest(std::string program, DriverContext context) {
    const auto disk = boot_disk();
    if (!disk) co_return false;
    Command command;
    command.argv = {
        program,
        "-accel",
        "kvm",
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-machine",
        "pc",
        "-m",
        "16",
        "-drive",
        "file=/proc/self/fd/" + std::to_string(disk.get()) + ",format=raw,if=floppy,readonly=on,file.locking=off",
        "-device",
        "isa-debug-exit,iobase=0xf4,iosize=1"};
    command.die_with_parent = DieWithParent::yes;
    command.keep_open = {disk.get()};
    if (context.scope) context.scope->admit(command);
    try {
        OnLine nobody;
        const auto result = co_await run_command(std::move(command), std::move(nobody), Deadline::in(patience));
        co_return result.exit_code == success_code;
    } catch (const TimedOut&) {
        co_return false;
    } catch (const InfrastructureError& error) {
        spdlog::warn("kvm could not be tried program={} error={}", program, error.what());
        co_return false;
    }
}

}  // namespace

Task<bool> kvm_works(std::string program_path, std::string architecture, DriverContext context) {
    if (!same_architecture(architecture)) co_return false;
    if (::access("/dev/kvm", R_OK | W_OK) != 0) co_return false;
    // The probe guest is x86 code; elsewhere the kernel offers /dev/kvm only when the processor starts in hypervisor
    // mode.
    if (architecture != "x86_64" && architecture != "i386") co_return true;

    const auto folder = StateFile::folder_or_default(context.state_folder);
    const StateFile state{folder / "kvm-verdict"};
    const auto key =
        boot_id() + " " + program_path + " " + file_identity(program_path) + " " + file_identity("/dev/kvm");
    if (const auto known = state.get(key)) co_return *known == "works";
    const auto lock = co_await state.lock();
    if (const auto known = state.get(key)) co_return *known == "works";
    const bool works = co_await try_guest(program_path, context);
    spdlog::info("kvm probed program={} verdict={}", program_path, works ? "works" : "does not run guests, using tcg");
    state.put(key, works ? "works" : "broken");
    co_return works;
}

}  // namespace patchbay
