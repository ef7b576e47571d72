// SPDX-License-Identifier: Apache-2.0
// Documents that are nearly jobs, and what the multinode part may say.
#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "jobs/definition/submission.hpp"
#include "jobs/definition/validation.hpp"
#include "tests/core/config/typed_json.hpp"

namespace patchbay {
namespace {

/// A small good job with one line more, or with other actions.
std::string job_with(const std::string& lines, const std::string& actions = "[]") {
    return "{job_name: x, visibility: public, timeouts: {job: {minutes: 5}}, actions: " + actions +
           (lines.empty() ? "" : ", " + lines) + "}";
}

std::string problem_of(const std::string& text) {
    const auto problem = submission_problem(load_submission(text));
    return problem ? problem->message : "";
}

TEST(Submission, WordsForEveryKeyAreLavas) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"", ""},
        {"priority: yes", ""},
        {"priority: 101", "Invalid job priority: 101. Should be in [0, 100]"},
        {"priority: HIGH", "not a valid value for dictionary value @ data['priority']"},
        {"foo: bar", "extra keys not allowed @ data['foo']"},
        {"7: bar", "extra keys not allowed @ data[7]"},
        {"context: {arch: 1.5}", "expected int for dictionary value @ data['context']['arch']"},
        {"context: {arch: [1.5]}", "expected str @ data['context']['arch'][0]"},
        {"tags: usb", "expected a list for dictionary value @ data['tags']"},
        {"tags: [1]", "expected str @ data['tags'][0]"},
        {"metadata: {1.5: x}", "extra keys not allowed @ data['metadata'][1.5]"},
        {"metadata: {a: {b: [1]}, 2: x}", ""},
        {"protocols: {lava-lxc: {}, lava-vland: {}, lava-xnbd: {}}", ""},
        {"notify: {criteria: {status: all, more: 1}, more: 2}", ""},
        {"notify: {criteria: {status: all}, callback: {url: x}, callbacks: []}",
         "two or more values in the same group of exclusion 'legacy_callback' @ data['notify'][<legacy_callback>]"},
        {"reboot_to_fastboot: 1", "expected bool for dictionary value @ data['reboot_to_fastboot']"},
        {"job_name: ''", "length of value must be at least 1 for dictionary value @ data['job_name']"},
        {"timeouts: {job: {minutes: 1, hours: 1}}",
         "two or more values in the same group of exclusion 'timeout_unit' @ data['timeouts']['job'][<timeout_unit>]"},
        {"timeouts: {job: {}}", ""},
    };
    for (const auto& [line, expected] : table) EXPECT_EQ(problem_of(job_with(line)), expected) << line;
}

TEST(Submission, MultinodeRolesMustFitTogether) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"{a: {count: 1, device_type: qemu}}", ""},
        {"{a: {host_role: b}}", "'host_role' 'b' does not exist"},
        {"{a: {host_role: b}, b: {}}", "'expect_role' is required when 'host_role' is used"},
        {"{a: {host_role: b, expect_role: c}, b: {}}", "'expect_role' 'c' does not exist"},
        {"{a: {expect_role: a}}", "'expect_role' without 'host_role'"},
        {"{a: {connection: ssh}}", "connection specified without a host_role"},
        {"{a: {connection: ssh, device_type: q, host_role: b, expect_role: b}, b: {count: 1}}",
         "lava-multinode protocol cannot support device_type and connection for a single role."},
        {"{a: {connection: ssh, host_role: b, expect_role: b}, b: {count: 2}}",
         "The count for a role designated as a host_role must be 1."},
        {"{a: {connection: ssh, worker: w, host_role: b, expect_role: b}, b: {count: 1}}",
         "lava-multinode connection roles cannot specify device or worker."},
        {"{a: {count: 1, device: d}}", "'device' requires 'device_type'"},
        {"{a: {count: 1, worker: w}}", "'worker' requires 'device_type'"},
        {"{a: {count: 2, device: d, device_type: q}}",
         "lava-multinode roles using a specific device must set count to 1."},
        {"{a: {count: 1, device_type: q, context: {zz: 1}}}", "extra keys not allowed @ data['zz']"},
        {"{a: 5}", "expected a dictionary for dictionary value @ data['protocols']['lava-multinode']['roles']['a']"},
    };
    for (const auto& [roles, expected] : table)
        EXPECT_EQ(problem_of(job_with("protocols: {lava-multinode: {roles: " + roles + "}}")), expected) << roles;
    EXPECT_EQ(problem_of(job_with("protocols: {lava-multinode: {roles: {a: {count: 1}}}}", "[{deploy: {to: tmpfs}}]")),
              "Invalid YAML - Did not find a role in action 'deploy', check for consistent use of whitespace indents.");
}

TEST(Submission, ParserErrorsAreGivenInThePrintedFormOfPyYaml) {
    try {
        load_submission("a: [1\nb: 2");
        FAIL();
    } catch (const SubmissionError& error) {
        EXPECT_STREQ(error.what(),
                     "Loading job submission failed: while parsing a flow sequence\n"
                     "  in \"<unicode string>\", line 1, column 4\n"
                     "did not find expected ',' or ']'\n"
                     "  in \"<unicode string>\", line 2, column 2.");
    }
}

TEST(Submission, EveryPrefixAndEveryLostLineOfAJobIsAnswered) {
    const auto text = testing::read_text(PATCHBAY_SOURCE_DIR "/tests/compat/golden/g-multinode/job.yaml");
    const auto answer = [](std::string_view part) {
        try {
            const auto job = load_submission(part);
            submission_problem(job);
            validate_job(job, Strictness::strict);
            validate_job(job, Strictness::lenient);
        } catch (const SubmissionError&) {
        }
    };
    for (std::size_t cut = 0; cut < text.size(); cut += 7) answer(std::string_view{text}.substr(0, cut));
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = text.find('\n', begin) + 1;
        answer(text.substr(0, begin) + text.substr(end));
        begin = end;
    }
}

TEST(Validation, AnEmptyActionIsInvalidAndNoCrash) {
    const auto job = config::parse_yaml(job_with("device_type: qemu", "[{}]"));
    const auto problem = validate_job(job, Strictness::lenient);
    ASSERT_TRUE(problem);
    EXPECT_EQ(problem->message_at_path(), "invalid action @ ['actions[0]']");
}

TEST(Validation, StrictnessDecidesAboutUnknownKeys) {
    const auto job = config::parse_yaml(job_with("device_type: qemu, colour: red"));
    EXPECT_FALSE(validate_job(job, Strictness::lenient));
    EXPECT_EQ(validate_job(job, Strictness::strict)->message_at_path(), "extra keys not allowed @ ['colour']");
}

}  // namespace
}  // namespace patchbay
