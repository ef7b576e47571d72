// SPDX-License-Identifier: Apache-2.0
// patchbay validate: verdicts on files, whatever is in them.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "cli/json.hpp"
#include "core/config/yaml.hpp"
#include "tests/cli/commands_fixture.hpp"

namespace patchbay::cli {
namespace {

using ::testing::HasSubstr;

class ValidateTest : public CommandsTest {
protected:
    std::string write(const char* name, const std::string& text) const {
        std::ofstream{folder_ / name} << text;
        return file(name);
    }
    /// "ok" or "<path>: <msg>" for each line of the answer in JSON.
    std::vector<std::string> verdicts(std::vector<std::string> arguments, int code) {
        arguments.insert(arguments.begin(), {"--json", "validate"});
        EXPECT_EQ(patchbay(arguments), code) << err();
        EXPECT_EQ(err(), "");
        std::vector<std::string> all;
        std::istringstream lines{out()};
        for (std::string line; std::getline(lines, line);) {
            const auto verdict = config::parse_json(line);
            const auto path = config::dump_json(*verdict.find("path"));
            const auto message = text_at(verdict, "msg");
            const bool ok = *verdict.find("ok")->as_bool();
            EXPECT_EQ(ok, message.empty()) << line;
            all.push_back(ok && path == "[]" ? "ok" : path + ": " + message);
        }
        return all;
    }
};

constexpr auto good_job = R"(
job_name: smoke
device_type: qemu
visibility: public
timeouts: {job: {minutes: 5}}
actions:
- deploy: {to: tmpfs, images: {kernel: {image_arg: '-kernel {kernel}', url: 'http://example.com/k'}}}
- boot: {method: qemu, media: tmpfs, prompts: ['# ']}
)";

TEST_F(ValidateTest, NeedsNoServer) {
    environment_["PATCHBAY_SERVER"] = unreachable_url();
    const auto verdict = [&](const std::string& text) {
        std::ofstream{folder_ / "x.yaml"} << text;
        const auto code = patchbay({"validate", file("x.yaml")});
        EXPECT_EQ(err(), "");
        return std::to_string(code) + out().substr(file("x.yaml").size());
    };
    EXPECT_EQ(verdict(good_job), "0: Job valid.\n");
    EXPECT_EQ(verdict("job_name: x\n"), "2: Job invalid: required key not provided @ data['visibility']\n");
    EXPECT_EQ(verdict("a: [b\n"),
              "2: Job invalid: line 2, column 1: while parsing a flow sequence, did not find expected ',' or ']'\n");
    EXPECT_TRUE(verdict(std::string{good_job} + "bogus: 1\n").starts_with("2: Job invalid: ")) << out();
    const std::string definition =
        "metadata: {format: Lava-Test Test Definition 1.0, name: x, description: y}\nrun: {steps: [";
    EXPECT_EQ(verdict(definition + "true]}\n").substr(0, 28), "2: Test definition invalid: ");
    EXPECT_EQ(verdict(definition + "'true']}\n"), "0: Test definition valid.\n");
}

TEST_F(ValidateTest, TheExamplesAreValid) {
    int jobs = 0;
    for (const auto& entry : std::filesystem::directory_iterator{PATCHBAY_SOURCE_DIR "/examples"}) {
        if (!entry.path().filename().string().ends_with("-job.yaml")) continue;
        ++jobs;
        EXPECT_EQ(patchbay({"validate", "--strict", entry.path()}), 0) << out();
    }
    EXPECT_GE(jobs, 2);
}

TEST_F(ValidateTest, EachOfLavasSchemasMayBeAskedAlone) {
    const auto good = write("good.yaml", good_job);
    const auto unknown = write("unknown.yaml", std::string{good_job} + "- boot: {method: zzz}\n");
    const auto unread = write("unread.yaml", std::string{good_job} + "- command: {name: x, colour: red}\n");
    const auto tags = write("tags.yaml", std::string{good_job} + "tags: [1]\n");
    const auto retired = write("retired.yaml", std::string{good_job} + "protocols: {lava-lxc: {}}\n");
    const std::vector<std::string> files{good, unknown, unread, tags, retired};
    const auto ask = [&](const char* schema) {
        auto arguments = files;
        arguments.insert(arguments.begin(), {"--schema", schema});
        return verdicts(arguments, 2);
    };
    const std::vector<std::string> gate{
        "ok", "ok", "ok", R"(["tags",0]: expected str @ data['tags'][0])",
        R"(["protocols","lava-lxc"]: extra keys not allowed @ data['protocols']['lava-lxc'])"};
    EXPECT_EQ(ask("gate"), gate);
    const std::vector<std::string> full{"ok", R"(["actions","boot","zzz"]: unknown action type)", "ok",
                                        R"(["tags",0]: expected str)", "ok"};
    EXPECT_EQ(ask("full"), full);
    const std::vector<std::string> strict{"ok", R"(["actions","boot","zzz"]: unknown action type)",
                                          R"(["actions[2]","command","colour"]: extra keys not allowed)",
                                          R"(["tags",0]: expected str)",
                                          R"(["protocols","lava-lxc"]: extra keys not allowed)"};
    EXPECT_EQ(ask("strict"), strict);
    EXPECT_EQ(patchbay({"validate", "--schema", "strict", tags}), 2);
    EXPECT_EQ(out(), tags + ": Job invalid: expected str @ ['tags', 0]\n");
    EXPECT_EQ(patchbay({"validate", "--schema", "loose", good}), 1);
    EXPECT_THAT(err(), HasSubstr("loose is not gate, full or strict"));
    EXPECT_EQ(patchbay({"validate", "--schema", "full", "--strict", good}), 1);
}

TEST_F(ValidateTest, JsonIsOneLineForEachFileWithTheSameKeys) {
    const auto good = write("good.yaml", good_job);
    const auto bad = write("bad.yaml", std::string{good_job} + "tags: [1]\n");
    EXPECT_EQ(patchbay({"--json", "validate", "--schema", "full", good, bad}), 2);
    EXPECT_EQ(out(), R"({"file":")" + good + R"(","ok":true,"path":[],"msg":"","unused":[]})" + "\n" + R"({"file":")" +
                         bad + R"(","ok":false,"path":["tags",0],"msg":"expected str","unused":[]})" + "\n");
    EXPECT_EQ(patchbay({"--json", "validate", good, bad}), 2);
    EXPECT_THAT(out(), HasSubstr(R"("path":["tags",0],"msg":"expected str @ data['tags'][0]","unused":[]})"));
}

