// SPDX-License-Identifier: Apache-2.0
// boot: {method: kexec, deploy: true}: the running system fetches the next kernel over HTTP, by a real program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/whole_file.hpp"
#include "tests/jobs/actions/loader_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct KexecDeploy : ::testing::Test {
    SimJob job{SimJob::Time::real};

    KexecDeploy() {
        job.description = loader_device("      minimal:\n", "");
        job.settings.dispatcher_ip = "127.0.0.1";
        job.board->takes_images = false;
        job.board->prompt = shell_prompt;
        job.board->boot = {say("[    0.0] Linux version 6.1\r\n"), say_prompt()};
        job.board->answers = {{"-e", "kexec_core: Starting new kernel\r\n[    0.0] Linux version 6.2\r\n"}};
        // wget: what is fetched goes to the folder of the job's files, under its own name.
        job.board->answer_command = [this](const std::string& line) -> std::vector<std::string> {
            const auto url = line.find("http://"), to = line.find(" -O "), end = line.find(';');
            if (!line.starts_with("wget ") || url == std::string::npos) return {};
            const auto name = line.substr(line.rfind('/', end) + 1, end - line.rfind('/', end) - 1);
            return {"/bin/sh", "-c",
                    "curl -sS --noproxy '*' -o '" + (job.folder / name).string() + "' '" + line.substr(url, to - url) +
                        "'"};
        };
        job.prepare = [this](JobContext& context) {
            for (const auto* key : {"kernel", "ramdisk"}) {
                const auto file = job.folder / (std::string{key} + ".next");
                std::ofstream{file} << "the next " << key;
                context.state("common").boot.files[key] = file;
            }
        };
        define("    kernel: /tmp/image\n    initrd: /tmp/rd.cpio\n");
    }
    void define(const std::string& extra) {
        const std::string both = "    prompts: ['root@board01:']\n    timeout: {seconds: 60}\n";
        job.definition = job_text(
            "- boot:\n    method: minimal\n" + both +
            "- boot:\n    method: kexec\n    deploy: true\n    boot_message: Starting new kernel\n" + both + extra);
    }
};

TEST_F(KexecDeploy, TheRunningSystemFetchesWhatItStarts) {
    EXPECT_EQ(job.run().error_msg, "");
    EXPECT_EQ(read_whole_file(job.folder / "image"), "the next kernel");
    EXPECT_EQ(read_whole_file(job.folder / "rd.cpio"), "the next ramdisk");
    EXPECT_THAT(job.board->typed, HasSubstr("/sbin/kexec --load /tmp/image --initrd /tmp/rd.cpio\n/sbin/kexec -e\n"));
    EXPECT_FALSE(job.board->powered);
}

TEST_F(KexecDeploy, WithoutAFileOfADeployIsTheJobsError) {
    define("    kernel: /tmp/image\n    dtb: /tmp/b.dtb\n");
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, StartsWith("kexec: no deploy of namespace 'common' has fetched a 'dtb'"));
    EXPECT_EQ(job.board->typed.find("wget"), std::string::npos);
}

TEST_F(KexecDeploy, AKernelThatIsNotFetchedIsNotStarted) {
    job.board->answer_command = [](const std::string& line) -> std::vector<std::string> {
        if (!line.starts_with("wget ")) return {};
        return {"/bin/sh", "-c", "echo wget: not found; exit 127"};
    };
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("failed on the target with return code 127; the console shows"));
    EXPECT_EQ(job.board->typed.find("--load"), std::string::npos);
    EXPECT_FALSE(job.board->powered);
}

}  // namespace
}  // namespace patchbay::testing
