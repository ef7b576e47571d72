# SPDX-License-Identifier: Apache-2.0
"""The field's test suites on a guest with a real root file system (docs/test-suites.md), by `patchbay run`."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

import field_definitions

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
JOB = (ROOT / "examples/test-suites.yaml").read_text()
MANY = 2000
# How many of them are sent by lava-test-case, a process each, of which an emulated processor starts some ten in a second.
SENT = int(os.environ.get("PATCHBAY_SENT_CASES", "200"))


def made_by(script, file):
    """The folder that scripts/make-SCRIPT made: of $PATCHBAY_SCRIPT, or one made now; None when neither has the file."""
    made = pathlib.Path(arguments.programs).resolve().parent / script
    for folder in (os.environ.get("PATCHBAY_" + script.upper()), made):
        if folder == made:
            subprocess.run([ROOT / "scripts" / ("make-" + script), made], timeout=900, check=False)
        if folder and (pathlib.Path(folder) / file).exists():
            return pathlib.Path(folder).resolve()
    return None


def commit(folder):
    """All that the folder has, into the git repository that it is or becomes."""
    environment = dict(os.environ, HOME=str(folder), GIT_CONFIG_NOSYSTEM="1")
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        environment.update({name + "_NAME": "patchbay", name + "_EMAIL": "patchbay@example.com"})
    for command in (["init", "-q", "."], ["add", "-A"], ["commit", "-q", "-m", "test definitions"]):
        subprocess.run(["git", *command], cwd=folder, env=environment, check=True)


def inline(name, steps, **more):
    return {"name": name, "from": "inline", "path": "inline/%s.yaml" % name,
            "repository": {"metadata": {"format": "Lava-Test Test Definition 1.0", "name": name},
                           "run": {"steps": steps}, **more}}


class OnDebian(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("qemu-system-x86_64"):
            raise unittest.SkipTest("no qemu-system-x86_64 on this machine")
        cls.debian = made_by("debian", "debian.ext4")
        if cls.debian is None:
            raise unittest.SkipTest("no Debian guest; scripts/install-deps guest debian and scripts/make-debian make it")
        scratch = tempfile.TemporaryDirectory(prefix="patchbay-suites-")
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = pathlib.Path(scratch.name)
        cls.tests = cls.scratch / "tests"
        shutil.copytree(ROOT / "examples/test-definitions", cls.tests)
        shutil.copytree(HERE / "suites", cls.tests / "suites")
        commit(cls.tests)

    def run_job(self, tests, modules=None):
        """Runs these entries of `definitions`; {suite: ["case result", ...]}, suite lava has the runs alone. `modules`: a
        tarball whose files go into the root file system."""
        job = yaml.safe_load(JOB.replace("@DEBIAN@", str(self.debian)).replace("@TESTS@", str(self.tests)))
        if tests is not None:
            job["tests"] = tests
            del job["expect"]  # of the example's own test
        if modules is not None:
            job["artifacts"]["x86_64"]["modules"] = "file://%s" % modules
        file = self.scratch / "job.yaml"
        file.write_text(yaml.safe_dump(job, sort_keys=False))
        done = subprocess.run([os.path.join(arguments.programs, "patchbay"), "--json", "run", file, "--on", "qemu-x86_64"],
                              text=True, capture_output=True, check=False,
                              env=dict(os.environ, XDG_STATE_HOME=str(self.scratch / "state")))
        self.log = done.stdout + done.stderr
        report = json.loads(done.stdout[done.stdout.rindex("\n{"):] if "\n{" in done.stdout else done.stdout)
        self.assertEqual((report["state"], report["health"]), ("Finished", "Complete"), self.log[-20000:])
        suites = {}
        for case in report["cases"]:
            number = " ".join(str(case[key]) for key in ("measurement", "unit") if case.get(key))
            suites.setdefault(case["suite"], []).append(" ".join(filter(None, (case["case"], case["result"], number))))
        # A case for each definition that ran, without its duration; the job's own steps have no number.
        suites["lava"] = [" ".join(line.split()[:2]) for line in suites["lava"] if line[0].isdigit()]
        return suites

    def add_file(self, path, text):
        (self.tests / path).write_text(text)
        commit(self.tests)

    def from_repository(self, name, path, **parameters):
        return {"name": name, "from": "git", "repository": "file://%s" % self.tests, "path": path, "parameters": parameters}

    def test_suites_become_test_cases(self):
        linux = "automated/linux/"
        suites = self.run_job([
            self.from_repository("smoke", linux + "smoke/smoke.yaml",
                                 TESTS="pwd, uname -a, lsb_release -a, ip a, lscpu, vmstat, lsblk, false, no-such-program"),
            self.from_repository("ltp", linux + "ltp/ltp.yaml", LTP_INSTALL_PATH="../../../suites/ltp"),
            self.from_repository("ltp-kirk", linux + "ltp/ltp.yaml", LTP_INSTALL_PATH="../../../suites/kirk",
                                 TST_CMDFILES="smoketest,none"),
            self.from_repository("ktap-by-pattern", "suites/by-pattern/ktap.yaml"),
            self.from_repository("ltp-by-pattern", "suites/by-pattern/ltp.yaml"),
            self.from_repository("no-kselftest", linux + "kselftest/kselftest.yaml"),
            inline("packages", ["lava-test-case installed --shell dpkg -s patchbay-hello",
                                "lava-test-case says-hello --shell test \"$(patchbay-hello)\" = hello",
                                "lava-test-case listed --shell 'lava-installed-packages | grep -q patchbay-hello'",
                                "lava-test-case bash --shell test -n '\"$BASH_VERSION\"'"],
                   install={"deps": ["patchbay-hello"]}),
            inline("after", ["lava-test-case goes-on --result pass"]),
        ])
        smoke = suites["0_smoke"]
        self.assertEqual(smoke[:-1], ["pwd pass", "uname pass", "lsb_release pass", "ip pass", "lscpu pass", "vmstat pass",
                                      "lsblk pass", "false fail", "no-such-program skip"])
        self.assertRegex(smoke[-1], r"^memory-total pass \d+(\.0)? KiB$")
        self.assertEqual(suites["1_ltp"], ["abort01 pass", "access02 fail", "acct02 skip", "bind06 fail", "fcntl34_64 pass"])
        self.assertEqual(suites["2_ltp-kirk"], ["abort01 pass", "acct02 skip", "bind06 fail", "run_none fail"])
        # A pattern knows the word at the begin of a line, and no names with blanks.
        self.assertEqual(suites["3_ktap-by-pattern"], ["single_thread pass", "posix_timers fail", "nanosleep fail", "rtcpie pass",
                                                       "leap-a-day fail", "mqueue-lat pass"])
        self.assertEqual(suites["4_ltp-by-pattern"], suites["1_ltp"])
        self.assertNotIn("5_no-kselftest", suites)
        self.assertEqual([line for line in suites["lava"] if "pass" not in line], ["5_no-kselftest fail"])
        self.assertIn("has no run_kselftest.sh", self.log)
        self.assertEqual(suites["6_packages"], ["installed pass", "says-hello pass", "listed pass", "bash pass"])

    def test_the_kernels_own_tests(self):
        built = made_by("suites", "kselftest.tar.xz")
        if built is None:
            self.skipTest("no suites of the kernel; scripts/install-deps guest suites and scripts/make-suites make them")
        files = self.scratch / "files.tar"
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "opt/kselftest").mkdir(parents=True)
            for tarball, place in (("kselftest", "opt/kselftest"), ("kunit", ".")):
                subprocess.run(["tar", "-C", place, "-xf", built / (tarball + ".tar.xz")], cwd=folder, check=True)
            subprocess.run(["tar", "-C", folder, "-cf", files, "."], check=True)
        kselftest, kunit = "automated/linux/kselftest/kselftest.yaml", "automated/linux/kunit/kunit.yaml"
        suites = self.run_job([
            self.from_repository("kselftest", kselftest, TST_CMDFILES="size membarrier static_keys none",
                                 SKIPLIST="membarrier:membarrier_test_multi_thread"),
            self.from_repository("kselftest-one", kselftest, TST_CASENAME="kcmp:kcmp_test"),
            self.from_repository("kunit", kunit, KUNIT_MODULES="kunit-example-test no-such-module"),
            self.from_repository("kunit-by-pattern", "suites/by-pattern/kunit.yaml"),
        ], files)
        membarrier = "membarrier_membarrier_test_single_thread"
        of_membarrier = [line for line in suites["0_kselftest"] if line.startswith(membarrier)]
        self.assertEqual(len(of_membarrier), 14)  # its plan is 1..13
        self.assertEqual([line for line in of_membarrier if not line.endswith(" pass")], [])
        self.assertEqual([line for line in suites["0_kselftest"] if line not in of_membarrier], [
            "none fail", "membarrier_membarrier_test_multi_thread skip", "size_get_size_get_runtime_memory_use pass",
            "size_get_size pass", "static_keys_test_static_keys_sh skip"])
        self.assertEqual(suites["1_kselftest-one"], ["kcmp_kcmp_test pass"])
        self.assertEqual(suites["2_kunit"], [
            "modprobe_kunit-example-test pass", "modprobe_no-such-module fail", "example_example_simple_test pass",
            "example_example_skip_test skip", "example_example_mark_skipped_test skip",
            "example_example_all_expect_macros_test pass", "example pass"])
        # A pattern knows the word at the begin of a line, not that SKIP stands at its end.
        self.assertEqual(suites["3_kunit-by-pattern"], [
            "example_simple_test pass", "example_skip_test pass", "example_mark_skipped_test pass",
            "example_all_expect_macros_test pass", "example pass"])

    def test_many_results_lose_none(self):
        def lines(count, form):
            return "seq 0 %d | awk '{ print %s }'" % (count - 1, form % '($1 % 7 ? "pass" : "fail")')
        self.add_file("suites/sent.yaml", yaml.safe_dump({
            "metadata": {"format": "Lava-Test Test Definition 1.0", "name": "sent"},
            "run": {"steps": [lines(SENT, '"case-" $1, %s, $1, "ms"') + " > result.txt",
                              "sh automated/utils/send-to-lava.sh result.txt"]}}))
        signal = '"<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=case-" $1 " RESULT=" %s " UNITS=ms MEASUREMENT=" $1 ">"'
        suites = self.run_job([
            inline("at-once", [lines(MANY, signal)]),
            inline("by-pattern", [lines(MANY, '"case-" $1 ": " %s')],
                   parse={"pattern": r"^(?P<test_case_id>\S+): (?P<result>pass|fail)",
                          "fixupdict": {"pass": "pass", "fail": "fail"}}),
            self.from_repository("sent", "suites/sent.yaml")])
        expected = ["case-%d %s" % (number, "pass" if number % 7 else "fail") for number in range(MANY)]
        measured = ["%s %s ms" % (case, float(number)) for number, case in enumerate(expected)]
        self.assertEqual(suites["0_at-once"], measured)
        self.assertEqual(suites["1_by-pattern"], expected)
        self.assertEqual(suites["2_sent"], measured[:SENT])

    def test_definitions_of_the_field(self):
        corpus = os.environ.get("PATCHBAY_CORPUS")
        if not corpus:
            self.skipTest("PATCHBAY_CORPUS names no folder with the field's definitions")
        folder = self.scratch / "field"
        shutil.copytree(pathlib.Path(corpus) / "testdefs", folder)
        commit(folder)
        functional = "lava-functional/lava-test-shell__"
        basic = ["pass"] * 6
        expected = {
            "lava-doc/doc__content___snippets__tests__smoke.yaml": basic,
            functional + "smoke-tests-basic.yaml": basic,
            # no network card, no names
            functional + "single-node__singlenode01.yaml": ["pass"] * 5 + ["fail"],
            "lava-doc/doc__v2__examples__test-definitions__singlenode01.yaml": ["pass"] * 5 + ["fail", "fail"],
            "lava-doc/doc__v2__examples__test-definitions__params.yaml": ["pass", "fail", "pass", "fail"],
            functional + "params__skip_install.yaml": ["pass"],
            # ends at a script of its repository; what was said before it counts
            functional + "params__parameters.yaml": [
                "pass", "fail", "pass", "pass", "fail", "pass", "pass", "pass", "pass", "fail", "pass", "fail"],
            "revpi/automated__health-checks__tests__health-check-test.yaml": ["pass"] * 3,
            # pwd, ls, cd, uname pass; /home/root is OpenEmbedded's; no USB
            "toradex-2017/common__smoke-tests-basic.yaml": ["pass"] * 3 + ["fail"] * 4 + ["pass", "pass", "fail"],
            "toradex-2017/common__basic-opkg.yaml": ["fail", "fail"],
        }
        tests = []
        for path in expected:
            name = "f%d" % len(tests)
            tests.append({"name": name, "from": "git", "repository": "file://%s" % folder, "path": path})
            if "skip_install" in path:
                tests[-1]["skip_install"] = ["all"]
        suites = self.run_job(tests)
        for number, (path, results) in enumerate(expected.items()):
            cases = suites.get("%d_f%d" % (number, number), [])
            print("%s: %s" % (path, ", ".join(cases)))
            with self.subTest(definition=path):
                self.assertEqual([line.split()[1] for line in cases], results)

    def test_linaros_definitions_call_their_scripts(self):
        corpus = os.environ.get("PATCHBAY_CORPUS")
        if not corpus:
            self.skipTest("PATCHBAY_CORPUS names no folder with the field's definitions")
        folder = self.scratch / "linaro"
        folder.mkdir()
        send = ROOT / "examples/test-definitions/automated/utils/send-to-lava.sh"
        definitions = field_definitions.simple_definitions(corpus, folder, send)
        self.assertGreater(len(definitions), 50)
        expected = [field_definitions.called_here(folder, definition) for definition in definitions.values()]
        commit(folder)
        suites = self.run_job([{"name": "d%d" % number, "from": "git", "repository": "file://%s" % folder, "path": path,
                                "skip_install": ["all"]} for number, path in enumerate(definitions)])
        for number, path in enumerate(definitions):
            with self.subTest(definition=path):
                self.assertEqual([line.replace(".0 sum", " sum") for line in suites.get("%d_d%d" % (number, number), [])],
                                 expected[number])
        print("%d definitions, %d calls" % (len(definitions), sum(map(len, expected))))
        self.assertEqual([line for line in suites["lava"] if "pass" not in line], [])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True, help="folder of patchbay and patchbay-runner")
    arguments, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)  # names what was skipped
