# SPDX-License-Identifier: Apache-2.0
"""Boards that die, each at another stage of a job: the job says who has to act and which case failed, the board is off, its
health is what LAVA's would be, and the next job has the board. `board_deaths_test.py UBoot` or `Grub` is one kind of board.

Everything is real: the daemon, its runners, our TFTP server, the boot loader, the kernel. The boards die at the same time."""

import dataclasses
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from boards import Bench, Lan, StallingTftp, TftpServer, parts, testing  # noqa: E402
from boards.device_file import boot_method, device, grub, u_boot  # noqa: E402
from rig import Board, UefiBoard  # noqa: E402
from rig.testing import programs  # noqa: E402
from rig_lab import labs  # noqa: E402

PROMPT = "root@pb-guest:~# "
CHECKS = ["lava-test-case before --result pass"]


@dataclasses.dataclass
class Death:
    case: str                  # the first one that fails, but of the kernel's own words: they have another
    error: str                 # error_type of the job
    says: str                  # its error_msg, a regular expression
    commands: str = "ramdisk"  # of the boot loader
    arguments: str = ""        # of the kernel
    steps: tuple = ()          # of the test, after the one that passes
    timeouts: dict = dataclasses.field(default_factory=dict)  # of the job's actions, in seconds
    reset: str = ""            # shell: what the command that resets the board does then, until it is mended
    machine: tuple = ()        # arguments of QEMU
    passed: tuple = ("pdu-reboot",)  # cases that pass before
    starts: int = 1            # how often the board gets its power


def shell(script):
    return f"sh -c {shlex.quote(script)}"


