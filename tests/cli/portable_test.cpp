// SPDX-License-Identifier: Apache-2.0
// patchbay lower, compare, and portable jobs where others are taken.
#include "cli/portable.hpp"

#include <gmock/gmock.h>

#include "tests/cli/commands_fixture.hpp"

namespace patchbay::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto portable_job = R"(
portable: 1
name: smoke
artifacts: {arm64: {kernel: 'http://files.example.org/Image', ramdisk: 'http://files.example.org/root.cpio.gz'}}
tests: [{name: smoke, from: git, repository: 'https://example.org/t.git', path: smoke.yaml}]
)";

class PortableTest : public CommandsTest {
protected:
    std::string write(const char* name, const std::string& text) const {
        std::ofstream{folder_ / name} << text;
        return file(name);
    }
};

TEST_F(PortableTest, IsLoweredByARecipeWithoutAServer) {
    environment_["PATCHBAY_SERVER"] = unreachable_url();
    const auto job = write("portable.yaml", portable_job);
    const auto recipe =
        write("recipe.yaml", "{architecture: arm64, method: u-boot, kernel_type: image, root: [ramdisk]}\n");
    EXPECT_EQ(patchbay({"lower", job, "--recipe", recipe, "--on", "my-board"}), 0) << err();
    EXPECT_THAT(out(), HasSubstr("device_type: my-board\n"));
    EXPECT_THAT(out(), HasSubstr("type: image\n"));
    EXPECT_EQ(patchbay({"lower", job, "--recipe", write("bad.yaml", "{method: 1}\n")}), 1);
    EXPECT_THAT(err(), HasSubstr("architecture: is missing"));
    EXPECT_EQ(patchbay({"lower", file("job.yaml"), "--recipe", recipe}), 1);
    EXPECT_THAT(err(), HasSubstr("no portable job"));
}

constexpr auto pull_lab_job = R"({"artifacts": {"kernel": "http://files.example.org/Image",
  "ramdisk": "http://files.example.org/root.cpio.gz"}, "tests": [{"id": "up", "type": "boot"}],
  "environment": {"platform": "my-board", "arch": "arm64"}, "priority": 7})";

TEST_F(PortableTest, OfKernelCiIsTakenLikeAny) {
    environment_["PATCHBAY_SERVER"] = unreachable_url();
    const auto job = write("job.json", pull_lab_job);
    EXPECT_EQ(patchbay({"validate", job}), 0) << out();
    EXPECT_EQ(out(), job + ": Pull-lab job valid.\n" + job + ": job:3:61: priority: is not used here\n");
    EXPECT_EQ(patchbay({"--json", "validate", job}), 0);
    EXPECT_THAT(out(), HasSubstr(R"("unused":["job:3:61: priority: is not used here"])"));
    const auto recipe = write("recipe.yaml", "{architecture: arm64, method: u-boot, root: [ramdisk]}\n");
    EXPECT_EQ(patchbay({"lower", job, "--recipe", recipe, "--on", "my-board"}), 0) << err();
    EXPECT_THAT(out(), HasSubstr("job_name: up on my-board\n"));
    EXPECT_EQ(err(), "patchbay: " + job + ":3:61: priority: is not used here\n");
    std::string bad{pull_lab_job};
    bad.replace(bad.find("\"boot\""), 6, "\"perf\"");
    EXPECT_EQ(patchbay({"validate", write("bad.json", bad)}), 2);
    EXPECT_THAT(out(), HasSubstr("Pull-lab job invalid: job:2:87: tests[0].type: 'perf' is not known here"));
}

TEST_F(PortableTest, IsLoweredByTheServer) {
    portable_ = R"({"results":[{"device_type":"a","definition":"x: 1\n"},{"device_type":"b","definition":"y: 2\n"}],)"
                R"("unused":["job:3:1: priority: is not used here"]})";
    EXPECT_EQ(patchbay({"lower", write("portable.yaml", portable_job)}), 0) << err();
    EXPECT_EQ(out(), "# a\nx: 1\n---\n# b\ny: 2\n");
    EXPECT_EQ(err(), "patchbay: job:3:1: priority: is not used here\n");
    EXPECT_EQ(server_.requests().back().path, "/api/v0.2/portable_jobs/lower/");
    EXPECT_THAT(server_.requests().back().body, Not(HasSubstr("\"on\"")));
}

