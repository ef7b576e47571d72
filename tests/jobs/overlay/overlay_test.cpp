// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/overlay.hpp"

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "tests/jobs/overlay/scratch.hpp"

namespace patchbay {
namespace {

class OverlayTest : public ScratchTest {
protected:
    OverlaySettings settings() const {
        OverlaySettings s;
        s.job_id = "42";
        s.results_dir = "/lava-42";
        s.distro = "oe";
        s.directory = root / "lava-overlay-x";
        s.metadata = {{"LAVA_JOB_ID", "42"}, {"LAVA_DISPATCHER_IP", "192.0.2.2"}};
        return s;
    }
    Overlay make(OverlaySettings s) {
        return Overlay{std::move(s), [this](LogLevel, const std::string& line) { log.push_back(line); }};
    }
    static TestDefinitionSource source(const std::string& yaml) {
        return read_test_definition_source(config::parse_yaml(yaml));
    }
    bool logged(const std::string& line) const { return std::find(log.begin(), log.end(), line) != log.end(); }

    std::vector<std::string> log;
};

constexpr auto inline_smoke =
    "{from: inline, name: smoke, path: inline/smoke.yaml, parameters: {A: b}, repository: {metadata: {name: "
    "smoke-test, "
    "os: [oe]}, install: {deps: [x]}, run: {steps: [echo a]}}}";

TEST_F(OverlayTest, HoldsTheHelpersAndTheEnvironment) {
    auto s = settings();
    s.shell = "/bin/bash";
    s.device_environment = {{"BOARD", "imx8"}};
    s.static_info = {config::Map{{"probe_ip", "10.0.0.9"}},
                     config::Map{{"probe_ip", "10.0.0.8"}, {"probe_channel", 2}}};
    s.storage_info = {config::Map{{"UMS", "/dev/sda"}}, config::Map{{"SATA", "/dev/sdb"}}};
    s.target_interface = {{"ip", "10.0.0.7"}};
    s.job_environment = {{"MODE", "two words"}};
    const auto overlay = make(std::move(s));
    const auto& tree = overlay.tree();
    for (const auto* folder : {"lava-42/bin", "lava-42/tests", "lava-42/results"}) {
        ASSERT_NE(tree.find(folder), nullptr);
        EXPECT_EQ(tree.find(folder)->kind, OverlayTree::Kind::directory);
    }
    EXPECT_TRUE(tree.read("lava-42/bin/lava-test-case").starts_with("#!/bin/bash\n\n"));
    EXPECT_EQ(tree.find("lava-42/bin/lava-test-case")->mode, 0755u);
    EXPECT_NE(tree.read("lava-42/bin/lava-install-packages").find("opkg"), std::string::npos);
    EXPECT_NE(tree.read("lava-42/bin/lava-target-ip").find("LAVA_TARGET_IP=10.0.0.7\n"), std::string::npos);
    EXPECT_NE(tree.read("lava-42/bin/lava-probe-ip").find("LAVA_PROBE_IP=10.0.0.8\n"), std::string::npos);
    EXPECT_NE(tree.read("lava-42/bin/lava-target-storage").find("LAVA_STORAGE='UMS\t/dev/sda\nSATA\t/dev/sdb'\n"),
              std::string::npos);
    EXPECT_EQ(tree.read("lava-42/environment"),
              "export BOARD=imx8\n"
              "export LAVA_STATIC_INFO_0_probe_ip=10.0.0.9\nexport LAVA_STATIC_INFO_1_probe_ip=10.0.0.8\n"
              "export LAVA_STATIC_INFO_1_probe_channel=2\n"
              "export LAVA_STORAGE_INFO_0_UMS=/dev/sda\nexport LAVA_STORAGE_INFO_1_SATA=/dev/sdb\n"
              "export MODE='two words'\n"
              "export LAVA_JOB_ID=42\nexport LAVA_DISPATCHER_IP=192.0.2.2\n");
    EXPECT_EQ(tree.find("lava-42/secrets"), nullptr);
}

TEST_F(OverlayTest, LogsWhatLavaLogs) {
    make(settings());
    const auto folder = (root / "lava-overlay-x").string();
    EXPECT_EQ(log.front(), "makedir: " + folder + "/lava-42/bin");
    EXPECT_TRUE(logged("Creating " + folder + "/lava-42/bin/lava-test-case"));
    EXPECT_TRUE(logged("Updating " + folder + "/lava-42/bin/lava-install-packages (oe)"));
    EXPECT_EQ(log.back(), "- LAVA_DISPATCHER_IP=192.0.2.2");
}

TEST_F(OverlayTest, KeepsSecretsInTheirFile) {
    auto s = settings();
    s.secrets = {{"TOKEN", "s3cret"}};
    const auto overlay = make(std::move(s));
    EXPECT_EQ(overlay.tree().read("lava-42/secrets"), "TOKEN=s3cret\n");
    for (const auto& line : log) EXPECT_EQ(line.find("s3cret"), std::string::npos);
}

TEST_F(OverlayTest, HoldsAnInlineDefinition) {
    auto overlay = make(settings());
    auto& definition = overlay.add_definition(source(inline_smoke), 0, "42_1.1.3.1");
    overlay.load(definition, go);
    overlay.write_definition(definition);
    EXPECT_TRUE(overlay.write_install(definition));
    overlay.write_run(definition);
    overlay.write_runner_conf();
    const auto& tree = overlay.tree();
    const std::string at = "lava-42/0/tests/0_smoke/";
    EXPECT_EQ(definition.id, "0_smoke");
    EXPECT_EQ(tree.read(at + "uuid"), "42_1.1.3.1");
    EXPECT_NE(tree.read(at + "inline/smoke.yaml").find("echo a"), std::string::npos);
    EXPECT_EQ(tree.read(at + "testdef_metadata"),
              "os:\n- oe\ndevices: ''\nenvironment: ''\nbranch_vcs: inline\nproject_name: smoke-test\n");
    EXPECT_TRUE(tree.read(at + "run.sh").starts_with("#!/bin/sh\n\n# parameters"));
    EXPECT_EQ(tree.find(at + "run.sh")->mode, 0755u);
    EXPECT_NE(tree.read(at + "install.sh").find("lava-install-packages x \n"), std::string::npos);
    EXPECT_EQ(tree.read("lava-42/0/lava-test-runner.conf"), "/lava-42/0/tests/0_smoke\n");
    EXPECT_TRUE(logged("A='b'"));
}

TEST_F(OverlayTest, NumbersDefinitionsOverAllStages) {
    auto overlay = make(settings());
    for (int stage : {0, 0, 1}) {
        auto& d = overlay.add_definition(source(inline_smoke), stage, "u");
        overlay.load(d, go);
        overlay.write_run(d);
    }
    overlay.write_runner_conf();
    EXPECT_EQ(overlay.tree().read("lava-42/0/lava-test-runner.conf"),
              "/lava-42/0/tests/0_smoke\n/lava-42/0/tests/1_smoke\n");
    EXPECT_EQ(overlay.tree().read("lava-42/1/lava-test-runner.conf"), "/lava-42/1/tests/2_smoke\n");
    EXPECT_NE(overlay.tree().find("lava-42/0/results/1_smoke"), nullptr);
    EXPECT_NE(overlay.tree().find("lava-42/1/results/2_smoke"), nullptr);
}

TEST_F(OverlayTest, TakesARepositoryFromThisHost) {
    auto overlay = make(settings());
    auto& definition = overlay.add_definition(
        source("{from: git, repository: http://x/y, path: defs/t.yaml, name: g, expected: [job]}"), 0, "u");
    const auto folder = std::filesystem::relative(overlay.host_directory(definition), root).string();
    write(folder + "/defs/real.yaml", "run: {steps: [echo g]}\nexpected: [own]\n");
    std::filesystem::create_symlink("real.yaml", root / folder / "defs/t.yaml");
    write(folder + "/data", "bytes");
    definition.commit_id = "abc";
    overlay.load(definition, go);
    overlay.write_definition(definition);
    EXPECT_EQ(definition.definition.run_steps, std::vector<std::string>{"echo g"});
    EXPECT_EQ(definition.definition.expected, std::vector<std::string>{"job"});
    EXPECT_EQ(overlay.tree().read("lava-42/0/tests/0_g/data"), "bytes");
    EXPECT_NE(overlay.tree().read("lava-42/0/tests/0_g/testdef_metadata").find("commit_id: abc"), std::string::npos);
    EXPECT_FALSE(overlay.write_install(definition));
}

TEST_F(OverlayTest, ReadsNoDefinitionOutsideItsRepository) {
    auto overlay = make(settings());
    write("outside.yaml", "run: {steps: []}");
    for (const auto* path : {"../../../../../outside.yaml", "link.yaml", "missing.yaml", "."}) {
        auto& definition = overlay.add_definition(
            source("{from: git, repository: http://x/y, name: g, path: " + std::string{path} + "}"), 0, "u");
        std::filesystem::create_directories(overlay.host_directory(definition));
        std::filesystem::create_symlink(root / "outside.yaml", overlay.host_directory(definition) / "link.yaml");
        try {
            overlay.load(definition, go);
            ADD_FAILURE() << path;
        } catch (const JobError& error) {
            EXPECT_TRUE(
                std::string{error.what()}.starts_with("Unable to open test definition '" + std::string{path} + "': "))
                << error.what();
        }
    }
}

TEST_F(OverlayTest, NamesTheRepositoriesOfADefinition) {
    auto overlay = make(settings());
    const auto repos_of = [&](const std::string& list) {
        auto& definition = overlay.add_definition(
            source(
                "{from: inline, name: r, path: r.yaml, parameters: {BRANCH: dev}, repository: {install: {git-repos: [" +
                list + "]}}}"),
            0, "u");
        overlay.load(definition, go);
        return overlay.git_repos(definition);
    };
    const auto repos = repos_of("'http://x/tools.git', {url: http://x/y, branch: BRANCH, destination: why}");
    ASSERT_EQ(repos.size(), 2u);
    EXPECT_EQ(repos[0].destination, "tools");
    EXPECT_EQ(repos[1].branch, "dev");
    EXPECT_EQ(repos[1].destination, "why");
    for (const auto* bad : {"{url: http://x/y, destination: ../up}", "{url: http://x/y, destination: a/b}",
                            "{url: http://x/..}", "{branch: main}"}) {
        EXPECT_THROW(repos_of(bad), JobError) << bad;
    }
}

TEST_F(OverlayTest, WhatItMakesRunsOnATarget) {
    auto overlay = make(settings());
    auto& definition = overlay.add_definition(
        source("{from: inline, name: smoke, path: s.yaml, parameters: {WORD: hello}, repository: {run: {steps: ["
               "lava-test-case a --result pass, 'lava-test-case b --shell test $WORD = hello']}}}"),
        0, "42_1.1.3.1");
    definition.directory = (root / "out/lava-42/0/tests/0_smoke").string();
    overlay.load(definition, go);
    overlay.write_definition(definition);
    overlay.write_run(definition);
    overlay.write_runner_conf();
    write_folder(overlay.tree().below(root.string().substr(1) + "/out"), root / "out", go);
    write_folder(overlay.tree().below("lava-42"), root / "out/lava-42", go);
    write("out/lava-42/0/lava-test-runner.conf", definition.directory + "\n");
    // By their whole paths, as on a target: the runner puts its own folder in front of PATH. Its trace goes elsewhere.
    const auto lava = (root / "out/lava-42").string();
    const auto said =
        tool("SHELL=/bin/sh " + lava + "/bin/lava-test-runner " + lava + "/0 2>/dev/null | grep '^<LAVA_'");
    EXPECT_EQ(said,
              "<LAVA_SIGNAL_STARTRUN 0_smoke 42_1.1.3.1>\n"
              "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>\n"
              "<LAVA_SIGNAL_STARTTC b>\n<LAVA_SIGNAL_ENDTC b>\n<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=b RESULT=pass>\n"
              "<LAVA_SIGNAL_ENDRUN 0_smoke 42_1.1.3.1>\n<LAVA_TEST_RUNNER EXIT>\n");
}

}  // namespace
}  // namespace patchbay
