// SPDX-License-Identifier: Apache-2.0
// The driver with real virtual machines. The guest is made by scripts/make-guest.
#include "drivers/qemu/qemu.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/process/run_command.hpp"
#include "core/process/spawn.hpp"
#include "devices/capability/console.hpp"
#include "devices/capability/direct_boot.hpp"
#include "devices/capability/power.hpp"
#include "devices/qemu_template.hpp"
#include "drivers/builtin.hpp"
#include "tests/support/read_until.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;
using testing::read_until;
using testing::run;

/// One guest of scripts/make-guest, and what a machine for it is called.
struct Guest {
    std::string_view arch;    // LAVA's word
    std::string_view debian;  // make-guest's
    std::string_view program;
    std::string_view kernel, initrd, console;
};
constexpr Guest amd64{"x86_64", "amd64", "qemu-system-x86_64", "vmlinuz", "initrd.cpio.gz", "ttyS0"};
constexpr Guest arm64{"arm64", "arm64", "qemu-system-aarch64", "Image-arm64", "initrd-arm64.cpio.gz", "ttyAMA0"};
constexpr Guest armhf{"arm", "armhf", "qemu-system-arm", "zImage-armhf", "initrd-armhf.cpio.gz", "ttyAMA0"};

/// Where the guest is ($PATCHBAY_GUEST, or made anew); empty with a printed reason when it cannot be made here.
fs::path guest_folder(const Guest& guest) {
    const char* given = std::getenv("PATCHBAY_GUEST");
    if (given != nullptr && fs::exists(fs::path{given} / guest.initrd)) return given;
    const auto made = fs::path{PATCHBAY_BIN_DIR} / "../guest";
    asio::io_context io;
    Command command;
    command.argv = {PATCHBAY_SOURCE_DIR "/scripts/make-guest", made.string(), std::string{guest.debian}};
    OnLine print = [](std::string_view line) { printf("%.*s\n", static_cast<int>(line.size()), line.data()); };
    const auto result = run(io, run_command(command, print, Deadline::in(240s)));
    return result.ok() ? fs::canonical(made) : fs::path{};
}

struct QemuTest : ::testing::Test {
    asio::io_context io;
    testing::TemporaryFolder temporary;
    const fs::path& folder = temporary.path;
    std::string token = "qemu-test-" + std::to_string(::getpid());
    std::shared_ptr<ProcessScope> scope = std::make_shared<ProcessScope>(token);
    AdmitAll all{*scope};

    void SetUp() override {
        if (!find_program("qemu-system-x86_64")) GTEST_SKIP() << "no qemu-system-x86_64 on this machine";
    }

    DriverContext context() { return DriverContext{io.get_executor(), scope, folder, folder}; }

    Device machine(config::Map variables = {}) {
        if (!variables.contains("accel")) variables.set("accel", "tcg");  // the probe has a test of its own
        const auto rendered = render_qemu(variables, {}, "qemu-01", "qemu");
        return make_device(read_device(rendered, "qemu-01"), context());
    }

    /// Image arguments for the guest in this mode, the files in the job's folder; false when there is no such guest.
    bool has_guest(const Guest& guest) {
        const auto from = guest_folder(guest);
        for (const auto name : {guest.kernel, guest.initrd}) {
            if (!from.empty() && !fs::exists(folder / name)) fs::copy_file(from / name, folder / name);
        }
        return !from.empty();
    }
    std::vector<std::string> images(const Guest& guest, const std::string& mode) const {
        return {"-kernel " + (folder / guest.kernel).string(), "-initrd " + (folder / guest.initrd).string(),
                "-append \"console=" + std::string{guest.console} + " pb.mode=" + mode + "\""};
    }

    void boots_to_its_end(const Guest& guest);
};

void QemuTest::boots_to_its_end(const Guest& guest) {
    if (!find_program(std::string{guest.program})) GTEST_SKIP() << "no " << guest.program << " on this machine";
    if (!has_guest(guest)) GTEST_SKIP() << "scripts/make-guest could not make the guest for " << guest.debian;
    config::Map variables;
    variables.set("arch", std::string{guest.arch});
    auto device = machine(variables);
    auto& direct = device.need<DirectBoot>();
    const auto program = run(io, direct.probe());
    EXPECT_TRUE(guest.program.ends_with("-" + program.architecture)) << program.architecture;
    EXPECT_FALSE(program.version.empty());
    run(io, direct.boot(direct.command(images(guest, "poweroff"))));
    const auto text =
        run(io, with_deadline(Deadline::in(240s), "end", read_until(device.need<Console>(), "never printed")));
    EXPECT_NE(text.find("Linux version"), std::string::npos);
    EXPECT_NE(text.find("pb-guest userspace up, mode poweroff"), std::string::npos);
    run(io, device.need<Power>().off());
    EXPECT_TRUE(scope->members().empty());
}

// Each guest powers itself off, and its console ends with it.
TEST_F(QemuTest, BootsAPc) { boots_to_its_end(amd64); }
TEST_F(QemuTest, BootsA64BitArm) { boots_to_its_end(arm64); }
TEST_F(QemuTest, BootsA32BitArm) { boots_to_its_end(armhf); }