class Boards:
    """What both kinds have. Each board is the only one of its type, which is called as its death."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="patchbay-deaths-")))
        self.folder.chmod(0o755)
        self.tftp_root = self.folder / "tftp"
        self.tftp_root.mkdir()
        self.lan = self.enterContext(Lan())
        self.enterContext(TftpServer(self.lan, self.tftp_root))
        self.stalling = self.enterContext(StallingTftp(self.lan))

    def start_lab(self, devices, check=None):
        """check: a file with the health check of the devices; without it they are Good."""
        checked = {"health_check": str(check)} if check else {"disable_health_check": True}
        types = {entry["device_type"]: checked for entry in devices}
        self.lab = self.enterContext(labs.Lab(programs(), "\n".join([
            f"devices: {json.dumps(devices)}", f"device_types: {json.dumps(types)}", f"allowed_file_paths: [{parts()}]",
            f"tftp_root: {self.tftp_root}", f"dispatcher_ip: {self.lan.server}"]) + "\n")).start(60)
        self.lab.add_user()
        for entry in () if check else devices:
            self.set_health(entry["device_type"], "Good")

    def set_health(self, name, health):
        answer = self.lab.request("POST", f"/api/v0.2/devices/{name}-01/set_health/", {"health": health})
        self.assertEqual(answer.status, 202, answer.body)

    def has_health(self, name, health):
        self.lab.until(lambda: self.device(name)["health"] == health, f"{name} is not {health}", 120)

    def mended(self, name):
        """Where this file is, the board's switch works."""
        return self.folder / f"{name}-is-mended"

    def submit(self, name, death):
        files = {part: {"url": f"file://{parts() / file}", **more} for part, (file, more) in self.files.items()}
        test = {"name": "smoke", "from": "inline", "path": "inline/smoke.yaml", "repository": {
            "metadata": {"format": "Lava-Test Test Definition 1.0", "name": "smoke"}, "run": {"steps": [*CHECKS, *death.steps]}}}
        return self.lab.submit(json.dumps({
            "device_type": name, "job_name": name, "visibility": "public", "priority": "medium",
            "context": {"extra_kernel_args": death.arguments},
            "timeouts": {"job": {"minutes": 8}, "action": {"minutes": 5}, "connection": {"minutes": 2},
                         "actions": {action: {"seconds": seconds} for action, seconds in death.timeouts.items()}},
            "actions": [{"deploy": {"to": "tftp", "os": "oe", **files}},
                        {"boot": {"method": self.loader, "commands": death.commands, "prompts": [PROMPT]}},
                        {"test": {"definitions": [test]}}]}))

    def log(self, job):
        return "\n".join(self.lab.log_lines(job)[-40:])

    def results(self, job):
        """In their order, as the runner said them; the last one is the job's."""
        lines = [json.loads(line.removeprefix("- ")) for line in self.lab.log_lines(job)]
        return [line["msg"] for line in lines if line["lvl"] == "results"]

    def device(self, name):
        return self.lab.get(f"/api/v0.2/devices/{name}-01/?health_reason=1").json()

    def command_line(self, *words):
        environment = {**os.environ, "PATCHBAY_SERVER": self.lab.url, "PATCHBAY_TOKEN": self.lab.token, "HOME": str(self.folder)}
        return subprocess.run([programs() / "patchbay", *words], env=environment, capture_output=True, text=True, check=True).stdout

    def nothing_is_left(self):
        self.assertEqual(list(self.tftp_root.iterdir()), [])
        self.assertEqual([pid for name in self.benches for pid in labs.processes_of(self.mended(name))], [])

    # --- boards that die, and are used again --------------------------------------------------------------------------

    def test_each_dies_in_its_own_way_and_the_next_job_has_it(self):
        deaths = self.deaths()
        self.benches = {name: self.enterContext(self.bench(death.machine)) for name, death in deaths.items()}
        self.start_lab([self.entry(name, death) for name, death in deaths.items()])
        jobs = {name: self.submit(name, death) for name, death in deaths.items()}
        for name, death in deaths.items():
            with self.subTest(name):
                self.died(name, death, jobs[name])
        self.nothing_is_left()
        self.assertEqual(self.stalling.stalled, 1)
        self.stalling.stalls = False
        for name, bench in self.benches.items():
            self.mended(name).touch()
            bench.board.command = [word for word in bench.board.command if word != "-S"]
        following = {name: self.next_job(name) for name in deaths}
        for name, job in following.items():
            with self.subTest(name):
                self.assertEqual(self.lab.wait(job)["health"], "Complete", self.log(job))
                self.tell(name, job, "the next job")
                self.assertFalse(self.benches[name].board.powered)
                self.assertEqual([self.device(name)[key] for key in ("state", "health")], ["Idle", "Good"])
        self.nothing_is_left()
        self.assertNotIn(" since ", self.command_line("devices"))

    def entry(self, name, death):
        bench = self.benches[name]
        own = {}
        if death.reset:
            own["hard_reset"] = shell(f"{bench.switch('reset')}; test -e {self.mended(name)} || {death.reset}")
        return device(self.folder, name, bench, self.methods, **own)

    def died(self, name, death, job):
        self.assertEqual(self.lab.wait(job)["health"], "Incomplete", self.log(job))
        *results, verdict = self.results(job)
        self.assertEqual((verdict["case"], verdict["result"], verdict["error_type"]), ("job", "fail", death.error), self.log(job))
        self.assertRegex(verdict["error_msg"], death.says)
        failed = [result["case"] for result in results if result["result"] == "fail" and result["case"] != "kernel-messages"]
        self.assertEqual(failed[0], death.case, self.log(job))
        kept = {test["name"]: test["result"] for test in self.lab.get(f"/api/v0.2/jobs/{job}/tests/?limit=200").json()["results"]}
        self.assertEqual({case: kept.get(case) for case in (*death.passed, death.case)},
                         {**{case: "pass" for case in death.passed}, death.case: "fail"})
        self.assertEqual((self.benches[name].board.powered, self.benches[name].board.starts), (False, death.starts), self.log(job))
        self.health_after(name, death, job, verdict["error_msg"])
        self.tell(name, job, f"{death.case}, {death.error}: {verdict['error_msg'][:70]!r}")

    def tell(self, name, job, what):
        times = self.lab.job(job)
        print(f"{name:18} {times['start_time'][11:19]} to {times['end_time'][11:19]}  {what}", flush=True)

    def health_after(self, name, death, job, message):
        """An error of the lab makes a device Unknown, so that a health check comes before other jobs; who sent the job, or wrote
        its test, has no say in it."""
        answer, shown = self.device(name), self.command_line("devices")
        self.assertEqual(answer["state"], "Idle")
        if death.error != "Infrastructure":
            self.assertEqual(answer["health"], "Good")
            self.assertNotIn(f"\n{name}-01 is ", shown)
            return
        reason = f"job {job} ended with error Infrastructure: {message}"
        self.assertEqual((answer["health"], answer["health_reason"]), ("Unknown", reason))
        self.assertRegex(shown, rf"(?m)^{name}-01 is Unknown since [^:]*:\d\d: job {job} ended with error Infrastructure: ")

    # --- a board that stays on ----------------------------------------------------------------------------------------

    def test_one_that_cannot_be_switched_off_gets_no_job_until_it_is_mended(self):
        name = "stays-on"
        bench = self.enterContext(self.bench(()))
        self.benches = {name: bench}
        refuses = shell(f"test -e {self.mended(name)} || exit 1; {bench.switch('off')}")
        self.start_lab([device(self.folder, name, bench, self.methods, power_off=refuses)])
        job = self.next_job(name)
        self.has_health(name, "Bad")
        following = self.next_job(name)
        reason = f"cannot be brought to its safe state after job {job}: "
        self.assertIn(reason, self.device(name)["health_reason"])
        self.assertRegex(self.command_line("devices"), rf"(?m)^{name}-01 is Bad since [^:]*:\d\d: {reason}.*power.off")
        self.assertTrue(bench.board.powered)
        self.assertEqual(self.lab.job(following)["state"], "Submitted")
        self.mended(name).touch()
        for each, power_off in ((job, "fail"), (following, "pass")):
            self.assertEqual(self.lab.wait(each)["health"], "Complete", self.log(each))
            self.assertEqual([result["result"] for result in self.results(each) if result["case"] == "power-off"], [power_off])
        self.assertFalse(bench.board.powered)
        self.assertEqual([self.device(name)[key] for key in ("state", "health")], ["Idle", "Good"])

    # --- a board that stays dead --------------------------------------------------------------------------------------

    def test_one_that_its_health_check_finds_dead_gets_no_job_until_it_is_mended(self):
        name = "checked"
        check = self.folder / "check.yaml"
        check.write_text(json.dumps({
            "job_name": "check", "visibility": "public", "timeouts": {"job": {"minutes": 2}},
            "actions": [{"command": {"name": "smoke-check", "timeout": {"seconds": 7}}}]}), "utf-8")
        bench = self.enterContext(self.bench(()))
        self.benches = {name: bench}
        self.start_lab([device(self.folder, name, bench, self.methods)], check)
        self.has_health(name, "Good")
        bench.board.command.append("-S")
        job = self.submit(name, Death("", "", "", timeouts={"bootloader-interrupt": 5}))
        self.has_health(name, "Bad")
        following = self.next_job(name)
        changes = self.lab.get(f"/api/v0.2/devices/{name}-01/health/").json()["results"]
        said = [(change["health"], change["reason"]) for change in reversed(changes)]
        for (health, reason), (expected, words) in zip(said[-3:], (
                ("Good", r"^health check \d+ was Complete"), ("Unknown", f"^job {job} ended with error Infrastructure: bootloader-interrupt"),
                ("Bad", r"^health check \d+ failed: .*smoke-check timed out")), strict=True):
            self.assertEqual(health, expected)
            self.assertRegex(reason, words)
        self.assertRegex(self.command_line("devices"), rf"(?m)^{name}-01 is Bad since [^:]*:\d\d: health check \d+ failed: ")
        self.assertFalse(bench.board.powered)
        self.assertEqual(self.lab.job(following)["state"], "Submitted")
        bench.board.command.remove("-S")
        self.set_health(name, "Unknown")
        self.assertEqual(self.lab.wait(following)["health"], "Complete", self.log(following))
        self.assertEqual([self.device(name)[key] for key in ("state", "health")], ["Idle", "Good"])
        self.assertFalse(bench.board.powered)
        self.nothing_is_left()


