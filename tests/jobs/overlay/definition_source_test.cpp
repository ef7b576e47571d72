// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "jobs/overlay/test_definition.hpp"

namespace patchbay {
namespace {

TestDefinitionSource read(const std::string& yaml) { return read_test_definition_source(config::parse_yaml(yaml)); }

TEST(DefinitionSource, HasLavasDefaults) {
    const auto source = read("{from: git, repository: http://x/y.git, path: a/b.yaml, name: smoke}");
    EXPECT_EQ(source.action_name(), "git-repo-action");
    EXPECT_TRUE(source.shallow);
    EXPECT_TRUE(source.history);
    EXPECT_FALSE(source.recursive);
    EXPECT_EQ(source.signal, SignalMode::standard_output);
    EXPECT_FALSE(source.expected);
}

TEST(DefinitionSource, ReadsEveryKey) {
    const auto source = read(
        "{from: url, repository: http://x/y.tar.gz, path: p, name: n, parameters: {A: 1}, params: {B: 2}, compression: "
        "gz,"
        " strip-components: 2, headers: {PRIVATE: t}, skip_install: [deps], lava-signal: kmsg, expected: [a, b],"
        " branch: main, revision: abc, recursive: true, history: false, shallow: false}");
    EXPECT_EQ(source.action_name(), "url-repo-action");
    EXPECT_EQ(source.parameters.size(), 2u);
    EXPECT_EQ(source.strip_components, 2u);
    EXPECT_TRUE(source.skips("deps"));
    EXPECT_FALSE(source.skips("keys"));
    EXPECT_EQ(source.signal, SignalMode::kernel_message);
    EXPECT_EQ(source.expected, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(source.headers.front().second, "t");
    EXPECT_FALSE(source.shallow);
}

TEST(DefinitionSource, SaysWhatIsMissingOrWrong) {
    const std::pair<const char*, const char*> rows[] = {
        {"{}", "test definition: key 'from' is missing"},
        {"{from: tar, repository: x, path: p, name: n}",
         "test definition: 'from' must be git, url or inline, not 'tar'"},
        {"{from: git, path: p, name: n}", "test definition: key 'repository' is missing"},
        {"{from: git, repository: {a: b}, path: p, name: n}", "test definition: 'repository' must be a URL"},
        {"{from: inline, repository: x, path: p, name: n}",
         "test definition: 'repository' must be a map when from is inline"},
        {"{from: git, repository: x, name: n}", "test definition: key 'path' is missing"},
        {"{from: git, repository: x, path: p}", "test definition: key 'name' is missing"},
        {"{from: git, repository: x, path: p, name: n, recursive: 7}",
         "test definition: 'recursive' must be true or false"},
        {"{from: git, repository: x, path: p, name: n, lava-signal: x}",
         "test definition: 'lava-signal' must be stdout or kmsg"},
        {"{from: url, repository: x, path: p, name: n, strip-components: -1}",
         "test definition: 'strip-components' must be a number of at least 0"},
        {"text", "test definition: each entry of 'definitions' must be a map"},
    };
    for (const auto& [yaml, message] : rows) {
        try {
            read(yaml);
            ADD_FAILURE() << yaml;
        } catch (const JobError& error) {
            EXPECT_STREQ(error.what(), message);
        }
    }
}

TEST(DefinitionSource, NamesAreCheckedAsLavaDoes) {
    const auto named = [](const std::string& name) {
        TestDefinitionSource source;
        source.name = name;
        return source;
    };
    EXPECT_EQ(check_test_definitions({named("a"), named("b_-9")}), std::vector<std::string>{});
    EXPECT_EQ(check_test_definitions({named("a.b")}),
              std::vector<std::string>{"Invalid characters found in test definition name: a.b"});
    EXPECT_EQ(check_test_definitions({named("a"), named("a")}),
              std::vector<std::string>{"Test definition names need to be unique."});
    EXPECT_EQ(check_test_definitions({named("lava")}),
              std::vector<std::string>{"Test definition name 'lava' is reserved."});
}

}  // namespace
}  // namespace patchbay
