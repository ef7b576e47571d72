// SPDX-License-Identifier: Apache-2.0
// Whether KVM is believed. The programs are scripts that behave as QEMU does on good and on bad machines; the guest
// itself runs under TCG.
#include "drivers/qemu/kvm_probe.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/deadline.hpp"
#include "core/process/spawn.hpp"
#include "drivers/qemu/probe_guest.hpp"
#include "drivers/qemu/state_file.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;
using testing::run;

std::string host_machine() {
    utsname host{};
    ::uname(&host);
    return host.machine;
}

struct KvmProbeTest : ::testing::Test {
    asio::io_context io;
    testing::TemporaryFolder temporary;
    const fs::path& folder = temporary.path;
    std::shared_ptr<ProcessScope> scope = std::make_shared<ProcessScope>("kvm-test-" + std::to_string(::getpid()));
    AdmitAll all{*scope};
    DriverContext context{io.get_executor(), scope, folder, folder};
    std::string arch = host_machine();
    fs::path program = folder / "qemu";
    KvmProbe probe;

    void SetUp() override {
        if (!make_probe_guest(arch)) GTEST_SKIP() << "no probe guest for " << arch;
        probe.device = folder / "kvm";
        std::ofstream{probe.device};
        probe.patience = 60s;
    }

    /// `with_kvm`, `with_tcg`: shell commands; then the program ends as one whose guest ran.
    void write_program(const std::string& with_kvm, const std::string& with_tcg = ":") {
        std::ofstream{program} << "#!/bin/sh\necho $2 >> $0.tries\ncase $2 in kvm) " << with_kvm << " ;; tcg) "
                               << with_tcg << " ;; esac\nexit " << make_probe_guest(arch)->success << "\n";
        fs::permissions(program, fs::perms::owner_all);
    }
    std::string tries() const {
        std::ifstream file{program.string() + ".tries"};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    bool works() { return run(io, kvm_works(program, arch, context, probe)); }
};

constexpr auto hang = "exec sleep 1000";

TEST_F(KvmProbeTest, TheTinyGuestsRun) {
    for (const std::string each : {"x86_64", "aarch64"}) {
        const auto qemu = find_program("qemu-system-" + each);
        if (!qemu) {
            printf("no qemu-system-%s on this machine\n", each.c_str());
            continue;
        }
        EXPECT_TRUE(run(io, probe_guest_runs(*qemu, each, "tcg", 120s))) << each;
        EXPECT_FALSE(run(io, probe_guest_runs(*qemu, each, "no-such-accelerator", 120s))) << each;
    }
    EXPECT_TRUE(scope->members().empty());
}

TEST_F(KvmProbeTest, AMachineThatRunsGuestsIsAskedOnce) {
    write_program(":");
    EXPECT_TRUE(works());
    EXPECT_TRUE(works());
    EXPECT_EQ(tries(), "kvm\n");
}

TEST_F(KvmProbeTest, AnotherProgramOrAnotherDeviceIsAskedAgain) {
    write_program(":");
    EXPECT_TRUE(works());
    fs::rename(program, folder / "qemu.old");
    write_program("exit 1");
    EXPECT_FALSE(works());
    EXPECT_EQ(tries(), "kvm\nkvm\ntcg\n");
    fs::remove(probe.device);
    EXPECT_FALSE(works());
    EXPECT_EQ(tries(), "kvm\nkvm\ntcg\n");  // without a device there is nothing to try
}

TEST_F(KvmProbeTest, AGuestThatHangsIsStoppedAndTheVerdictRemembered) {
    write_program(hang);
    probe.patience = 500ms;
    EXPECT_FALSE(works());
    const auto tried = tries();
    EXPECT_TRUE(scope->members().empty());
    EXPECT_FALSE(works());
    EXPECT_EQ(tries(), tried);
}

TEST_F(KvmProbeTest, AMachineTooBusyToTellIsNotCondemned) {
    write_program(hang, hang);
    probe.patience = 300ms;
    EXPECT_FALSE(works());
    const auto tried = tries();
    EXPECT_FALSE(works());  // within the minute: no further try
    EXPECT_EQ(tries(), tried);
    // The minute is over.
    std::ifstream file{folder / "kvm-verdict"};
    std::string line;
    ASSERT_TRUE(std::getline(file, line));
    const auto key = line.substr(0, line.find('\t'));
    EXPECT_NE(line.find("\tunclear "), std::string::npos) << line;
    StateFile{folder, "kvm-verdict"}.put(key, "unclear 1000000000");
    EXPECT_FALSE(works());
    EXPECT_GT(tries().size(), tried.size());
    EXPECT_TRUE(scope->members().empty());
}

TEST_F(KvmProbeTest, ACancelledTryLeavesNoProcessAndNoVerdict) {
    write_program(hang);
    EXPECT_THROW(run(io, with_deadline(Deadline::in(300ms), "lease", kvm_works(program, arch, context, probe))),
                 TimedOut);
    EXPECT_TRUE(scope->members().empty());
    EXPECT_FALSE(fs::exists(folder / "kvm-verdict"));
}

TEST_F(KvmProbeTest, OfManyAtOnceOneTriesAndTheOthersWait) {
    write_program("read word < $0.gate");
    ASSERT_EQ(::mkfifo((program.string() + ".gate").c_str(), 0600), 0);
    std::vector<pid_t> children;
    for (int i = 0; i < 6; ++i) {
        const auto child = ::fork();
        if (child == 0) {
            asio::io_context own;
            DriverContext theirs = context;
            theirs.executor = own.get_executor();
            ::_exit(run(own, kvm_works(program, arch, theirs, probe)) ? 0 : 1);
        }
        children.push_back(child);
    }
    std::ofstream{program.string() + ".gate"} << "go\n";  // opens once somebody tries
    for (const auto child : children) {
        int status = -1;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    }
    EXPECT_EQ(tries(), "kvm\n");
}

TEST_F(KvmProbeTest, ForeignArchitecturesAreNotTried) {
    write_program(":");
    EXPECT_FALSE(run(io, kvm_works(program, arch == "aarch64" ? "x86_64" : "aarch64", context, probe)));
    EXPECT_EQ(tries(), "");
}

TEST_F(KvmProbeTest, TheVerdictOnThisMachineIsFoundAndKept) {
    const auto qemu = find_program("qemu-system-" + arch);
    const KvmProbe real;
    if (!qemu || ::access(real.device.c_str(), R_OK | W_OK) != 0) GTEST_SKIP() << "no QEMU or no /dev/kvm here";
    const bool verdict = run(io, kvm_works(*qemu, arch, context));
    EXPECT_TRUE(fs::exists(folder / "kvm-verdict"));
    EXPECT_EQ(run(io, kvm_works(*qemu, arch, context)), verdict);
    EXPECT_TRUE(scope->members().empty());
}

}  // namespace
}  // namespace patchbay
