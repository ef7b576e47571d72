// SPDX-License-Identifier: Apache-2.0
// Roots that boards mount over NFS: unpacked for a job, or kept by the lab.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "core/process/capabilities.hpp"
#include "tests/jobs/actions/tftp_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct NfsRoot : Tftp {};

constexpr auto nfsrootfs = "    nfsrootfs: {url: 'file://@FOLDER@/root.tar.xz', compression: xz}\n";

/// A system whose /lib is a link, and some of whose files need more than plain copying.
constexpr auto make_root =
    "mkdir -p r/usr/lib r/bin r/dev r/home && ln -s usr/lib r/lib && ln -s /home r/lava-42 && echo sh > r/bin/su && "
    "chmod 4755 r/bin/su && echo x > r/home/file && chmod 750 r/home && ";

TEST_F(NfsRoot, UnpacksTheRootThatTheBoardMounts) {
    job.tool(std::string{make_root} + "tar -C r --owner=1000 --group=1001 --numeric-owner -cJf root.tar.xz .");
    expect_deployed(
        run(std::string{kernel} + nfsrootfs + modules,
            "cd $N; cat usr/lib/modules/6.1/modules.dep; readlink lib; test -x home/bin/lava-test-runner && "
            "echo runner; stat -c '%a %u %g' bin/su; stat -c %U home/bin/lava-test-runner; stat -c %a ..",
            test));
    const auto common = std::string{"dep\nusr/lib\nrunner\n"};
    if (::geteuid() == 0) {
        EXPECT_EQ(seen(), common + "4755 1000 1001\nroot\n700\n");
        EXPECT_THAT(job.sink.texts("warning"), IsEmpty());
    } else {
        EXPECT_THAT(seen(), StartsWith(common + "755 "));
        EXPECT_THAT(job.sink.texts("warning"), Contains(HasSubstr("lost are ")));
    }
}

TEST_F(NfsRoot, KeepsDevicesAndAttributesOfTheRoot) {
    if (!has_capabilities({CAP_MKNOD, CAP_SETFCAP})) GTEST_SKIP() << "this needs root";
    job.tool(std::string{make_root} +
             "mkfifo r/dev/pipe; mknod r/dev/null c 1 3; setfattr -n user.note -v 1 r/home/file; "
             "tar -C r --xattrs --xattrs-include='*' -cJf root.tar.xz .");
    if (!job.tool("test -c r/dev/null || echo no").empty()) GTEST_SKIP() << "no device can be made here";
    run(std::string{kernel} + nfsrootfs,
        "cd $N; stat -c '%F %t %T' dev/null; stat -c %F dev/pipe; getfattr -n user.note --only-values home/file");
    EXPECT_THAT(seen(), StartsWith("character special file 1 3\nfifo\n"));
}

TEST_F(NfsRoot, ShowsOnlyThePrefixOfTheRoot) {
    job.tool("mkdir -p r/debian/etc && tar -C r -cJf root.tar.xz .");
    expect_deployed(run(
        std::string{kernel} + "    nfsrootfs: {url: 'file://@FOLDER@/root.tar.xz', compression: xz, prefix: debian/}\n",
        "ls $N/debian", test));
    EXPECT_EQ(seen(), "etc\nlava-42\n");
}

TEST_F(NfsRoot, RefusesAPrefixThatLeadsOutOfTheRoot) {
    job.tool("mkdir outside r && ln -s ../../../../outside r/debian && tar -C r -cJf root.tar.xz .");
    const auto outcome = run(
        std::string{kernel} + "    nfsrootfs: {url: 'file://@FOLDER@/root.tar.xz', compression: xz, prefix: debian/}\n",
        "true", test);
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("is a symbolic link that leads out of the archive"));
    EXPECT_THAT(job.tool("ls outside"), IsEmpty());
}

TEST_F(NfsRoot, FollowsAPrefixInsideTheRoot) {
    job.tool("mkdir -p r/v1/etc && ln -s v1 r/debian && tar -C r -cJf root.tar.xz .");
    expect_deployed(run(
        std::string{kernel} + "    nfsrootfs: {url: 'file://@FOLDER@/root.tar.xz', compression: xz, prefix: debian/}\n",
        "ls $N/v1", test));
    EXPECT_EQ(seen(), "etc\nlava-42\n");
}

