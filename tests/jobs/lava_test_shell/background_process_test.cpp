// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include "tests/jobs/lava_test_shell/target.hpp"

namespace patchbay {
namespace {

using BackgroundProcess = Target;
EVERY_SHELL(BackgroundProcess);

TEST_P(BackgroundProcess, RunsUntilItIsStopped) {
    const auto fifo = (root / "fifo").string();
    const auto outcome =
        run("mkfifo " + fifo + "\nlava-background-process-start sampler --cmd \"echo sample > " + fifo +
            "\" > /dev/null 2>&1\nhead -n 1 " + fifo + "\nlava-background-process-stop sampler\n");
    EXPECT_EQ(outcome.output, "sample\n");
    EXPECT_EQ(outcome.code, 0);
    EXPECT_GT(std::stol(read("results/results/sampler/pid")), 1);
}

TEST_P(BackgroundProcess, StoppingOneThatWasNeverStartedIsAMistake) {
    EXPECT_EQ(run("lava-background-process-stop ghost").code, 1);
    EXPECT_EQ(run("lava-background-process-start").code, 1);
    EXPECT_EQ(run("lava-background-process-start x --cmd").code, 1);
}

}  // namespace
}  // namespace patchbay
