// SPDX-License-Identifier: Apache-2.0
// The tree of a job's actions. Names are what `timeouts` of jobs refer to, levels are part of results and test UUIDs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "core/config/yaml.hpp"
#include "devices/qemu_template.hpp"
#include "jobs/definition/definition.hpp"
#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;

std::string read_text(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string text_of(const config::Value& map, std::string_view key) {
    const auto* value = map.find(key);
    return value ? config::python_str(*value) : std::string{};
}

const config::List& below(const config::Value& node) {
    static const config::List none;
    const auto* list = node.find("pipeline");
    return list && list->as_list() ? *list->as_list() : none;
}

/// "1.2 name 120s x1" for each node, in order.
void flatten(const config::Value& node, std::vector<std::string>& lines) {
    for (const auto& child : below(node)) {
        lines.push_back(text_of(child, "level") + " " + text_of(child, "name") + " " + text_of(child, "timeout") +
                        "s x" + text_of(child, "max_retries"));
        flatten(child, lines);
    }
}

std::vector<std::string> lines_of(const config::Value& tree) {
    std::vector<std::string> lines;
    flatten(tree, lines);
    return lines;
}

std::vector<std::string> lines_of(const std::string& definition) {
    SimJob job;
    job.definition = definition;
    return lines_of(job.tree());
}

TEST(Pipeline, OfABareBootHasOnlyWhatItNeeds) {
    EXPECT_THAT(lines_of(job_text("- boot: {method: qemu, media: tmpfs, timeout: {minutes: 2}}\n")),
                ElementsAre("1 boot-image-retry 120s x1", "1.1 boot-qemu-image 120s x1", "1.1.1 execute-qemu 120s x1",
                            "2 finalize 300s x1", "2.1 power-off 10s x1", "2.2 read-feedback 300s x1"));
}

TEST(Pipeline, TellsRetriesAndTimesOfEveryLevel) {
    EXPECT_THAT(
        lines_of(job_text(deploy_block() +
                              boot_block("    failure_retry: 3\n    timeouts: {login-action: {seconds: 77}}\n") +
                              "- test: {timeout: {minutes: 1}, repeat: 2, monitors: [{name: a, start: b, end: c, "
                              "pattern: d}]}\n"
                              "- test: {timeout: {minutes: 1}, interactive: [{name: a, prompts: [b], script: []}]}\n"
                              "- command: {name: x, timeout: {seconds: 9}}\n",
                          "timeouts: {job: {minutes: 10}, action: {minutes: 4}, actions: {execute-qemu: {seconds: "
                          "55}, power-off: {seconds: 22}}}\n")),
        ElementsAre("1 deployimages 120s x1", "1.1 download-retry 120s x1", "1.1.1 file-download 120s x1",
                    "1.2 download-retry 120s x1", "1.2.1 file-download 120s x1", "1.2.2 lava-create-overlay 120s x1",
                    "1.2.2.1 lava-multinode-overlay 120s x1", "1.2.2.2 test-definition 120s x1",
                    "1.2.2.3 compress-overlay 120s x1", "1.2.3 append-overlays 120s x1", "2 boot-image-retry 120s x3",
                    "2.1 boot-qemu-image 40s x3", "2.1.1 execute-qemu 55s x1", "2.2 auto-login-action 40s x3",
                    "2.2.1 login-action 77s x1", "3 lava-test-monitor-retry 60s x2", "3.1 lava-test-monitor 30s x1",
                    "4 lava-test-interactive-retry 60s x1", "4.1 lava-test-interactive 60s x1", "5 user-command 9s x1",
                    "6 finalize 240s x1", "6.1 power-off 22s x1", "6.2 read-feedback 240s x1"));
}

TEST(Pipeline, NumbersDefinitionsOverAllTestsOfTheirNamespace) {
    const auto lines = lines_of(job_text(deploy_block() + boot_block() + test_block("a") + test_block("b")));
    const std::vector<std::string> wanted{
        "1.1.2.1 inline-repo-action 120s x1",   "1.1.2.2 test-overlay 120s x1",
        "1.1.2.3 test-install-overlay 120s x1", "1.1.2.4 test-runscript-overlay 120s x1",
        "1.1.2.5 inline-repo-action 120s x1",   "1.1.2.6 test-overlay 120s x1",
        "1.1.2.7 test-install-overlay 120s x1", "1.1.2.8 test-runscript-overlay 120s x1"};
    EXPECT_TRUE(std::search(lines.begin(), lines.end(), wanted.begin(), wanted.end()) != lines.end());
}

TEST(Pipeline, TakesRetriesFromTheDeviceWhenTheJobSaysNothing) {
    SimJob job;
    job.description.constants.set("failure_retry", 2);
    job.description.constants.set("boot_retry", 4);
    job.definition = job_text(deploy_block() + boot_block() + boot_block("    failure_retry: 1\n"));
    std::map<std::string, std::string> retries;
    const auto tree = job.tree();
    for (const auto& block : below(tree)) retries[text_of(block, "level")] = text_of(block, "max_retries");
    for (const auto& step : below(below(tree)[0])) EXPECT_EQ(text_of(step, "max_retries"), "2");
    EXPECT_EQ(retries["2"], "4");
    EXPECT_EQ(retries["3"], "1");
}

/// The keys of description.yaml that programs read; the sentences for people are our own.
config::Value comparable(const config::Value& node) {
    config::Map map;
    for (const auto* key : {"class", "name", "level", "max_retries", "timeout"}) {
        if (const auto* value = node.find(key)) map.set(key, config::python_str(*value));
    }
    const auto url = text_of(node, "url");
    if (!url.empty()) map.set("url", url.substr(url.rfind('/') + 1));
    config::List children;
    for (const auto& child : below(node)) children.push_back(comparable(child));
    if (!children.empty()) map.set("pipeline", std::move(children));
    return map;
}

std::vector<std::string> keys_of(const config::Value& node) {
    std::vector<std::string> keys;
    for (const auto& entry : *node.as_map()) keys.push_back(config::python_str(entry.key));
    std::sort(keys.begin(), keys.end());
    return keys;
}

void expect_same_keys(const config::Value& ours, const config::Value& recorded) {
    EXPECT_EQ(keys_of(ours), keys_of(recorded)) << text_of(recorded, "level") << " " << text_of(recorded, "name");
    for (std::size_t i = 0; i < below(recorded).size() && i < below(ours).size(); ++i) {
        expect_same_keys(below(ours)[i], below(recorded)[i]);
    }
}

/// What 2023.01 wrote, in the shape of later LAVA, which is ours: without two steps that do nothing, and the drive with
/// the overlay after the downloads.
config::Value as_later(const config::Value& node, const std::string& level) {
    auto map = *node.as_map();
    if (!level.empty()) map.set("level", level);
    std::vector<const config::Value*> children, last;
    for (const auto& child : below(node)) {
        const auto name = text_of(child, "name");
        if (name == "lava-vland-overlay" || name == "persistent-nfs-overlay") continue;
        (name == "apply-overlay-guest" ? last : children).push_back(&child);
    }
    children.insert(children.end(), last.begin(), last.end());
    config::List renumbered;
    for (const auto* child : children) {
        const auto number = std::to_string(renumbered.size() + 1);
        renumbered.push_back(as_later(*child, level.empty() ? number : level + "." + number));
    }
    if (!renumbered.empty()) map.set("pipeline", std::move(renumbered));
    return map;
}

TEST(Pipeline, IsDescribedAsLavaWroteIt) {
    const std::filesystem::path golden{PATCHBAY_SOURCE_DIR "/tests/compat/golden/worker-protocol"};
    const auto recorded = as_later(config::parse_yaml(read_text(golden / "description.yaml")), "");
    SimJob job;
    // As a server hands it to its workers: it has written the job anew, with sorted keys (submission.cpp).
    const auto submitted = config::parse_yaml(read_text(golden / "job.yaml"));
    job.definition = config::dump_yaml(submitted, config::KeyOrder::sorted);
    const auto ours = job.tree();
    EXPECT_EQ(text_of(ours, "compatibility"), text_of(recorded, "compatibility"));
    EXPECT_EQ(config::dump_yaml(comparable(ours)), config::dump_yaml(comparable(recorded)));
    expect_same_keys(ours, recorded);
}

// --- trees that a real LAVA built from other people's jobs -----------------------------------------------------------

/// As the collection has them: "1.2 name 120s x1".
std::vector<std::string> reference_lines(const config::List& actions) {
    std::vector<std::string> lines;
    for (const auto& entry : actions) {
        const auto& action = *entry.as_list();
        lines.push_back(config::python_str(action[0]) + " " + config::python_str(action[1]) + " " +
                        config::python_str(action[3]) + "s x" + config::python_str(action[4]));
    }
    return lines;
}

DeviceDescription device_of(const std::filesystem::path& corpus, const config::Value& pair) {
    const auto name = text_of(pair, "device");
    if (name == "fakeqemu1") {
        const auto& context = *pair.find("context")->as_map();
        return read_device(render_qemu({{"trusted_jobs", true}}, context, name, "qemu"), name);
    }
    return read_device(config::parse_yaml(read_text(corpus / "devices/rendered" / (name + ".yaml"))), name);
}

/// The first line that differs.
std::string difference(const std::vector<std::string>& ours, const std::vector<std::string>& theirs) {
    const auto at = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end());
    return "ours '" + (at.first == ours.end() ? "(end)" : *at.first) + "', LAVA's '" +
           (at.second == theirs.end() ? "(end)" : *at.second) + "'";
}

