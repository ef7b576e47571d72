// SPDX-License-Identifier: Apache-2.0
#pragma once
// A job with `deploy: {to: tftp}`, and what a TFTP client and an NFS server would find while it runs. A command of the
// device's looks, as nothing is left when the job is over.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "core/config/yaml.hpp"
#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {

/// Reads archives in a row as the kernel does, compressed or not: "mode uid path size" for each entry, and the text of
/// the file that is asked for.
inline constexpr auto walk_py = R"(
import sys, zlib, lzma
def entries(data):
    at = 0
    while at < len(data):
        if data[at] == 0: at += 1; continue
        if data[at:at + 2] == b'\x1f\x8b':
            d = zlib.decompressobj(31); inner = d.decompress(data[at:])
            yield from entries(inner); at = len(data) - len(d.unused_data); continue
        if data[at:at + 6] == b'\xfd7zXZ\0':
            d = lzma.LZMADecompressor(); inner = d.decompress(data[at:])
            yield from entries(inner); at = len(data) - len(d.unused_data); continue
        assert at % 4 == 0 and data[at:at + 6] == b'070701', (at, data[at:at + 6])
        field = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        name = data[at + 110:at + 109 + field[11]].decode()
        at = at + 110 + field[11] + 3 & ~3
        if name != 'TRAILER!!!': yield name, field, data[at:at + field[6]]
        at = at + field[6] + 3 & ~3
for name, field, body in entries(open(sys.argv[1], 'rb').read()):
    if len(sys.argv) > 2 and name in sys.argv[2:]: print(body.decode(), end='')
    elif len(sys.argv) == 2: print(oct(field[1])[2:], field[2], name)
)";

struct Tftp : ::testing::Test {
    SimJob job{SimJob::Time::real};
    std::string os = "oe";
    Tftp() {
        job.description.deploy_methods.set("tftp", config::Value{});
        job.description.boot_methods = {};
        job.description.boot_methods.set("u-boot", config::Value{});
        job.description.parameters.set("booti", config::parse_yaml("{kernel: '0x40080000'}"));
        job.description.deploy_parameters.set("mkimage_arch", "arm64");
        job.settings.dispatcher_ip = job.settings.tftp_ip = job.settings.nfs_ip = "192.0.2.1";
        job.settings.tftp_root = job.folder / "tftp";
        job.settings.nfs_root = job.folder / "nfs";
        std::ofstream{job.folder / "walk.py"} << walk_py;
        job.tool(
            "mkdir tftp nfs ram mod && cd ram && echo init > init && find . | cpio -o -H newc --quiet | gzip > "
            "../ram.gz");
        job.tool(
            "mkdir -p mod/lib/modules/6.1 && echo dep > mod/lib/modules/6.1/modules.dep && tar -C mod -cJf mod.tar.xz "
            ".");
    }
    ~Tftp() override {
        EXPECT_EQ(job.sink.job_results(), 1u);
        EXPECT_THAT(job.tool("find tftp nfs jobs -mindepth 1"), ::testing::IsEmpty());
        EXPECT_FALSE(job.left_running);
    }
    /// Runs the deploy, and this shell line after it, where the job's folder below the TFTP root is $T, and its NFS
    /// root is $N.
    JobOutcome run(const std::string& deploy, const std::string& look = "true", const std::string& after = "") {
        std::ofstream{job.folder / "look"} << "cd '" + job.folder.string() +
                                                  "'; exec > seen 2>&1; T=tftp/42/tftp-deploy-1; "
                                                  "N=$(echo nfs/42/*/root); " +
                                                  look + "\n";
        job.description.user_commands["look"] = {{"sh '" + (job.folder / "look").string() + "'"}, {}};
        job.definition = job_text("- deploy:\n    to: tftp\n    os: " + os + "\n    timeout: {minutes: 2}\n" + deploy +
                                  "- command: {name: look, timeout: {seconds: 60}}\n" + after);
        // As the unit of the runner has it; the TFTP server is another user.
        const auto before = ::umask(0027);
        const auto outcome = job.run();
        ::umask(before);
        return outcome;
    }
    std::string seen() const { return job.tool("cat seen"); }
    /// The job has a test, which is never run: the board does not boot.
    void expect_deployed(const JobOutcome& outcome) const {
        EXPECT_THAT(job.sink.cases(), ::testing::Not(::testing::Contains("lava/tftp-deploy fail")))
            << outcome.error_msg;
    }
};

inline constexpr auto kernel = "    kernel: {url: 'file://@FOLDER@/kernel', type: image}\n";
inline constexpr auto ramdisk = "    ramdisk: {url: 'file://@FOLDER@/ram.gz', compression: gz}\n";
inline constexpr auto modules = "    modules: {url: 'file://@FOLDER@/mod.tar.xz', compression: xz}\n";
/// A test that asks for an overlay, in a namespace whose console nobody opens: the job ends there.
inline const auto test = test_block("smoke");

}  // namespace patchbay::testing
