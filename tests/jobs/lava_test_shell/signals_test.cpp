// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/lava_test_shell/target.hpp"

namespace patchbay {
namespace {

using TestSignals = Target;
EVERY_SHELL(TestSignals);

TEST_P(TestSignals, HaveLavasTextAndExitCode) {
    struct Row {
        const char* line;
        const char* output;
        int code;
    };
    const Row rows[] = {
        {"lava-test-set start set-one", "<LAVA_SIGNAL_TESTSET START set-one>\n", 0},
        {"lava-test-set stop", "<LAVA_SIGNAL_TESTSET STOP>\n", 0},
        {"lava-test-reference r --result pass --reference http://x/y",
         "<LAVA_SIGNAL_TESTREFERENCE r pass http://x/y>\n", 0},
        {"lava-test-raise no network here", "<LAVA_SIGNAL_TESTRAISE no network here>\n", 1},
        {"lava-test-event 'half way'", "<LAVA_SIGNAL_TESTEVENT half way>\n", 0},
        {"lava-test-feedback --namespace other", "<LAVA_SIGNAL_TESTFEEDBACK other>\n", 0},
    };
    for (const auto& row : rows) {
        const auto outcome = run(row.line);
        EXPECT_EQ(outcome.output, row.output);
        EXPECT_EQ(outcome.code, row.code) << row.line;
    }
}

TEST_P(TestSignals, AreNotSentWhenTheCallIsWrong) {
    for (const auto* line :
         {"lava-test-set", "lava-test-set start", "lava-test-set pause", "lava-test-reference r",
          "lava-test-reference r --result pass", "lava-test-raise", "lava-test-event", "lava-test-event two words",
          "lava-test-feedback default", "lava-test-feedback --namespace"}) {
        const auto outcome = run(line);
        EXPECT_EQ(outcome.code, 1) << line;
        EXPECT_EQ(outcome.output.find("<LAVA_SIGNAL"), std::string::npos) << outcome.output;
    }
}

TEST_P(TestSignals, WaitTheCharacterDelay) {
    program("bin/sleep", "echo \"slept $1\"\n");
    EXPECT_EQ(run("CHARACTER_DELAY=0.5\nexport CHARACTER_DELAY\nlava-test-event x").output.substr(0, 10),
              GetParam() == std::string{"busybox sh"} ? "<LAVA_SIGN" : "slept 0.5\n");
}

}  // namespace
}  // namespace patchbay
