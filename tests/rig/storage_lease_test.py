# SPDX-License-Identifier: Apache-2.0
"""Storage the whole way: a person leases the device, and the card is the board's again however that ends."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from media import Media  # noqa: E402
from rig import UsbSdMux, testing  # noqa: E402

LAB = """listen: 127.0.0.1:8080
state_dir: /tmp/state
devices:
- name: board-01
  device_type: board
  hardware: {storage: {driver: usb-sd-mux, serial_number: "00012"}}
device_types: {board: {disable_health_check: true}}
"""


class Leases(Media):
    def setUp(self):
        super().setUp()
        self.mux = self.plug(UsbSdMux())
        self.rig.write("/tmp/lab.yaml", LAB)
        self.rig.shell("mkdir -m 700 /tmp/state /tmp/home; chown daemon /tmp/state /tmp/home; ip link set lo up")
        self.do("patchbayd", "user", "add", "alice", "--superuser", "--config", "/tmp/lab.yaml")
        token = self.do("patchbayd", "token", "add", "alice", "--config", "/tmp/lab.yaml").split()[-1]
        self.environment = {"PATCHBAY_TOKEN": token, "PATCHBAY_SERVER": "http://127.0.0.1:8080", "HOME": "/tmp/home"}
        self.daemon = self.rig.start([testing.programs() / "patchbayd", "serve", "--config", "/tmp/lab.yaml"], user="daemon")
        self.rig.poll(lambda: self.rig.run([testing.programs() / "patchbay", "devices"], env=self.environment).status == 0,
                      lambda: "patchbayd says " + self.daemon.output())

    def _clear(self):
        """Each has a machine of its own, with a daemon and its leases."""
        self.tearDownClass()

    def do(self, program, *words, status=0, env=None):
        done = self.rig.run([testing.programs() / program, *words], user="daemon", env=env, timeout=120)
        self.assertEqual(done.status, status, done)
        return done.output

    def patchbay(self, *words, status=0):
        return self.do("patchbay", *words, status=status, env=self.environment)

    def test_storage_within_a_lease(self):
        self.patchbay("acquire", "board-01", "--time", "10m", "--wait")
        self.assertIn("the medium is with the host", self.patchbay("storage", "host"))
        self.assertEqual(self.mux.position, "host")
        self.assertIn("reads back the same", self.patchbay("storage", "write", str(self.image)))
        self.assertEqual(bytes(self.mux.card[:len(self.padded())]), self.padded())
        self.patchbay("release", "board-01")
        self.rig.poll(lambda: self.mux.position == "board", "the lease is over, and the card is not the board's")

    def test_a_killed_runner_leaves_the_card_to_the_next(self):
        self.patchbay("acquire", "board-01", "--time", "10m", "--wait")
        self.patchbay("storage", "host")
        self.rig.shell("kill -9 $(pgrep -f 'patchbay-runner.*--leas[e]')")
        self.rig.poll(lambda: self.mux.position == "board", "the runner is gone, and the card is not the board's")


if __name__ == "__main__":
    testing.main()
