# SPDX-License-Identifier: Apache-2.0
"""Patchbay as docs/install.md has it set up, under Debian's systemd: the daemon without devices, each runner with those of
its lease alone, and what becomes of a job when the daemon is restarted or the machine loses its power."""

import json
import pathlib
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import Ftdi, HidRelay, SerialBoard, testing  # noqa: E402
from rig.booted import BootedRig  # noqa: E402

LAB = """\
listen: 0.0.0.0:8080
device_types: {board: {disable_health_check: true}, qemu: {disable_health_check: true}}
allowed_file_paths: [/usr/lib/u-boot]
devices:
- {name: vm-01, device_type: qemu, variables: {trusted_jobs: true, memory: 128}}
- name: board-01
  device_type: board
  tags: [first]
  hardware:
    console: {driver: serial, serial_number: A1, lost_after: 300s}
    power: {driver: hid-relay, relay: RIG01, channel: 1}
- name: board-02
  device_type: board
  nodes: [/dev/kmsg]
  hardware:
    console: {driver: serial, serial_number: B2}
    power: {driver: hid-relay, relay: RIG01, channel: 2}
"""

JOB = """\
device_type: board
job_name: waits
tags: [first]
visibility: public
timeouts: {job: {minutes: 10}, action: {minutes: 8}, connection: {minutes: 8}}
actions:
- boot: {method: minimal, prompts: ['=> ']}
- test:
    interactive:
    - name: board
      prompts: ['=> ']
      script:
      - {command: version, name: version, successes: [{message: 'Board 2026'}]}
      - {command: wait, name: waited, successes: [{message: 'waited enough'}]}
"""

VIRTUAL = """\
device_type: qemu
job_name: virtual machine
visibility: public
timeouts: {job: {minutes: 10}, action: {minutes: 8}, connection: {minutes: 8}}
context: {arch: arm64}
actions:
- deploy:
    to: tmpfs
    images: {bios: {image_arg: '-bios {bios}', url: 'file:///usr/lib/u-boot/qemu_arm64/u-boot.bin'}}
- boot:
    method: qemu
    media: tmpfs
    parameters: {kernel-start-message: ''}
    prompts: ['Hit any key to stop autoboot']
- test:
    interactive:
    - name: u-boot
      prompts: ['=> ']
      script:
      - {name: stop-autoboot, command: }
      - {name: version, command: version, successes: [{message: 'U-Boot 20'}]}
"""


class Installed(BootedRig):
    """The rig with Patchbay set up and started, two boards wired to it."""

    def __enter__(self):
        super().__enter__()
        try:
            self._set_up()
        except BaseException:
            self.machine.close()
            raise
        return self

    def _set_up(self):
        self.adapters = [self.plug(Ftdi(serial="A1")), self.plug(Ftdi(serial="B2"))]
        self.boards = [SerialBoard(adapter.line) for adapter in self.adapters]
        self.relay = HidRelay(channels=2)
        self.relay.contacts.on_switch = lambda channel, on: self.boards[channel - 1].power(on)
        self.relay.contacts.on.update(self.closed)
        self.plug(self.relay)
        self.shell("systemd-sysusers && systemd-tmpfiles --create && udevadm control --reload && udevadm trigger && udevadm settle",
                   timeout=300)
        self.write("/etc/patchbay/lab.yaml", LAB)
        self.shell("runuser -u patchbay -- patchbayd check --config /etc/patchbay/lab.yaml")
        self.shell("systemctl enable --now patchbayd || { journalctl -u 'patchbay*' --no-pager; false; }", timeout=400)
        self.url = f"http://127.0.0.1:{self.forward(8080)}"

    closed = ()  # contacts of the relay that are closed when the machine starts

    def command(self, *words):
        return self.run(["runuser", "-u", "patchbay", "--", "patchbayd", *words, "--state", "/var/lib/patchbay"], check=True)

    def add_user(self):
        self.command("user", "add", "admin", "--superuser")
        return self.command("token", "add", "admin").stdout.split()[-1]

    def journal(self):
        return self.shell("journalctl -u 'patchbay*' --no-pager -o cat")

    def processes(self, unit):
        """The names of a unit's processes, as far as the kernel keeps them (15 characters)."""
        return self.shell(f"for pid in $(cat {self.cgroup(unit)}/cgroup.procs); do cat /proc/$pid/comm; done 2>/dev/null || true").split()

    def cgroup(self, unit):
        return "/sys/fs/cgroup" + self.shell(f"systemctl show -p ControlGroup --value {unit}").strip()

    def open_as(self, unit, node):
        """What becomes of opening a node, as root, among the processes of a unit."""
        return self.run(["sh", "-c", f"echo $$ > '{self.cgroup(unit)}/cgroup.procs' && exec 3<> {node} && echo opened"]).output