class UBoot(Boards, unittest.TestCase):
    loader = "u-boot"
    files = {"kernel": ("Image-arm64", {}), "ramdisk": ("initrd-arm64.cpio.gz", {"compression": "gz"})}
    # A second without an answer, three times: else it takes more than a minute.
    methods = {"minimal": {}, **boot_method(loader, ramdisk=u_boot(), stalling=u_boot(StallingTftp.address, before=(
        "setenv netretry no", "setenv tftptimeout 1000", "setenv tftptimeoutcountmax 3")))}

    def bench(self, more):
        return Bench(Board, more, lan=self.lan)

    def next_job(self, name):
        """Two seconds of the boot loader."""
        ask = {"name": "loader", "prompts": ["=> "], "script": [
            {"name": "stop-autoboot", "command": ""},
            {"name": "version", "command": "version", "successes": [{"message": "U-Boot 20"}]}]}
        return self.lab.submit(json.dumps({
            "device_type": name, "job_name": "next", "visibility": "public", "priority": "medium",
            "timeouts": {"job": {"minutes": 4}, "action": {"minutes": 3}, "connection": {"minutes": 2}},
            "actions": [{"boot": {"method": "minimal", "parameters": {"kernel-start-message": ""},
                                  "prompts": ["Hit any key to stop autoboot"]}},
                        {"test": {"timeout": {"minutes": 2}, "interactive": [ask]}}]}))

    def deaths(self):
        return {**common_deaths(), "tftp-stalls": Death("bootloader-commands", "Infrastructure", "Retry count exceeded", "stalling")}


