// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "jobs/overlay/test_definition.hpp"

namespace patchbay {
namespace {

TEST(DefinitionFile, ReadsEverySection) {
    const auto definition = read_test_definition(
        "metadata: {format: Lava-Test Test Definition 1.0, name: smoke}\n"
        "parse: {pattern: '(?P<test_case_id>\\S+)', fixupdict: {PASS: pass}}\n"
        "expected: [kernel]\n"
        "install: {deps: [curl], deps-oe: [opkg-x], git-repos: [http://x/y.git]}\n"
        "run: {steps: [uname -a, null, 5]}\n",
        "t.yaml", "oe");
    EXPECT_EQ(definition.run_steps, (std::vector<std::string>{"uname -a", "5"}));
    EXPECT_TRUE(definition.has_install);
    EXPECT_EQ(definition.install_deps, (std::vector<std::string>{"curl", "opkg-x"}));
    EXPECT_EQ(definition.git_repos.size(), 1u);
    EXPECT_EQ(definition.pattern, "(?P<test_case_id>\\S+)");
    ASSERT_TRUE(definition.fixup);
    EXPECT_EQ(definition.fixup->size(), 1u);
    EXPECT_EQ(definition.expected, std::vector<std::string>{"kernel"});
}

TEST(DefinitionFile, NeedsNothingButAMap) {
    const auto definition = read_test_definition("metadata: {}\nrun:\ninstall:\n", "t.yaml", "");
    EXPECT_TRUE(definition.run_steps.empty());
    EXPECT_FALSE(definition.has_install);
    EXPECT_FALSE(definition.pattern);
    EXPECT_FALSE(definition.expected);
}

TEST(DefinitionFile, SaysWhichFileIsBroken) {
    for (const auto* text :
         {"", "text", "[a]", "a: [", "run: {steps: {a: b}}", "params: [a]", "install: {git-repos: x}"}) {
        try {
            read_test_definition(text, "d/t.yaml", "");
            ADD_FAILURE() << text;
        } catch (const JobError& error) {
            EXPECT_EQ(std::string{error.what()}.substr(0, 43), "Unable to open test definition 'd/t.yaml': ");
        }
    }
}

}  // namespace
}  // namespace patchbay
