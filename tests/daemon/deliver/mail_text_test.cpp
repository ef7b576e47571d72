// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/mail_text.hpp"

#include <gtest/gtest.h>

#include "daemon/deliver/mail.hpp"
#include "daemon/store/results.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class MailTextTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    JobId job = lab.add_job(a_job(lab.add_user("alice")));
    Notify notify;

    void SetUp() override {
        auto end = [this](Database& db) {
            Jobs{db}.schedule(job, "qemu-01");
            NewCase row;
            row.suite = "0_smoke";
            row.name = "boot-time";
            row.result = CaseResult::fail;
            row.measurement = "12.5000000000";
            row.units = "s";
            Results{db}.add_case(job, row);
            Jobs{db}.add_failure_comment(job, "the board is dark");
            Jobs{db}.finish(job, JobHealth::incomplete, wall_now());
        };
        lab.write(end);
    }
    MailText text(Verbosity verbosity) {
        notify.verbosity = verbosity;
        return mail_text(lab.reader(), *Jobs{lab.reader()}.find(job), notify, "https://lab.example");
    }
};

TEST_F(MailTextTest, SubjectAndFirstSentenceAreLavas) {
    const auto mail = text(Verbosity::quiet);
    EXPECT_EQ(mail.subject, "LAVA notification for Test Job 1 smoke");
    EXPECT_NE(mail.body.find("The job with ID # 1 is now in state Finished and health Incomplete. Job was submitted by "
                             "alice.\n"),
              std::string::npos);
    EXPECT_NE(mail.body.find("https://lab.example/api/v0.2/jobs/1/ "), std::string::npos);
}

TEST_F(MailTextTest, EachVerbositySaysMore) {
    const auto status = text(Verbosity::status_only).body, quiet = text(Verbosity::quiet).body,
               verbose = text(Verbosity::verbose).body;
    EXPECT_EQ(status.find("qemu-01"), std::string::npos);
    for (const char* fact : {"Error message: the board is dark\n", "Device details: qemu-01 (qemu)\n", "Priority: 50\n",
                             "Submitted on: 20", "Started on: 20", "Finished on: 20", "Duration: 00:00:00\n"})
        EXPECT_NE(quiet.find(fact), std::string::npos) << fact;
    EXPECT_EQ(quiet.find("boot-time"), std::string::npos);
    EXPECT_NE(verbose.find("Results of suite 0_smoke:\n  boot-time: fail (12.5000000000 s)\n"), std::string::npos)
        << verbose;
    EXPECT_NE(verbose.find("Metadata:\n  build: {'id': '1234'}\n  arch: arm64\n"), std::string::npos) << verbose;
    EXPECT_TRUE(verbose.starts_with(quiet));
    EXPECT_TRUE(quiet.starts_with(status));
}

std::string header_of(const std::string& text, const std::string& name) {
    const auto message = "\r\n" + text;
    const auto at = message.find("\r\n" + name + ": ");
    return at == std::string::npos
               ? ""
               : message.substr(at + 4 + name.size(), message.find("\r\n", at + 2) - at - 4 - name.size());
}

TEST(MailMessage, TheNameOfAJobMakesNoHeader) {
    const auto message = message_of("lab@x", "a@b", {"job\r\nBcc: evil@x\r\n\r\ntext", "body"}, WallTime{});
    EXPECT_EQ(message.find("\r\nBcc:"), std::string::npos) << message;
    EXPECT_EQ(header_of(message, "Date"), "Thu, 1 Jan 1970 00:00:00 +0000") << message;
    EXPECT_EQ(message.substr(message.find("\r\n\r\n")), "\r\n\r\nbody");
}

TEST(MailMessage, AllIsShortLinesOfAscii) {
    const std::string odd = "\xC3\xA4\xC3\xB6\xC3\xBC \xF0\x9F\x98\x80 = ? _ \x01";
    std::string many;
    for (int i = 0; i < 100; ++i) many += odd;
    const auto message =
        message_of("lab@x", "a@b", {many, many + "\n.\n" + std::string(5000, 'x') + " \nend "}, WallTime{});
    std::size_t column = 0;
    for (const char c : message) {
        EXPECT_TRUE(c == '\r' || c == '\n' || (c >= 0x20 && c < 0x7F)) << static_cast<int>(c);
        column = c == '\n' ? 0 : column + 1;
        ASSERT_LE(column, 100u);
    }
    EXPECT_NE(message.find("=20\r\nend=20"), std::string::npos) << "a blank at the end of a line would get lost";
}

}  // namespace
}  // namespace patchbay