class Grub(Boards, unittest.TestCase):
    loader = "grub"
    files = {"kernel": ("vmlinuz", {}), "ramdisk": ("initrd.cpio.gz", {"compression": "gz"})}
    methods = boot_method(loader, ramdisk=grub(), stalling=grub(StallingTftp.address))

    def bench(self, more):
        return Bench(UefiBoard, parts() / "efi", more, lan=self.lan)

    def next_job(self, name):
        return self.submit(name, Death("", "", ""))

    def deaths(self):
        return {**common_deaths(), "tftp-stalls": Death("bootloader-commands", "Infrastructure", "error: timeout reading", "stalling")}


def common_deaths():
    return {
        "no-loader": Death("bootloader-interrupt", "Infrastructure", r"^bootloader-interrupt timed out after \d+ seconds$",
                           timeouts={"bootloader-interrupt": 10}, machine=("-S",)),
        "panics": Death("login-action", "Job", "Kernel panic - not syncing: Attempted to kill init!",
                        arguments="rdinit=/bin/false panic=0"),
        # The board starts anew, and says nothing more of the kernel's.
        "panics-and-resets": Death("login-action", "Job", "Kernel panic - not syncing", arguments="rdinit=/bin/false",
                                   timeouts={"auto-login-action": 20}),
        "no-login": Death("login-action", "Job", "^wait for prompt timed out$", arguments="pb.mode=hang",
                          timeouts={"auto-login-action": 20}),
        "shell-hangs": Death("0_smoke", "Test", r"^lava-test-shell timed out after \d+ seconds$", steps=("sleep 1000",),
                             timeouts={"lava-test-shell": 15}, passed=("pdu-reboot", "login-action", "before")),
        "relay-refuses": Death("pdu-reboot", "Infrastructure", "^Unable to reboot: .* failed$", reset="exit 1", passed=()),
        "relay-hangs": Death("pdu-reboot", "Infrastructure", r"^pdu-reboot timed out after \d+ seconds$", reset="sleep 1000",
                             timeouts={"pdu-reboot": 5}, passed=()),
    }


if __name__ == "__main__":
    os.umask(0o022)
    testing.main()
