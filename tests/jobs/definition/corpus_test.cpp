// SPDX-License-Identifier: Apache-2.0
// The verdicts of LAVA's own code on jobs of real projects and on mutants of them, by each of its schemas.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <set>
#include <span>

#include "core/config/yaml.hpp"
#include "jobs/definition/judgement.hpp"
#include "jobs/definition/multinode.hpp"
#include "jobs/definition/submission.hpp"
#include "tests/core/config/typed_json.hpp"

namespace patchbay {
namespace {

struct Difference {
    std::string_view file;
    std::string_view why;
};

/// Where we answer otherwise on purpose; all else is a failure of the test.
constexpr Difference differences_at_gate[] = {
    {"mutants/priority-n101.yaml",
     "the verdict is that of the schema alone; LAVA refuses this priority in its next step, with our words"},
    {"mutants/priority-neg.yaml", "as priority-n101"},
    {"mutants/raw-anchor-loop.yaml", "both refuse; we when the document, which contains itself, is read"},
};
constexpr Difference differences_in_full[] = {
    {"mutants/raw-anchor-loop.yaml", "both refuse; we when the document, which contains itself, is read"},
};

struct Expected {
    bool ok = true;
    std::optional<std::string> message;  ///< nothing: LAVA's code crashed, or was not asked
    config::List path;
};

Expected expected_of(const config::Value& verdicts, JobSchema schema) {
    const auto& yaml = *verdicts.find("yaml");
    if (!*yaml.find("ok")->as_bool()) {
        if (schema != JobSchema::gate) return {false, std::nullopt, {}};
        return {false, "Loading job submission failed: " + *yaml.find("msg")->as_string() + ".", {}};
    }
    const char* key = schema == JobSchema::gate ? "submit" : schema == JobSchema::full ? "validate" : "validate_strict";
    const auto& verdict = *verdicts.find(key);
    if (*verdict.find("ok")->as_bool()) return {};
    if (verdict.find("crash")) return {false, std::nullopt, {}};
    Expected expected{false, *verdict.find("msg")->as_string(), {}};
    if (const auto* path = verdict.find("path")) expected.path = *path->as_list();
    return expected;
}

bool same_words(const Expected& expected, const JobProblem& problem, JobSchema schema) {
    if (!expected.message) return true;
    // The place is in the words of the gate, and seldom recorded beside them.
    return problem.message == *expected.message &&
           (schema == JobSchema::gate || problem.path.values() == expected.path);
}

/// Compares every file. Returns the share of equal verdicts in percent, and fails the test for every answer that
/// differs, in verdict, words or path, and is not in `known`.
double agreement(JobSchema schema, const char* name, std::span<const Difference> known) {
    const auto jobs = std::filesystem::path{std::getenv("PATCHBAY_CORPUS")} / "jobs";
    const auto verdicts = config::parse_json(testing::read_text(jobs / "verdicts.json"));
    int total = 0;
    int agreed = 0;
    int to_the_letter = 0;
    std::set<std::string_view> seen;
    for (const auto& [file, verdict] : *verdicts.as_map()) {
        const auto& path = *file.as_string();
        const auto expected = expected_of(verdict, schema);
        const auto problem = judge_job(testing::read_text(jobs / path), schema);
        const bool same = expected.ok == !problem;
        const bool letter = same && (!problem || same_words(expected, *problem, schema));
        ++total;
        agreed += same ? 1 : 0;
        to_the_letter += letter ? 1 : 0;
        if (letter) continue;
        const auto at = std::ranges::find(known, std::string_view{path}, &Difference::file);
        if (at != known.end()) {
            std::cout << "on purpose, " << name << ": " << at->file << ": " << at->why << "\n";
            seen.insert(at->file);
            continue;
        }
        ADD_FAILURE() << name << " " << path << "\n  LAVA: "
                      << (expected.ok ? "ok"
                                      : expected.message.value_or("a crash") + " @ " + python_repr(expected.path))
                      << "\n  we:   " << (problem ? problem->message_at_path() : "ok");
    }
    std::cout << name << ": " << agreed << " of " << total << " verdicts agree, " << to_the_letter
              << " in words and path, too\n";
    EXPECT_EQ(seen.size(), known.size()) << "a line of the table has become untrue";
    return 100.0 * agreed / total;
}

/// What lava_scheduler_app/utils.py makes of one role: `part` is one of its jobs, number `sub_id` of `size`.
void expect_split_as_lava(const config::Map& job, const std::string& role, const config::Map& words,
                          const MultinodePart& part, std::int64_t sub_id, std::int64_t size) {
    config::List actions;
    for (const auto& entry : *job.find("actions")->as_list()) {
        for (const auto& [kind, body] : *entry.as_map()) {
            const config::Value roles = *body.find("role");
            const auto named = roles.is_list() ? *roles.as_list() : config::List{roles};
            if (std::ranges::find(named, config::Value{role}) == named.end()) continue;
            auto own = *body.as_map();
            own.set("role", role);
            actions.emplace_back(config::Map{{*kind.as_string(), std::move(own)}});
        }
    }
    EXPECT_EQ(*part.definition.find("actions"), config::Value{std::move(actions)});
    auto member = config::Map{{"role", role}, {"target_group", "g"}, {"group_size", size}, {"sub_id", sub_id}};
    for (const auto* map : {&words, job.find("protocols")->find("lava-multinode")->as_map()}) {
        for (const auto& [key, value] : *map) {
            const auto name = python_str(key);
            if (name == "count" || name == "roles") continue;
            if (name == "device_type" || name == "context" || name == "host_role") {
                EXPECT_EQ(*part.definition.find(name), value);
            } else {
                member.set(name, value);
            }
        }
    }
    EXPECT_EQ(*part.definition.find("protocols"), (config::Value{config::Map{{"lava-multinode", std::move(member)}}}));
    for (const auto* key : {"job_name", "timeouts", "priority", "visibility", "notify", "metadata", "secrets"}) {
        const auto *ours = part.definition.find(key), *whole = job.find(key);
        EXPECT_EQ(ours != nullptr, whole != nullptr) << key;
        if (ours && whole) {
            EXPECT_EQ(*ours, *whole) << key;
        }
    }
    for (const auto* key : {"environment", "tags"}) EXPECT_FALSE(part.definition.contains(key)) << key;
}

class CorpusVerdicts : public ::testing::Test {
protected:
    void SetUp() override {
        if (!std::getenv("PATCHBAY_CORPUS")) GTEST_SKIP() << "PATCHBAY_CORPUS does not name the folder of the corpus";
    }
};

TEST_F(CorpusVerdicts, TheGateAgrees) { EXPECT_GE(agreement(JobSchema::gate, "gate", differences_at_gate), 99.5); }
TEST_F(CorpusVerdicts, TheFullSchemaAgrees) {
    EXPECT_GE(agreement(JobSchema::full, "full", differences_in_full), 99.5);
}
TEST_F(CorpusVerdicts, TheFullSchemaAgreesWhenStrict) {
    EXPECT_GE(agreement(JobSchema::strict, "strict", differences_in_full), 99.5);
}

TEST_F(CorpusVerdicts, MultinodeJobsAreSplitAsLavaDoesOrRefusedByASentence) {
    const auto folder = std::filesystem::path{std::getenv("PATCHBAY_CORPUS")} / "jobs";
    const auto verdicts = config::parse_json(testing::read_text(folder / "verdicts.json"));
    int split = 0, refused = 0;
    for (const auto& [file, verdict] : *verdicts.as_map()) {
        const auto& path = *file.as_string();
        const auto* accepted = verdict.find("submit");
        if (!accepted || !*accepted->find("ok")->as_bool()) continue;
        const auto document = load_submission(testing::read_text(folder / path));
        if (!is_multinode(*document.as_map())) continue;
        SCOPED_TRACE(path);
        std::vector<MultinodePart> parts;
        try {
            parts = split_multinode(*document.as_map(), "g");
        } catch (const SubmissionError& error) {
            // Roles in the machine of another, without an action or with a count that is none: nobody could run them.
            EXPECT_TRUE(std::string_view{error.what()}.starts_with("role '")) << error.what();
            ++refused;
            continue;
        }
        ++split;
        std::int64_t number = 0;
        for (const auto& [key, words] : *document.find("protocols")->find("lava-multinode")->find("roles")->as_map()) {
            for (std::int64_t i = 0; i < *words.find("count")->as_int(); ++i, ++number) {
                ASSERT_LT(number, static_cast<std::int64_t>(parts.size()));
                const auto& part = parts[static_cast<std::size_t>(number)];
                expect_split_as_lava(*document.as_map(), python_str(key), *words.as_map(), part, number,
                                     static_cast<std::int64_t>(parts.size()));
            }
        }
        EXPECT_EQ(number, static_cast<std::int64_t>(parts.size()));
    }
    std::cout << split << " multinode jobs of the corpus are split, " << refused << " are refused\n";
    EXPECT_GE(split, 5);
    EXPECT_LE(refused, 12);
}

}  // namespace
}  // namespace patchbay