std::string alias_bomb() {
    std::string bomb = "a0: &a0 [x]\n";
    for (int i = 1; i < 12; ++i) {
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int k = 0; k < 9; ++k) bomb += "*a" + std::to_string(i - 1) + ",";
        bomb += "]\n";
    }
    return bomb;
}

TEST_F(ValidateTest, NoContentStopsTheRun) {
    std::string junk;
    for (int i = 0; i < 4096; ++i) junk += static_cast<char>(i * 131 >> 3);
    const std::vector<std::string> files{
        write("bomb.yaml", alias_bomb()),
        write("deep.yaml", std::string(200'000, '[')),
        write("deep-block.yaml",
              [] {
                  std::string text;
                  for (int i = 0; i < 2000; ++i) text += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
                  return text;
              }()),
        write("loop.yaml", "a: &a {b: *a}\n"),
        write("junk.yaml", junk),
        write("nul.yaml", std::string(100, '\0')),
        write("empty.yaml", ""),
        write("list.yaml", "[1, 2]\n"),
        write("null-minutes.yaml", std::string{good_job} + "- test: {timeout: {minutes: }, definitions: []}\n"),
        write("good.yaml", good_job),
    };
    for (const char* schema : {"gate", "full", "strict"}) {
        auto arguments = files;
        arguments.insert(arguments.begin(), {"--schema", schema});
        const auto answers = verdicts(arguments, 2);
        ASSERT_EQ(answers.size(), files.size());
        for (std::size_t i = 0; i + 1 < files.size(); ++i) EXPECT_NE(answers[i], "ok") << files[i];
        EXPECT_EQ(answers.back(), "ok");
        EXPECT_THAT(answers[0], HasSubstr("more than 1000000 "));
        EXPECT_THAT(answers[1], HasSubstr("deeper than 100 levels"));
    }
    auto arguments = files;
    EXPECT_EQ(verdicts(arguments, 2).size(), files.size());
}

TEST_F(ValidateTest, AFileThatCannotBeReadIsReportedInItsPlace) {
    const auto good = write("good.yaml", good_job);
    const auto large = file("large.yaml");
    std::ofstream{large} << "a: 1\n";
    std::filesystem::resize_file(large, 17 * 1024 * 1024);
    const std::vector<std::string> files{"--schema", "gate", file("missing.yaml"), folder_.string(), large, good};
    const auto answers = verdicts(files, 1);
    ASSERT_EQ(answers.size(), 4U);
    EXPECT_THAT(answers[0], HasSubstr("cannot be read: No such file"));
    EXPECT_THAT(answers[1], HasSubstr("cannot be read: Is a directory"));
    EXPECT_THAT(answers[2], HasSubstr("larger than 16 MiB"));
    EXPECT_EQ(answers[3], "ok");
    EXPECT_EQ(patchbay({"validate", file("missing.yaml"), good}), 1);
    EXPECT_EQ(out(), good + ": Job valid.\n");
    EXPECT_EQ(err(), "patchbay: " + file("missing.yaml") + ": cannot be read: No such file or directory\n");
}

TEST_F(ValidateTest, ThousandsOfFilesAreOneCall) {
    std::vector<std::string> arguments{"--schema", "strict"};
    arguments.insert(arguments.end(), 5000, write("good.yaml", good_job));
    EXPECT_EQ(verdicts(arguments, 0), std::vector<std::string>(5000, "ok"));
}

TEST_F(ValidateTest, NamesAndWordsCannotSteerTheTerminal) {
    const auto bad = write("a\x1b[31mb\xff.yaml", "\"\\e[2J\": 1\njob_name: x\n");
    EXPECT_EQ(patchbay({"validate", bad}), 2);
    EXPECT_EQ(out().find('\x1b'), std::string::npos) << out();
    EXPECT_EQ(patchbay({"--json", "validate", bad}), 2);
    EXPECT_EQ(config::dump_json(config::parse_json(out())) + "\n", out());
}

}  // namespace
}  // namespace patchbay::cli
