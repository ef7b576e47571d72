# SPDX-License-Identifier: Apache-2.0
"""A lab inside the rig: patchbayd and its runners there, its clients here."""

import json
import pathlib
import sys

from rig import testing
from rig.channel import PATIENCE

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lab as labs  # noqa: E402

PORT = 8080
STATE = "/tmp/patchbay"


class RigLab(labs.Lab):
    """Devices as `devices:` of a configuration has them, as plain values; `more` of its keys. Whose user may use the lab's
    hardware runs it."""

    def __init__(self, rig, devices, **more):  # nothing of a Lab on this host: its folder and its daemon are in the rig
        self.rig = rig
        self.token = None
        rig.shell(f"mkdir -p {STATE} && chown daemon {STATE}")
        types = {device["device_type"]: {"disable_health_check": True} for device in devices}
        rig.write(f"{STATE}/patchbay.yaml", json.dumps({"devices": devices, "device_types": types, **more}))
        self.url = f"http://127.0.0.1:{rig.forward(PORT)}"

    def command(self, *words):
        return [testing.programs() / "patchbayd", *words, "--config", f"{STATE}/patchbay.yaml", "--state", STATE]

    def start(self, seconds=PATIENCE):
        self.add_user()
        self.daemon = self.rig.start(self.command("serve", "--listen", f"0.0.0.0:{PORT}"), user="daemon")
        self.rig.poll(self._answers, lambda: "patchbayd does not answer:\n" + self.daemon.output(), seconds)
        return self

    def _answers(self):
        try:
            return self.get("/api/v0.2/system/version/", token=None).status == 200
        except OSError:
            return False

    def add_user(self, name="admin", superuser=True):
        superuser = ["--superuser"] if superuser else []
        self.rig.run(self.command("user", "add", name, *superuser), user="daemon", check=True)
        self.token = self.rig.run(self.command("token", "add", name), user="daemon", check=True).stdout.split()[-1]
        return self.token

    def daemon_log(self):
        return self.daemon.output()[-6000:]