TEST_F(QemuTest, ReachesThePromptAnswersBootsAgainAndIsGoneAfterPowerOff) {
    if (!has_guest(amd64)) GTEST_SKIP() << "scripts/make-guest could not make the guest";
    auto device = machine();
    auto& direct = device.need<DirectBoot>();
    auto& console = device.need<Console>();
    run(io, direct.probe());
    for (int round = 0; round < 2; ++round) {  // the second boot powers the first machine off
        run(io, direct.boot(direct.command(images(amd64, "shell"))));
        EXPECT_EQ(scope->members().size(), 1U);
        run(io, with_deadline(Deadline::in(120s), "prompt", read_until(console, "root@pb-guest:")));
    }
    run(io, console.write("echo $((6*7))-from-guest\n"));
    const auto text = run(io, with_deadline(Deadline::in(60s), "answer", read_until(console, "42-from-guest")));
    EXPECT_NE(text.find("42-from-guest"), std::string::npos);
    run(io, device.need<Power>().off());
    run(io, device.need<Power>().off());
    EXPECT_TRUE(scope->members().empty());
    EXPECT_THROW(run(io, console.write("x")), ConnectionClosedError);
}

TEST_F(QemuTest, AMachineThatEndsAtItsStartSaysWhyInTheErrorAndOnTheConsole) {
    config::Map variables;
    variables.set("machine", "no-such-machine");
    auto device = machine(variables);
    auto& direct = device.need<DirectBoot>();
    try {
        run(io, direct.boot(direct.command({})));
        FAIL();
    } catch (const InfrastructureError& error) {
        EXPECT_NE(std::string{error.what()}.find("unsupported machine type"), std::string::npos) << error.what();
    }
    const auto text = run(io, read_until(device.need<Console>(), "never printed"));
    EXPECT_NE(text.find("unsupported machine type"), std::string::npos);
    run(io, device.make_safe());
}

TEST_F(QemuTest, IsAskedToQuitBeforeItIsKilled) {
    // A wrapper that notes how QEMU ended: 0 after "quit", 128 + 9 after a kill (which would end the wrapper, too).
    const auto wrapper = folder / "qemu-system-x86_64";
    const auto code = folder / "code";
    std::ofstream{wrapper} << "#!/bin/sh\n"
                           << find_program("qemu-system-x86_64").value() << " \"$@\"\necho $? > " << code.string()
                           << "\n";
    fs::permissions(wrapper, fs::perms::owner_all);
    config::Map variables;
    variables.set("program", wrapper.string());
    auto device = machine(variables);
    auto& direct = device.need<DirectBoot>();
    run(io, direct.boot(direct.command({})));
    run(io, device.need<Power>().off());
    std::ifstream file{code};
    std::string line;
    std::getline(file, line);
    EXPECT_EQ(line, "0");
    EXPECT_TRUE(scope->members().empty());
}

TEST_F(QemuTest, AStuckQemuIsKilled) {
    auto device = machine();
    auto& direct = device.need<DirectBoot>();
    run(io, direct.boot(direct.command({})));
    const auto members = scope->members();
    ASSERT_EQ(members.size(), 1U);
    ASSERT_EQ(::kill(members.front(), SIGSTOP), 0);  // it cannot answer, as one that hangs in the kernel
    run(io, device.need<Power>().off());
    EXPECT_TRUE(scope->members().empty());
}

TEST_F(QemuTest, ABootThatIsCancelledLeavesNoGuest) {
    auto device = machine();
    auto& direct = device.need<DirectBoot>();
    const auto command = direct.command({});
    for (const auto patience : {0ms, 1ms, 20ms, 100ms}) {  // before, while and after QEMU starts
        try {
            run(io, with_deadline(Deadline::in(patience), "boot", direct.boot(command)));
        } catch (const TimedOut&) {
            // that is the point
        }
        run(io, device.make_safe());
        EXPECT_TRUE(scope->members().empty()) << patience.count();
    }
}

TEST_F(QemuTest, AMissingProgramIsTheLabsConfigurationAndNamesThePackage) {
    config::Map variables;
    variables.set("program", "qemu-system-none-such");
    auto device = machine(variables);
    try {
        run(io, device.need<DirectBoot>().probe());
        FAIL();
    } catch (const ConfigurationError& error) {
        EXPECT_NE(std::string{error.what()}.find("qemu-system-none-such"), std::string::npos);
    }
    run(io, device.make_safe());
}

TEST_F(QemuTest, AfterItsOwnerWasKilledNothingOfItIsLeft) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const auto owner = ::fork();
    if (owner == 0) {
        asio::io_context own_io;
        DriverContext own = context();
        own.executor = own_io.get_executor();
        own.scope = std::make_shared<ProcessScope>(token);
        const AdmitAll own_all{*own.scope};
        config::Map variables;
        variables.set("accel", "tcg");
        auto device = make_device(read_device(render_qemu(variables, {}, "qemu-01", "qemu"), "qemu-01"), own);
        auto& direct = device.need<DirectBoot>();
        run(own_io, direct.boot(direct.command({})));
        [[maybe_unused]] const auto told = ::write(ready[1], "1", 1);
        for (;;) ::pause();
    }
    ::close(ready[1]);
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
    EXPECT_EQ(scope->members().size(), 1U);
    ::kill(owner, SIGKILL);
    ::waitpid(owner, nullptr, 0);
    auto device = machine();
    run(io, device.make_safe());
    EXPECT_TRUE(scope->members().empty());
}

TEST_F(QemuTest, AJobCannotNameAFileOfTheHost) {
    auto device = machine();
    EXPECT_THROW(device.need<DirectBoot>().command({"-drive format=raw,file=/etc/shadow"}), JobError);
    config::Map variables;
    variables.set("trusted_jobs", true);
    auto trusting = machine(variables);
    EXPECT_NO_THROW(trusting.need<DirectBoot>().command({"-drive format=raw,file=/etc/shadow"}));
}

}  // namespace
}  // namespace patchbay
