// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "cli/exit.hpp"
#include "core/errors.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay::cli {
namespace {

class SettingsTest : public ::testing::Test {
protected:
    SettingsTest() { environment_["HOME"] = home_.string(); }

    std::string write(const std::filesystem::path& path, const std::string& text) {
        std::filesystem::create_directories(path.parent_path());
        std::ofstream{path} << text;
        ::chmod(path.c_str(), 0600);
        return path.string();
    }
    void write_config(const std::string& text) { write(home_ / ".config/patchbay/cli.yaml", text); }
    Settings load() { return load_settings(options_, environment_); }
    std::string failure() {
        try {
            load();
        } catch (const std::exception& error) {
            return error.what();
        }
        return "no failure";
    }

    testing::TemporaryFolder temporary_;
    const std::filesystem::path& home_ = temporary_.path;
    Environment environment_;
    ServerOptions options_;
};

TEST_F(SettingsTest, NothingConfiguredMeansTheDaemonOnThisMachineAndNobody) {
    const auto settings = load();
    EXPECT_EQ(settings.server, "http://127.0.0.1:8080");
    EXPECT_EQ(settings.token, "");
}

TEST_F(SettingsTest, TheServerComesFromTheOptionThenTheEnvironmentThenTheFile) {
    write_config("server: http://file:1/\n");
    EXPECT_EQ(load().server, "http://file:1");
    environment_["PATCHBAY_SERVER"] = "http://environment:2";
    EXPECT_EQ(load().server, "http://environment:2");
    options_.server = "https://option:3//";
    EXPECT_EQ(load().server, "https://option:3");
}

TEST_F(SettingsTest, TheTokenComesFromTheTokenFileThenTheEnvironmentThenTheFile) {
    write_config("token: from-config\n");
    EXPECT_EQ(load().token, "from-config");
    environment_["PATCHBAY_TOKEN"] = "from-environment";
    EXPECT_EQ(load().token, "from-environment");
    options_.token_file = write(home_ / "token", "  from-file\n");
    EXPECT_EQ(load().token, "from-file");
}

TEST_F(SettingsTest, TheTokenOfOneServerIsNotSentToAnother) {
    write_config("server: https://lab.example\ntoken: secret\n");
    EXPECT_EQ(load().token, "secret");
    options_.server = "https://lab.example/";
    EXPECT_EQ(load().token, "secret");
    options_.server = "https://elsewhere.example";
    EXPECT_EQ(load().token, "");
}

TEST_F(SettingsTest, XdgConfigHomeIsHonoured) {
    write(home_ / "xdg/patchbay/cli.yaml", "server: http://xdg:1\n");
    environment_["XDG_CONFIG_HOME"] = (home_ / "xdg").string();
    EXPECT_EQ(load().server, "http://xdg:1");
}

TEST_F(SettingsTest, AMistypedKeyIsReportedWithItsPlace) {
    write_config("sever: http://x\n");
    const auto text = failure();
    EXPECT_NE(text.find("cli.yaml:1:"), std::string::npos) << text;
    EXPECT_NE(text.find("sever"), std::string::npos) << text;
}

TEST_F(SettingsTest, AFileWithATokenThatOthersMayReadIsAWarning) {
    write_config("token: secret\n");
    EXPECT_TRUE(load().warnings.empty());
    ::chmod((home_ / ".config/patchbay/cli.yaml").c_str(), 0644);
    ASSERT_EQ(load().warnings.size(), 1u);
    EXPECT_NE(load().warnings[0].find("chmod 600"), std::string::npos);
}

TEST_F(SettingsTest, MistakesNameTheThingAndTheNextStep) {
    options_.server = "lab.example:8080";
    EXPECT_EQ(failure(), "server 'lab.example:8080': not an http address; write it like http://127.0.0.1:8080");
    options_.server.clear();
    options_.token_file = "/does/not/exist";
    EXPECT_EQ(failure(), "/does/not/exist: cannot be read: No such file or directory");
    options_.token_file = write(home_ / "token", "a\r\nX-Evil: 1");
    EXPECT_NE(failure().find("token: contains blanks or control characters"), std::string::npos) << failure();
}

}  // namespace
}  // namespace patchbay::cli
