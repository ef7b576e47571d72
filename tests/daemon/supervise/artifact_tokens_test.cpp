// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/artifact_tokens.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

using Texts = std::vector<std::string>;
const std::map<std::string, std::string> tokens{{"nexus", "Bearer s3cr3t"}, {"git", "pa55"}};

TEST(FillTokens, NamesBecomeValuesInSecretsAndInHeadersOfDownloads) {
    const auto filled = fill_tokens(R"(actions:
- deploy:
    images:
      kernel:
        headers:
          Accept: text/html
          Authorization: nexus
        url: http://example/kernel
    to: tmpfs
- test:
    definitions:
    - from: url
      headers:
        PRIVATE: git
      repository: http://example/tests.tar.gz
job_name: nexus
secrets:
  OTHER: mine
  TOKEN: git
)",
                                    tokens);
    EXPECT_EQ(filled.text, R"(actions:
- deploy:
    images:
      kernel:
        headers:
          Accept: text/html
          Authorization: Bearer s3cr3t
        url: http://example/kernel
    to: tmpfs
- test:
    definitions:
    - from: url
      headers:
        PRIVATE: pa55
      repository: http://example/tests.tar.gz
job_name: nexus
secrets:
  OTHER: mine
  TOKEN: pa55
)");
    EXPECT_EQ(filled.used, (Texts{"pa55", "Bearer s3cr3t"}));
}

TEST(FillTokens, ElsewhereANameIsAName) {
    for (const std::string text : {
             "actions:\n- boot: {headers: {A: git}, url: x}\n",       // neither deploy nor test
             "actions:\n- deploy: {headers: {A: git}, to: tmpfs}\n",  // nothing is fetched
             "actions:\n- test: {from: git, headers: {A: git}, repository: x}\n",
             "actions:\n- deploy: {url: git, to: git}\n",
             "headers: {A: git}\nurl: x\n",
             "secrets: [git]\nmetadata: {secrets: git}\n",
             "secrets: {A: gitt, B: 'git '}\n",
             "no: [yaml",
         }) {
        const auto filled = fill_tokens(text, tokens);
        EXPECT_EQ(filled.text, text);
        EXPECT_TRUE(filled.used.empty()) << text;
    }
}

TEST(FillTokens, WithoutTokensNothingIsRead) {
    EXPECT_EQ(fill_tokens("secrets: {A: git}  # mine\n", {}).text, "secrets: {A: git}  # mine\n");
}

}  // namespace
}  // namespace patchbay
