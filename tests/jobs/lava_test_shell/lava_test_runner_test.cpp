// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/lava_test_shell/target.hpp"

namespace patchbay {
namespace {

class LavaTestRunner : public Target {
protected:
    void definition(const std::string& name, const std::string& run_text, const std::string& install_text = "") {
        write("0/tests/" + name + "/run.sh", run_text);
        if (!install_text.empty()) write("0/tests/" + name + "/install.sh", install_text);
        list_ += (root / "0/tests" / name).string() + "\n";
        write("0/lava-test-runner.conf", list_);
    }
    ShellOutcome run_stage() {
        // As the dispatcher does before it starts a stage.
        return run("export SHELL=/bin/sh\n" + (root / "bin/lava-test-runner").string() + " " + (root / "0").string());
    }
    std::filesystem::path results(const std::string& name) { return root / "0/results" / name; }

private:
    std::string list_;
};
EVERY_SHELL(LavaTestRunner);

TEST_P(LavaTestRunner, RunsEveryDefinitionAndSaysThatItEnded) {
    definition("0_a", "echo a; lava-test-case x --result pass\n");
    definition("1_b", "echo b in $LAVA_RESULT_DIR\n");
    const auto outcome = run_stage();
    EXPECT_EQ(outcome.output, "a\n<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=x RESULT=pass>\nb in " + results("1_b").string() +
                                  "\n<LAVA_TEST_RUNNER EXIT>\n");
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(read(results("0_a") / "return_code"), "0\n");
}

TEST_P(LavaTestRunner, AFailingStepEndsItsRunOnly) {
    definition("0_a", "echo before\nfalse\necho after\n");
    definition("1_b", "echo b\n");
    EXPECT_EQ(run_stage().output, "before\nb\n<LAVA_TEST_RUNNER EXIT>\n");
    EXPECT_EQ(read(results("0_a") / "return_code"), "1\n");
}

TEST_P(LavaTestRunner, AFailedInstallationSkipsTheRunAndTellsTheDispatcher) {
    definition("0_a", "echo a\n", "echo installing in $(pwd)\nexit 3\n");
    definition("1_b", "echo b\n", "echo installed\n");
    EXPECT_EQ(run_stage().output, "installing in " + (root / "0/tests/0_a").string() +
                                      "\n<LAVA_TEST_RUNNER INSTALL_FAIL>\ninstalled\nb\n<LAVA_TEST_RUNNER EXIT>\n");
    EXPECT_EQ(read(results("0_a") / "install_return_code"), "3\n");
    EXPECT_EQ(read(results("1_b") / "install_return_code"), "0\n");
}

TEST_P(LavaTestRunner, DoesNotRepeatATestAfterAReboot) {
    definition("0_a", "echo a\n");
    run_stage();
    const auto outcome = run_stage();
    EXPECT_EQ(outcome.output.find("a\n<"), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find("<LAVA_TEST_RUNNER EXIT>\n"), std::string::npos) << outcome.output;
    EXPECT_EQ(outcome.code, 1);
}

TEST_P(LavaTestRunner, ATestMayReadTheConsole) {
    definition("0_a", "cat\necho a\n");
    definition("1_b", "echo b\n");
    EXPECT_EQ(run_stage().output, "a\nb\n<LAVA_TEST_RUNNER EXIT>\n");
}

TEST_P(LavaTestRunner, UsesTheKernelLogForTheDefinitionsThatAskForIt) {
    definition("0_a", "lava-test-case k --result pass\n", "exit 1\n");
    definition("1_b", "lava-test-case l --result pass\n");
    definition("2_c", "lava-test-case m --result pass\n");
    write("0/tests/0_a/lava-use-kmsg", "");
    write("0/tests/1_b/lava-use-kmsg", "");
    EXPECT_EQ(run_stage().output, "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=m RESULT=pass>\n<LAVA_TEST_RUNNER EXIT>\n");
    EXPECT_NE(read("kmsg").find("TEST_CASE_ID=l"), std::string::npos) << read("kmsg");
}

TEST_P(LavaTestRunner, IgnoresConsoleNoiseInItsList) {
    definition("0_a", "echo a\n");
    write("0/lava-test-runner.conf", "<LAVA_SIGNAL_X y>\n\n" + (root / "0/tests/0_a").string() + "\n");
    EXPECT_EQ(run_stage().output, "a\n<LAVA_TEST_RUNNER EXIT>\n");
}

TEST_P(LavaTestRunner, SaysThatItEndedWhenItIsStopped) {
    definition("0_a", "kill -TERM $PPID\nkill -TERM $(cat ../../../pid)\nsleep 0\n");
    const auto outcome = run("SHELL=/bin/sh\n(echo $$ > /dev/null; exec sh -c 'echo $$ > " + (root / "pid").string() +
                             "; exec " + (root / "bin/lava-test-runner").string() + " " + (root / "0").string() + "')");
    const auto& text = outcome.output;
    const auto first = text.find("<LAVA_TEST_RUNNER EXIT>");
    ASSERT_NE(first, std::string::npos) << text;
    EXPECT_EQ(text.find("<LAVA_TEST_RUNNER EXIT>", first + 1), std::string::npos) << text;
}

TEST_P(LavaTestRunner, TheOneOfAndroidRunsOnce) {
    install("android");
    program("bin/disablesuspend.sh", "echo awake\n");
    definition("0_a", "echo a\n");
    const auto first = run_stage();
    EXPECT_NE(first.output.find("<LAVA_TEST_RUNNER disabling suspend and waiting for home screen ...>\nawake\na\n"
                                "<LAVA_TEST_RUNNER EXIT>\n"),
              std::string::npos)
        << first.output;
    EXPECT_EQ(run_stage().output, "");
}

}  // namespace
}  // namespace patchbay
