# SPDX-License-Identifier: Apache-2.0
"""The scripts that read KTAP and LTP's output, without a target."""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UTILS = ROOT / "examples/test-definitions/automated/utils"
SUITES = ROOT / "tests/guest/suites"


def load(name):
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), UTILS / (name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


sys.dont_write_bytecode = True
KTAP = load("ktap-to-results")
LTP = load("ltp-to-results")


def ktap(text):
    return ["%s %s" % each for each in KTAP.parse(text.split("\n"))]


def ltp(text):
    return ["%s %s" % each for each in LTP.parse(text)]


class Ktap(unittest.TestCase):
    def test_a_result_is_pass_fail_or_skip(self):
        self.assertEqual(ktap("TAP version 13\n1..4\nok 1 - one\nnot ok 2 two words # exit=1\nok 3 three # SKIP no card\n"
                              "not ok 4 four # TODO later\n"),
                         ["one pass", "two_words fail", "three skip", "four fail"])

    def test_what_only_has_a_number_or_a_reason_has_a_name(self):
        self.assertEqual(ktap("ok 1\nok 2 # SKIP no such card\nok 3 # XFAIL known\nok 4 # skip"),
                         ["test_1 pass", "no_such_card skip", "known pass", "test_4 skip"])

    def test_no_name_breaks_a_signal(self):
        self.assertEqual(ktap("ok 1 a<b>c: \"d\"\n"), ["a_b_c_d pass"])
        self.assertLessEqual(len(ktap("ok 1 " + "x" * 100000)[0]), KTAP.LONGEST_NAME + len(" pass"))

    def test_names_of_nested_tests_begin_with_those_of_their_parents(self):
        for indent in ("    ", "\t", "# "):
            self.assertEqual(ktap("%sok 1 in\n%s%snot ok 1 deep\n%snot ok 2 middle\nnot ok 1 out\n" % (indent, indent, indent, indent)),
                             ["out_in pass", "out_middle_deep fail", "out_middle fail", "out fail"])

    def test_a_child_whose_parent_never_came_stays(self):
        self.assertEqual(ktap("ok 1 first\n    ok 1 child\n"), ["first pass", "child pass"])

    def test_names_are_those_of_the_field(self):
        self.assertEqual(ktap("ok 1 selftests: splice: short_splice_read.sh\nok 2 [14] /proc/self/maps: -1.2+\n"),
                         ["splice_short_splice_read_sh pass", "proc_self_maps__1_2 pass"])

    def test_the_same_name_twice_are_two_cases(self):
        self.assertEqual(ktap("ok 1 a\nnot ok 2 a\nok 3 a\n"), ["a pass", "a_dup2 fail", "a_dup3 pass"])

    def test_a_plan_that_is_not_fulfilled_is_a_failure(self):
        self.assertEqual(ktap("1..3\nok 1 a\n"), ["a pass", "plan fail"])
        self.assertEqual(ktap("1..1\nBail out! no memory\n"), ["bail-out fail", "plan fail"])
        self.assertEqual(ktap("1..0 # SKIP nothing to do\n"), [])

    def test_other_text_is_no_result(self):
        self.assertEqual(ktap("ok\nok then\nnot okay 1\nokay 2\n# ok so far\nthis is ok 3\n"), [])

    def test_the_time_of_the_kernels_log_is_no_part_of_it(self):
        self.assertEqual(ktap("[    1.234567] KTAP version 1\n[   12.5]     ok 1 case\n<6>[    2.0][  T123] ok 1 suite\r\n"),
                         ["suite_case pass", "suite pass"])

    def test_much_of_it_is_read_in_a_moment(self):
        self.assertEqual(len(ktap("".join("    ok %d case %d\n" % (n, n) for n in range(20000)) + "ok 1 suite\n")), 20001)

    def test_kselftests_runner(self):
        self.assertEqual(ktap((SUITES / "kselftest/output.txt").read_text()), [
            "membarrier_single_thread_sys_membarrier_available pass",
            "membarrier_single_thread_sys_membarrier_private_expedited_not_supported skip",
            "membarrier_single_thread_sys_membarrier_invalid_flags__1_errno_22 pass",
            "membarrier_single_thread pass",
            "timers_posix_timers_check_itimer_real fail",
            "timers_posix_timers_check_timer_create_exact pass",
            "timers_posix_timers fail",
            "timers_nanosleep fail",
            "timers_rtcpie skip",
            "timers_leap-a-day fail",
            "timers_mqueue-lat pass"])

    def test_kunit_of_later_kernels(self):
        self.assertEqual(ktap((SUITES / "kunit/log.txt").read_text()), [
            "example_example_simple_test pass", "example_example_skip_test skip",
            "example_example_params_test_example_value_3 pass", "example_example_params_test_example_value_0 fail",
            "example_example_params_test fail", "example fail",
            "list-kunit-test_list_test_list_init pass", "list-kunit-test pass"])

    def test_recorded_logs(self):
        corpus = os.environ.get("PATCHBAY_CORPUS")
        if not corpus:
            self.skipTest("PATCHBAY_CORPUS names no folder with recorded logs")
        logs = pathlib.Path(corpus) / "logs/ktap"
        single, multi = "membarrier_membarrier_test_single_thread", "membarrier_membarrier_test_multi_thread"
        command = "_sys_membarrier_invalid_command_test_command__1_flags_0_errno_22_Failed_as_expected"
        for name, expected in {
            "failure-nested.log": ["subtest_1 fail", "subtest_2_subsubtest_1 fail", "subtest_2 fail"],
            "kselftest.log": [part + " pass" for test in (single, multi)
                              for part in (test + "_sys_membarrier_available", test + command, test)],
            "missing-plan.log": ["sysctl_test_sysctl_test_dointvec_null_tbl_data pass",
                                 "sysctl_test_sysctl_test_dointvec_table_maxlen_unset pass", "sysctl_test pass",
                                 "example_example_simple_test pass", "example_example_mock_test pass", "example pass"],
        }.items():
            with self.subTest(log=name):
                self.assertEqual(ktap((logs / name).read_text()), expected)


# In the form of kselftest's own: lists its tests, runs those that -t names.
RUNNER = """#!/bin/sh
[ "$1" = -l ] && exec cat kselftest-list.txt
echo "1..$(($# / 2))"
while [ $# -gt 0 ]; do
    echo "ok 1 selftests: $(echo "$2" | sed 's/:/: /') # $1 $SETTING"
    shift 2
done
"""


class Script(unittest.TestCase):
    """One of the repository's scripts, called as Linaro's definition of its name calls Linaro's."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="patchbay-suite-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        shutil.copytree(UTILS.parent, self.folder / "automated")

    def run_script(self, suite, *options):
        """The lines of results that it leaves."""
        suite_folder = self.folder / "automated/linux" / suite
        self.done = subprocess.run(["sh", "./%s.sh" % suite, *options], cwd=suite_folder, text=True, capture_output=True, check=False)
        return (suite_folder / "output/result.txt").read_text().splitlines()


class LtpScript(Script):
    CALL = ["-s", "true", "-v", "", "-R", "root", "-b", "", "-g", "", "-e", "production", "-p", "", "-u", "", "-t", "false"]

    def setUp(self):
        super().setUp()
        self.ltp = self.folder / "ltp"
        shutil.copytree(SUITES / "kirk", self.ltp)
        self.call = self.CALL + ["-i", str(self.ltp), "-T", "smoketest"]

    def test_it_is_called_as_linaros_definition_does(self):
        scratch, skip_file = self.folder / "scratch", self.folder / "skips"
        skip_file.write_text("")
        self.assertEqual(self.run_script("ltp", *self.call, "-d", str(scratch), "-S", str(skip_file), "-M", "5", "-w", "2",
                                         "-k", "--verbose --foo"), ["abort01 pass", "acct02 skip", "bind06 fail"])
        self.assertIn("--tmp-dir %s --skip-file %s --workers 2 --verbose --foo\n" % (scratch, skip_file), self.done.stdout)
        self.assertTrue(scratch.is_dir())

    def test_a_list_that_is_not_there_is_named_and_left_out(self):
        self.assertEqual(len(self.run_script("ltp", *self.call, "-S", "/tuxtest/skipfiles/armv7/ltp-fsx")), 3)
        self.assertIn("no list of tests to skip at /tuxtest/skipfiles/armv7/ltp-fsx", self.done.stderr)
        self.assertNotIn("--skip-file", self.done.stdout)

    def test_shards_are_parts_of_the_whole(self):
        parts = [self.run_script("ltp", *self.call, "-n", "3", "-c", str(shard)) for shard in (1, 2, 3)]
        self.assertEqual(parts, [["abort01 pass"], ["acct02 skip"], ["bind06 fail"]])

    def test_the_older_runner(self):
        (self.ltp / "kirk").unlink()
        for file in (SUITES / "ltp").iterdir():
            shutil.copy(file, self.ltp)
        self.assertEqual(self.run_script("ltp", *self.call),
                         ["abort01 pass", "access02 fail", "acct02 skip", "bind06 fail", "fcntl34_64 pass"])


class KselftestScript(Script):
    def setUp(self):
        super().setUp()
        built = self.folder / "built"
        built.mkdir()
        (built / "run_kselftest.sh").write_text(RUNNER)
        (built / "run_kselftest.sh").chmod(0o755)
        (built / "kselftest-list.txt").write_text("".join("%s\n" % name for name in ("net:a", "net:b.sh", "size:c", "timers:d")))
        self.tarball = self.folder / "kselftest.tar.xz"
        subprocess.run(["tar", "-C", built, "-caf", self.tarball, "."], check=True)

    def results(self, *options):
        """With a tarball; the folder is missing on the target."""
        call = ["-p", "/nonexistent", "-u", self.tarball.as_uri(), "-t", "kselftest_armhf.tar.gz", "-s", "true", "-b", "", "-g", "",
                "-e", "production"]
        return self.run_script("kselftest", *call, *options)

    def test_a_tarball_is_fetched_and_all_of_it_runs(self):
        self.assertEqual(self.results(), ["net_a pass", "net_b_sh pass", "size_c pass", "timers_d pass"])

    def test_collections_and_single_tests(self):
        self.assertEqual(self.results("-c", "size net"), ["size_c pass", "net_a pass", "net_b_sh pass"])
        self.assertEqual(self.results("-c", "net", "-T", "timers:d"), ["timers_d pass"])
        self.assertEqual(self.results("-c", "netz size"), ["netz fail", "size_c pass"])
        self.assertEqual(self.results("-T", "net:b.h net:b.sh"), ["net_b_h fail", "net_b_sh pass"])

    def test_what_is_to_be_skipped_is_a_skip(self):
        self.assertEqual(self.results("-L", "net:a no:such"), ["net_a skip", "net_b_sh pass", "size_c pass", "timers_d pass"])
        self.assertEqual(self.results("-L", "net:.*"), ["net_a skip", "net_b_sh skip", "size_c pass", "timers_d pass"])
        skip_file = self.folder / "skips"
        skip_file.write_text("# slow\nnet:b.sh\ntimers:d\n")
        self.assertEqual(self.results("-S", str(skip_file)), ["net_b_sh skip", "timers_d skip", "net_a pass", "size_c pass"])
        self.assertEqual(len(self.results("-S", "skipfile-lkft.yaml")), 4)
        self.assertIn("no list of tests to skip at skipfile-lkft.yaml", self.done.stderr)

    def test_shards_are_parts_of_the_whole(self):
        parts = [self.results("-n", "3", "-i", str(shard)) for shard in (1, 2, 3)]
        self.assertEqual([len(part) for part in parts], [2, 1, 1])
        self.assertEqual(sorted(sum(parts, [])), ["net_a pass", "net_b_sh pass", "size_c pass", "timers_d pass"])

    def test_settings_reach_the_tests(self):
        self.results("-T", "size:c", "-E", "SETTING=loud")
        self.assertIn("size: c # -t loud", self.done.stdout)

    def test_no_kselftest_is_an_error(self):
        self.tarball.write_text("no archive")
        self.results()
        self.assertNotEqual(self.done.returncode, 0)
        self.assertIn("is no tarball of kselftest", self.done.stderr)


class Ltp(unittest.TestCase):
    def test_the_list_of_runltp(self):
        self.assertEqual(ltp((SUITES / "ltp/results.txt").read_text()),
                         ["abort01 pass", "access02 fail", "acct02 skip", "bind06 fail", "fcntl34_64 pass"])

    def test_the_log_of_programs(self):
        self.assertEqual(ltp("tst_test.c:1560: TINFO: Timeout per run is 0h 00m 30s\n"
                             "abort01.c:59: TPASS: raised\nabort01.c:60: \x1b[1;31mTFAIL: \x1b[0mcore file\nabort01.c:61: TPASS: more\n"
                             "acct02.c:8: TCONF: no CONFIG_BSD_PROCESS_ACCT\nbind06.c:3: TBROK: no socket\nx.c:1: TWARN: odd\n"
                             "growfiles    1  TPASS  :  Test passed\n"),
                         ["abort01 fail", "acct02 skip", "bind06 fail", "growfiles pass"])

    def test_the_report_of_kirk(self):
        self.assertEqual(ltp('{"results": [{"test_fqn": "a", "status": "pass", "test": {"result": "conf"}},'
                             '{"test_fqn": "b c", "status": "pass"}, {"test_fqn": "d", "status": "odd"}]}'),
                         ["a skip", "b_c pass", "d unknown"])

    def test_what_it_does_not_know_is_an_error(self):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as nothing:
            done = subprocess.run([sys.executable, UTILS / "ltp-to-results.py", nothing.name], capture_output=True,
                                  text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("has no results in a form that is known here", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