TEST_F(PortableTest, RunsHereOnAMachineThatIsNamed) {
    const auto lowered = lower_here(portable_job, "job.yaml", "qemu-arm64", "");
    ASSERT_TRUE(lowered);
    EXPECT_THAT(lowered->definition, HasSubstr("arch: arm64\n"));
    EXPECT_EQ(lowered->device_type, "qemu-arm64");
    EXPECT_FALSE(lower_here("job_name: x\n", "job.yaml", "", ""));
    EXPECT_THROW(lower_here(portable_job, "job.yaml", "", ""), UserError) << "it does not say where";
    EXPECT_THROW(lower_here(portable_job, "job.yaml", "my-board", ""), UserError);
    EXPECT_THROW(lower_here(portable_job, "job.yaml", "qemu-x86_64", ""), UserError) << "it has nothing for that";
}

constexpr auto two_jobs = R"({"id":3,"name":"smoke","jobs":[
    {"job":"7","device_type":"vm","state":"finished","health":"complete","earlier":[]},
    {"job":"8","device_type":"board","state":"running","health":"unknown","earlier":[]}],"tests":[
    {"test":"smoke/a","equal":true,"results":[{"result":"pass","mark":"expected"},{"result":"pass","mark":"expected"}]},
    {"test":"smoke/b","equal":false,"results":[{"result":"fail","mark":"regressed"},{"result":null}]}]})";

TEST_F(PortableTest, HasItsResultsSideBySide) {
    portable_ = two_jobs;
    EXPECT_EQ(patchbay({"compare", "portable:3"}), 0) << err();
    EXPECT_EQ(out(),
              "TEST     vm              board\n"
              "job      7               8\n"
              "health   complete        running\n"
              "smoke/a  pass            pass\n"
              "smoke/b  fail regressed  -        differs\n");
    EXPECT_EQ(patchbay({"compare", "portable:3", "--exit-code"}), 1);
    EXPECT_THAT(err(), HasSubstr("job 8 is not finished"));
    portable_.replace(portable_.find("running"), 7, "finished");
    portable_.replace(portable_.find("unknown"), 7, "complete");
    EXPECT_EQ(patchbay({"compare", "portable:3", "--exit-code"}), 4);
    EXPECT_EQ(patchbay({"compare", "portable:x"}), 1);
    EXPECT_THAT(err(), HasSubstr("'portable:x' is no portable job"));
}

TEST_F(PortableTest, IsFoundFromAnyOfItsJobs) {
    portable_ = two_jobs;
    EXPECT_EQ(patchbay({"compare", "42"}), 1);
    EXPECT_THAT(err(), HasSubstr("job 42 is no part of a portable job"));
    EXPECT_EQ(patchbay({"show", "42"}), 0);
    EXPECT_THAT(out(), Not(HasSubstr("portable")));
    job_more_ = R"(,"portable_job":3)";
    EXPECT_EQ(patchbay({"compare", "42"}), 0) << err();
    EXPECT_THAT(out(), HasSubstr("smoke/b  fail regressed"));
    EXPECT_EQ(server_.requests().back().path, "/api/v0.2/portable_jobs/3/");
    EXPECT_EQ(patchbay({"show", "42"}), 0);
    EXPECT_THAT(out(), HasSubstr("portable job  3; its results side by side: patchbay compare 42\n"));
}

TEST_F(PortableTest, NamesTheEarlierAttempts) {
    portable_ = two_jobs;
    portable_.replace(portable_.find("\"earlier\":[]"), 12, R"("earlier":["5","6"])");
    EXPECT_EQ(patchbay({"compare", "portable:3"}), 0) << err();
    EXPECT_THAT(out(), HasSubstr("job      7               8\n"
                                 "earlier  5, 6\n"
                                 "health   complete "));
    resubmitted_ = R"({"job_ids":[9],"portable_job":3})";
    EXPECT_EQ(patchbay({"resubmit", "7"}), 0);
    EXPECT_THAT(err(), HasSubstr("patchbay compare portable:3"));
}

TEST_F(PortableTest, SaysWhereItsResultsAre) {
    submitted_ = R"({"message":"job(s) successfully submitted","job_ids":[42],"portable_job":3})";
    EXPECT_EQ(patchbay({"submit", write("portable.yaml", portable_job)}), 0);
    EXPECT_THAT(err(), HasSubstr("patchbay compare portable:3"));
    EXPECT_THAT(out(), HasSubstr("42 "));
}

TEST_F(PortableTest, IsValidated) {
    EXPECT_EQ(patchbay({"validate", write("portable.yaml", portable_job)}), 0);
    EXPECT_EQ(patchbay({"validate", write("bad.yaml", "portable: 1\nname: x\n")}), 2);
    EXPECT_THAT(out(), HasSubstr("artifacts"));
}

}  // namespace
}  // namespace patchbay::cli
