// SPDX-License-Identifier: Apache-2.0
// The driver with real virtual machines. The guest is made by scripts/make-guest.
#include "drivers/qemu/qemu.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
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
#include "drivers/qemu/kvm_probe.hpp"
#include "tests/support/run.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;
using testing::run;

fs::path temporary_folder() {
    std::string name = (fs::temp_directory_path() / "patchbay-qemu-test-XXXXXX").string();
    return ::mkdtemp(name.data());
}

/// Where the guest is; empty with a printed reason when it cannot be made here.
const fs::path& guest_folder() {
    static const fs::path folder = [] {
        const auto made = fs::path{PATCHBAY_BIN_DIR} / "../guest";
        asio::io_context io;
        Command command;
        command.argv = {PATCHBAY_SOURCE_DIR "/scripts/make-guest", made.string()};
        OnLine print = [](std::string_view line) { printf("%.*s\n", static_cast<int>(line.size()), line.data()); };
        const auto result = run(io, run_command(command, print, Deadline::in(240s)));
        return result.ok() ? fs::canonical(made) : fs::path{};
    }();
    return folder;
}

struct QemuTest : ::testing::Test {
    asio::io_context io;
    fs::path folder = temporary_folder();
    std::string token = "qemu-test-" + std::to_string(::getpid());
    std::shared_ptr<ProcessScope> scope = std::make_shared<ProcessScope>(token);

    ~QemuTest() override { fs::remove_all(folder); }

    void SetUp() override {
        if (!find_program("qemu-system-x86_64")) GTEST_SKIP() << "no qemu-system-x86_64 on this machine";
    }

    DriverContext context() { return DriverContext{io.get_executor(), scope, folder, folder}; }

    Device machine(config::Map variables = {}) {
        if (!variables.contains("accel")) variables.set("accel", "tcg");  // the probe has a test of its own
        const auto rendered = render_qemu(variables, {}, "qemu-01", "qemu");
        return make_device(read_device(rendered, "qemu-01"), context());
    }

    /// Image arguments for the guest in this mode; the files are links inside the job's folder.
    std::vector<std::string> guest(const std::string& mode) {
        for (const auto* name : {"vmlinuz", "initrd.cpio.gz"}) {
            if (!fs::exists(folder / name)) fs::copy_file(guest_folder() / name, folder / name);
        }
        return {"-kernel " + (folder / "vmlinuz").string(), "-initrd " + (folder / "initrd.cpio.gz").string(),
                "-append \"console=ttyS0 pb.mode=" + mode + "\""};
    }
};

Task<std::string> read_until(Console& console, std::string mark) {
    std::string text;
    while (text.find(mark) == std::string::npos) {
        const auto bytes = co_await console.read_some();
        if (bytes.empty()) co_return text;
        text += bytes;
    }
    co_return text;
}

TEST_F(QemuTest, BootsAGuestThatPowersItselfOffAndTheConsoleEndsWithIt) {
    if (guest_folder().empty()) GTEST_SKIP() << "scripts/make-guest could not make the guest";
    auto device = machine();
    auto& direct = device.need<DirectBoot>();
    const auto program = run(io, direct.probe());
    EXPECT_EQ(program.package, "qemu-system-x86");
    EXPECT_EQ(program.architecture, "x86_64");
    EXPECT_FALSE(program.version.empty());
    run(io, direct.boot(direct.command(guest("poweroff"))));
    const auto text =
        run(io, with_deadline(Deadline::in(120s), "end", read_until(device.need<Console>(), "never printed")));
    EXPECT_NE(text.find("Linux version"), std::string::npos);
    EXPECT_NE(text.find("pb-guest userspace up, mode poweroff"), std::string::npos);
    run(io, device.need<Power>().off());
    EXPECT_TRUE(scope->members().empty());
}

TEST_F(QemuTest, ReachesThePromptAnswersBootsAgainAndIsGoneAfterPowerOff) {
    if (guest_folder().empty()) GTEST_SKIP() << "scripts/make-guest could not make the guest";
    auto device = machine();
    auto& direct = device.need<DirectBoot>();
    auto& console = device.need<Console>();
    run(io, direct.probe());
    for (int round = 0; round < 2; ++round) {  // the second boot powers the first machine off
        run(io, direct.boot(direct.command(guest("shell"))));
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

TEST_F(QemuTest, KvmIsProvenOnceAndTheVerdictIsRemembered) {
    const auto program = find_program("qemu-system-x86_64").value();
    EXPECT_FALSE(run(io, kvm_works(program, "aarch64", context())));
    EXPECT_FALSE(fs::exists(folder / "kvm-verdict"));  // a foreign architecture needs no try
    const bool verdict = run(io, kvm_works(program, "x86_64", context()));
    if (::access("/dev/kvm", R_OK | W_OK) != 0) GTEST_SKIP() << "no /dev/kvm here: verdict is no without a try";
    std::ifstream file{folder / "kvm-verdict"};
    std::string line;
    ASSERT_TRUE(std::getline(file, line));
    EXPECT_TRUE(line.ends_with(verdict ? "\tworks" : "\tbroken")) << line;
    // What is remembered is believed: the opposite verdict, written by hand, is the answer.
    const auto key = line.substr(0, line.find('\t'));
    std::ofstream{folder / "kvm-verdict"} << key << (verdict ? "\tbroken\n" : "\tworks\n");
    EXPECT_EQ(run(io, kvm_works(program, "x86_64", context())), !verdict);
    EXPECT_TRUE(scope->members().empty());
}

}  // namespace
}  // namespace patchbay