TEST_F(NfsRoot, DoesNotPutAnOverlayIntoARootThatShallStayAsItIs) {
    job.tool("mkdir -p r/etc && tar -C r -cJf root.tar.xz .");
    expect_deployed(run(std::string{kernel} + ramdisk +
                            "    nfsrootfs: {url: 'file://@FOLDER@/root.tar.xz', compression: xz, install_overlay: "
                            "false, install_modules: false}\n" +
                            modules,
                        "ls $N; python3 walk.py $T/ramdisk/ramdisk.cpio.gz | grep -c lava-42; python3 walk.py "
                        "$T/ramdisk/ramdisk.cpio.gz | grep -c modules.dep",
                        test));
    EXPECT_EQ(seen(), "etc\n0\n1\n");
}

TEST_F(NfsRoot, RefusesARootThatLeadsOutOfItself) {
    job.tool(
        "mkdir r && ln -s /tmp r/x && tar -C r -cf root.tar . && mkdir -p s/x && echo bad > s/x/evil && "
        "tar -C s -rf root.tar x/evil && xz root.tar");
    const auto outcome = run(std::string{kernel} + nfsrootfs);
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("x/evil"));
    EXPECT_FALSE(std::filesystem::exists("/tmp/evil"));
}

TEST_F(NfsRoot, KnowsOneRootOnly) {
    const auto outcome = run(std::string{kernel} + nfsrootfs + "    persistent_nfs: {address: 'h:/x'}\n");
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("exclude one another"));
}

TEST_F(NfsRoot, RefusesAnAddressOfPersistentNfsThatIsNone) {
    for (const std::string address : {"/x", "host", "-o x:/y", ":/x"}) {
        SimJob other;
        other.description.deploy_methods.set("tftp", config::Value{});
        other.settings.tftp_ip = "192.0.2.1";
        other.definition = job_text(
            "- deploy: {to: tftp, kernel: {url: 'file://@FOLDER@/kernel'}, persistent_nfs: "
            "{address: '" +
            address + "'}}\n");
        EXPECT_THAT(other.run().error_msg, HasSubstr("Invalid address '" + address + "' of persistent_nfs"));
    }
    EXPECT_TRUE(run(kernel).passed());
}

/// `mount` and `umount` are scripts that tell how they were called.
struct PersistentNfs : Tftp {
    std::string path = std::getenv("PATH");
    PersistentNfs() {
        job.tool(
            "mkdir bin state; for p in mount umount; do printf '#!/bin/sh\\necho $0 $* >> %s/calls\\n' \"$PWD\" > "
            "bin/$p; done; "
            "chmod 755 bin/*");
        ::setenv("PATH", ((job.folder / "bin").string() + ":" + path).c_str(), 1);
        job.settings.state_dir = job.folder / "state";
    }
    ~PersistentNfs() override { ::setenv("PATH", path.c_str(), 1); }
    JobOutcome run_with(const std::string& server) {
        return run(std::string{kernel} + "    persistent_nfs: {address: '" + server + ":/srv/root'}\n", "true", test);
    }
};

TEST_F(PersistentNfs, IsMountedSoThatNothingOfItIsTrustedOrWaitedForForEver) {
    if (::geteuid() != 0 || !has_capabilities({CAP_SYS_ADMIN})) GTEST_SKIP() << "this needs root";
    expect_deployed(run_with("10.1.2.3"));
    EXPECT_THAT(job.tool("cat calls"),
                HasSubstr("/mount -t nfs -o nolock,soft,timeo=50,retrans=2,nosuid,nodev,noexec 10.1.2.3:/srv/root "));
}

TEST_F(PersistentNfs, OfAServerThatJobsMayNotReachIsRefusedBeforeAnythingRuns) {
    for (const auto* server : {"127.0.0.1", "[::1]", "169.254.169.254"}) {
        SimJob other;
        other.description = job.description;
        other.settings.tftp_ip = "192.0.2.1";
        other.definition = job_text(
            "- deploy: {to: tftp, os: oe, kernel: {url: 'file://@FOLDER@/kernel'}, persistent_nfs: "
            "{address: '" +
            std::string{server} + ":/x'}}\n" + test);
        EXPECT_THAT(other.run().error_msg, HasSubstr("may not be reached: ")) << server;
    }
    EXPECT_TRUE(run(kernel).passed());
    EXPECT_THAT(job.tool("cat calls"), HasSubstr("No such file"));
}

}  // namespace
}  // namespace patchbay::testing