class Api:
    def __init__(self, rig, token):
        self.rig, self.token = rig, token

    def ask(self, path, body=None):
        request = urllib.request.Request(self.rig.url + "/api/v0.2/" + path, headers={"Authorization": "Token " + self.token})
        if body is not None:
            request.data, request.headers["Content-type"] = json.dumps(body).encode(), "application/json"
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def submit(self, definition=JOB):
        return json.loads(self.ask("jobs/", {"definition": definition}))["job_ids"][0]

    def devices(self):
        return {device["hostname"] for device in json.loads(self.ask("devices/?limit=100"))["results"]}

    def job(self, number):
        try:
            return json.loads(self.ask(f"jobs/{number}/"))
        except (urllib.error.URLError, ConnectionError):
            return {"state": "no daemon"}

    def wait(self, number):
        self.rig.poll(lambda: self.job(number)["state"] == "Finished", f"job {number} does not end", timeout=600)
        return self.job(number)["health"]

    def log(self, number):
        return self.ask(f"jobs/{number}/logs/").decode()


class Systemd(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="patchbay-booted-"))
        self.rig = self.enterContext(Installed(self.folder, testing.programs().parent))
        self.api = Api(self.rig, self.rig.add_user())

    def waiting_job(self):
        """A job that is in the middle of its test."""
        job = self.api.submit()
        self.rig.poll(lambda: self.rig.boards[0].waits or self.api.job(job)["state"] == "Finished", f"job {job} does not get on",
                      timeout=600)
        self.assertTrue(self.rig.boards[0].waits, self.api.log(job) + self.rig.journal())
        return job

    def test_a_job_runs_with_the_devices_of_its_lease_and_survives_the_daemon(self):
        rig, (board, _) = self.rig, self.rig.boards
        job = self.waiting_job()
        self.assertEqual(rig.relay.on, {1})
        mine, other = rig.adapters[0].node(), rig.adapters[1].node()
        unit, denied = "patchbay-runner@board-01", "Operation not permitted"

        # Root would have every right: what refuses it is the unit.
        for node in (mine, other, rig.relay.usb_node, "/dev/kmsg"):
            self.assertIn(denied, rig.open_as("patchbayd", node))
        for node in (mine, rig.relay.usb_node):
            self.assertIn("opened", rig.open_as(unit, node))
        for node in (other, "/dev/kmsg"):
            self.assertIn(denied, rig.open_as(unit, node))
        self.assertIn("DeviceAllow=/dev/kmsg rw", rig.shell("systemctl show -p DeviceAllow patchbay-runner@board-02"))
        daemon = rig.shell("systemctl show -p MainPID --value patchbayd").strip()
        self.assertNotRegex(rig.shell(f"grep ^Groups: /proc/{daemon}/status"), r"\b(20|29|46)\b")

        # The adapter comes back with another number, which is the runner's now; the old one is not any more.
        rig.adapters[0].replug(hold=mine)
        again = rig.adapters[0].node()
        self.assertNotEqual(again, mine)
        rig.poll(lambda: f"is back as {again}" in self.api.log(job) or self.api.job(job)["state"] == "Finished",
                 f"job {job} does not get its console back", timeout=400)
        self.assertIn(f"is back as {again}", self.api.log(job), rig.journal())
        self.assertIn("opened", rig.open_as(unit, again))
        self.assertIn(f"DeviceAllow={again} rw", rig.shell(f"systemctl show -p DeviceAllow {unit}"))
        self.assertNotIn(mine, rig.shell(f"systemctl show -p DeviceAllow {unit}"))

        runner = rig.shell(f"systemctl show -p MainPID --value {unit}").strip()
        rig.shell("systemctl restart patchbayd", timeout=120)
        self.assertNotEqual(rig.shell("systemctl show -p MainPID --value patchbayd").strip(), daemon)
        self.assertEqual(rig.shell(f"systemctl show -p MainPID --value {unit}").strip(), runner)
        self.assertIn(f"lease adopted lease=1 job={job} device=board-01 pid={runner}", rig.journal())
        board.go_on()
        self.assertEqual(self.api.wait(job), "Complete", self.api.log(job) + rig.journal())
        self.assertEqual(rig.relay.on, set())
        self.assertEqual(rig.shell(f"systemctl is-active {unit} || true").strip(), "inactive")

        # A runner that is killed: the next one of the same unit makes the board safe.
        job = self.waiting_job()
        rig.shell(f"systemctl kill -s KILL {unit}")
        self.assertEqual(self.api.wait(job), "Incomplete")
        self.assertIn("the runner of this job ended unexpectedly: was killed", self.api.log(job))
        self.assertEqual(rig.relay.on, set())

    def test_after_a_power_cut_the_job_has_its_reason_and_the_board_is_off(self):
        job = self.waiting_job()
        self.rig.shell("sync")
        closed = set(self.rig.relay.on)
        self.assertEqual(closed, {1})
        token = self.api.token
        self.rig.cut_power()
        again = Installed(self.folder, testing.programs().parent)
        again.closed = closed
        rig = self.enterContext(again)
        self.api = Api(rig, token)
        self.assertEqual(self.api.wait(job), "Incomplete")
        self.assertIn("the runner of this job ended unexpectedly", self.api.log(job))
        self.assertIn("Infrastructure", self.api.log(job))
        self.assertEqual(rig.relay.on, set())
        # And the lab goes on.
        self.rig = rig
        job = self.waiting_job()
        rig.boards[0].go_on()
        self.assertEqual(self.api.wait(job), "Complete")

    def test_a_virtual_machine_runs_in_its_runners_unit_and_a_reload_brings_devices(self):
        rig, unit = self.rig, "patchbay-runner@vm-01"
        job = self.api.submit(VIRTUAL)
        rig.poll(lambda: "qemu-system-aar" in rig.processes(unit) or self.api.job(job)["state"] == "Finished",
                 "no QEMU in the runner's unit", timeout=600)
        self.assertEqual(self.api.wait(job), "Complete", self.api.log(job) + rig.journal())
        self.assertIn("qemu-system-aarch64", self.api.log(job))
        self.assertEqual(rig.shell(f"systemctl is-active {unit} || true").strip(), "inactive")

        daemon = rig.shell("systemctl show -p MainPID --value patchbayd")
        rig.write("/etc/patchbay/lab.yaml", LAB + "- {name: vm-02, device_type: qemu}\n")
        rig.shell("systemctl reload patchbayd || { journalctl -u 'patchbay*' --no-pager; false; }", timeout=300)
        rig.poll(lambda: "vm-02" in self.api.devices(), lambda: "no new device:\n" + rig.journal(), timeout=300)
        self.assertEqual(rig.shell("systemctl show -p MainPID --value patchbayd"), daemon)
        self.assertEqual(rig.shell("systemctl is-active patchbay-runner@vm-02.socket").strip(), "active")

        # What cannot be read changes nothing.
        rig.write("/etc/patchbay/lab.yaml", LAB + "- {name: vm-02, device_type: qemu}\n- {name: 7\n")
        rig.run(["systemctl", "reload", "patchbayd"], timeout=300)
        self.assertEqual(rig.shell("systemctl show -p MainPID --value patchbayd"), daemon)
        self.assertIn("vm-02", self.api.devices())


if __name__ == "__main__":
    testing.main()
