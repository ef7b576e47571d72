// SPDX-License-Identifier: Apache-2.0
// What the page of another site may have a browser do here.
#include "daemon/api/cross_site.hpp"

#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay::testing {
namespace {

using ::testing::HasSubstr;

bool foreign(const std::vector<std::pair<std::string, std::string>>& headers) {
    Request request;
    request.base_url = "https://lab.example:8443";
    request.headers = headers;
    return is_cross_site(request);
}

TEST(IsCrossSite, IsWhatTheBrowserSays) {
    EXPECT_FALSE(foreign({})) << "a program";
    EXPECT_FALSE(foreign({{"sec-fetch-site", "same-origin"}, {"origin", "https://lab.example:8443"}}));
    EXPECT_FALSE(foreign({{"sec-fetch-site", "none"}}));
    EXPECT_TRUE(foreign({{"sec-fetch-site", "cross-site"}}));
    EXPECT_TRUE(foreign({{"sec-fetch-site", "same-site"}}));
    EXPECT_TRUE(foreign({{"sec-fetch-site", "new-word"}}));
}

TEST(IsCrossSite, IsAnotherOriginForOlderBrowsers) {
    EXPECT_FALSE(foreign({{"origin", "https://lab.example:8443"}}));
    EXPECT_FALSE(foreign({{"origin", "http://lab.example:8443"}})) << "a proxy may have taken TLS off";
    for (const auto* origin : {"https://evil.example", "https://lab.example", "https://lab.example:8443.evil.example",
                               "null", "", "lab.example:8443"})
        EXPECT_TRUE(foreign({{"origin", origin}})) << origin;
}

class CrossSiteTest : public ApiTest {
protected:
    const std::string cross_site = "Sec-Fetch-Site: cross-site\r\n";
    static std::string cancel(JobId job) { return "/api/v0.2/jobs/" + std::to_string(job.value) + "/cancel/"; }
};

TEST_F(CrossSiteTest, APageOfAnotherSiteCancelsNothing) {
    const auto job = submit();
    for (const std::string method : {"GET", "HEAD", "POST"}) {
        const auto answer = lab.send(method, cancel(job), lab.authorization("alice") + cross_site);
        EXPECT_EQ(answer.status, 403) << method;
        EXPECT_THAT(answer.body, HasSubstr("Pages of other sites may change nothing here"));
    }
    EXPECT_EQ(lab.job(job).state, JobState::submitted);
    EXPECT_EQ(lab.send("GET", cancel(job), lab.authorization("alice") + "Sec-Fetch-Site: same-origin\r\n").status, 200);
}

TEST_F(CrossSiteTest, NoCookieCancelsAJob) {
    const auto job = submit();
    const auto& secret = lab.token("alice");
    for (const auto& header : {"Cookie: sessionid=" + secret, "Cookie: token=" + secret, "LAVA-Token: " + secret,
                               "Authorization: Bearer " + secret}) {
        EXPECT_EQ(lab.send("GET", cancel(job), header + "\r\n").status, 403) << header;
    }
    EXPECT_EQ(lab.send("GET", cancel(job) + "?token=" + secret).status, 403);
    EXPECT_EQ(lab.job(job).state, JobState::submitted);
}

TEST_F(CrossSiteTest, APageOfAnotherSiteSubmitsNothingAndReadsWhatAnybodyReads) {
    const auto answer = lab.send("POST", "/api/v0.2/jobs/",
                                 lab.authorization("alice") + cross_site + "Content-Type: text/plain\r\n", "{}");
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(lab.send("GET", "/api/v0.2/jobs/", cross_site).status, 200);
    EXPECT_FALSE(lab.send("GET", "/api/v0.2/jobs/", cross_site).headers.contains("Access-Control-Allow-Origin"));
}

}  // namespace
}  // namespace patchbay::testing
