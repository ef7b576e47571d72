// SPDX-License-Identifier: Apache-2.0
#include "daemon/lab/attach_settings.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "core/whole_file.hpp"
#include "daemon/lab/settings.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay {
namespace {

std::string problems_of(const std::string& attach) {
    try {
        parse_settings("devices: [{name: ours}]\nattach:\n" + attach, "lab.yaml");
    } catch (const ConfigurationError& error) {
        return error.what();
    }
    return "";
}

TEST(AttachSettings, HaveTheDefaultsOfLavaWorker) {
    const auto settings = parse_settings(
        "devices: [{name: ours}]\n"
        "attach: [{name: lab, server: 'https://lava.example.com/', token_file: /t, user: guest, "
        "devices: {theirs: ours}}]\n",
        "lab.yaml");
    ASSERT_EQ(settings.attachments.size(), 1u);
    const auto& attach = settings.attachments[0];
    EXPECT_EQ(attach.server, "https://lava.example.com");
    EXPECT_EQ(attach.worker, "lab");
    EXPECT_EQ(attach.priority, 0);
    EXPECT_EQ(attach.interval, std::chrono::seconds{20});
    EXPECT_EQ(attach.devices, (std::map<std::string, std::string>{{"theirs", "ours"}}));
}

TEST(AttachSettings, EachMistakeIsNamed) {
    const std::string good = "  token_file: /t\n  user: u\n  devices: {a: ours}\n";
    EXPECT_EQ(problems_of("- name: x\n  server: https://a\n" + good), "");
    EXPECT_NE(problems_of("- name: x\n  server: ftp://a\n" + good).find("must begin with https://"), std::string::npos);
    EXPECT_NE(problems_of("- name: x\n  server: https://u:p@a\n" + good).find("without user"), std::string::npos);
    EXPECT_NE(problems_of("- name: x/y\n  server: https://a\n" + good).find("must be letters"), std::string::npos);
    EXPECT_NE(problems_of("- name: x\n  server: https://a\n" + good + "- name: x\n  server: https://b\n" + good)
                  .find("'x' is taken twice"),
              std::string::npos);
    EXPECT_NE(problems_of("- {name: x, server: https://a, token_file: /t, user: u}\n").find("must be a map"),
              std::string::npos);
    EXPECT_NE(problems_of("- {name: x, server: https://a, token_file: /t, user: u, devices: {a: ours, b: ours}}\n")
                  .find("'ours' is named twice"),
              std::string::npos);
    EXPECT_NE(
        problems_of("- {name: x, server: https://a, token_file: /t, user: u, devices: {a: ours}, priority: 101}\n")
            .find("must be from 0 to 100"),
        std::string::npos);
}

TEST(WorkerToken, OfAWorkerThatRegistersItselfIsKeptWithTheState) {
    AttachSettings attach;
    attach.name = "lab";
    EXPECT_EQ(token_file_of(attach, "/state"), "/state/attach/lab.token");
    attach.token_file = "/etc/token";
    EXPECT_EQ(token_file_of(attach, "/state"), "/etc/token");
    EXPECT_EQ(problems_of("- {name: x, server: https://a, user: u, devices: {a: ours}}\n"), "");
}

TEST(WorkerToken, IsOneWord) {
    testing::TemporaryFolder folder;
    const auto file = folder.path / "token";
    write_whole_file(file, "abc123\n");
    EXPECT_EQ(read_worker_token(file), "abc123");
    for (const auto* text : {"", "\n", "two words", "two\nlines", "b\xC3\xA4r"}) {
        write_whole_file(file, text);
        EXPECT_THROW(read_worker_token(file), ConfigurationError) << text;
    }
    EXPECT_THROW(read_worker_token(folder.path / "none"), ConfigurationError);
}

}  // namespace
}  // namespace patchbay