/// Where ours is another tree on purpose.
const std::map<std::string, std::string> differences{
    {"lava-2020/bbb-group-vland-alpha.yaml",
     "part of a group: LAVA's parser alone does not know, our job does, that its test waits for the others"},
    {"lava-2020/bbb-group-vland-beta.yaml", "the same"},
    {"lava-tests/docker-test-db410c.yaml", "LAVA takes no notice of the time-out of a command, we do"},
};

TEST(Pipeline, AgreesWithTheTreesThatLavaBuilt) {
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (!corpus) GTEST_SKIP() << "PATCHBAY_CORPUS is not set: no collection of other people's jobs to compare with";
    const std::filesystem::path folder{corpus};
    const auto pairs = config::parse_json(read_text(folder / "pipelines/pipelines.json"));
    std::size_t agree = 0, all = 0;
    for (const auto& [key, pair] : *pairs.as_map()) {
        const auto name = config::python_str(key);
        const auto* actions = pair.find("actions");
        if (!actions) continue;
        ++all;
        std::string differs;
        const auto theirs = reference_lines(*actions->as_list());
        SimJob job;
        job.definition = read_text(folder / "jobs" / name);
        try {
            job.description = device_of(folder, pair);
            job.board->has_supply = false;  // only what its commands switch
            const auto ours = lines_of(job.tree());
            if (ours != theirs) differs = difference(ours, theirs);
        } catch (const Error& error) {
            differs = std::string{"not built: "} + error.what();
        }
        const auto reason = differences.find(name);
        if (differs.empty()) {
            ++agree;
            EXPECT_EQ(reason, differences.end()) << name << " agrees now";
            continue;
        }
        EXPECT_NE(reason, differences.end()) << name << ": " << differs;
        if (reason != differences.end()) std::cout << name << " differs: " << reason->second << "\n";
    }
    std::cout << "trees of jobs: " << agree << " of " << all << " agree\n";
    EXPECT_GE(agree * 100, all * 97);
}

}  // namespace
}  // namespace patchbay::testing
