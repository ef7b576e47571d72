// SPDX-License-Identifier: Apache-2.0
// What is installed beside the program says the same as the program.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "cli/program.hpp"

namespace patchbay::cli {
namespace {

std::string file(const char* name) {
    std::ifstream in{std::string{PATCHBAY_SOURCE_DIR} + "/" + name};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string help(std::vector<std::string> arguments) {
    std::ostringstream out, err;
    arguments.emplace_back("--help");
    EXPECT_EQ(run_program(arguments, {}, Terminal{out, err}), 0) << err.str();
    return out.str();
}

std::set<std::string> options_in(const std::string& text) {
    std::set<std::string> out;
    const std::regex option{"--[a-z][a-z-]*"};
    for (std::sregex_iterator at{text.begin(), text.end(), option}, end; at != end; ++at) out.insert(at->str());
    return out;
}

std::set<std::string> commands() {
    std::set<std::string> out;
    const auto text = help({});
    const std::regex line{"\n  ([a-z]+) +[A-Z]"};
    const auto list = text.substr(text.find("Subcommands:"));
    for (std::sregex_iterator at{list.begin(), list.end(), line}, end; at != end; ++at) out.insert((*at)[1].str());
    return out;
}

TEST(Completion, KnowsEveryCommandAndOption) {
    const auto script = file("completion/patchbay.bash");
    ASSERT_FALSE(script.empty());
    ASSERT_GE(commands().size(), 12u);
    for (const auto& command : commands()) {
        EXPECT_NE(script.find(command), std::string::npos) << command;
        for (const auto& option : options_in(help({command})))
            EXPECT_NE(script.find(option), std::string::npos) << option;
    }
}

TEST(ManPage, KnowsEveryCommandAndOption) {
    auto page = file("docs/patchbay.1");
    ASSERT_FALSE(page.empty());
    page = std::regex_replace(page, std::regex{"\\\\-"}, "-");
    for (const auto& command : commands()) {
        EXPECT_NE(page.find(command), std::string::npos) << command;
        for (const auto& option : options_in(help({command}))) {
            const auto name = option.substr(2);
            EXPECT_NE(page.find("-" + name), std::string::npos) << option;
        }
    }
}

}  // namespace
}  // namespace patchbay::cli
