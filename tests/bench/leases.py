# SPDX-License-Identifier: Apache-2.0
"""Leases of people: how long until a free board is somebody's."""

import json
import pathlib
import subprocess
import time

from lab import Lab
from measure import Row, alternate

BOARD = "sh -c 'exec cat'"


def lab(tools):
    board = {"name": "board-01", "device_type": "board", "hardware": {
        "console": {"driver": "command", "command": BOARD},
        "power": {"driver": "command", "on_command": "true", "off_command": "true"}}}
    return Lab(tools.programs, "devices: %s\ndevice_types: {board: {disable_health_check: true}}\n" % json.dumps([board]))


def state(lab, lease):
    return lab.get("/api/v0.2/leases/%d/" % lease).json()["state"]


def acquire(lab):
    """Seconds until the board obeys: the first command is answered."""
    begin = time.monotonic()
    lease = lab.request("POST", "/api/v0.2/leases/", {"device": "board-01"}).json()["id"]
    while state(lab, lease) != "Running":
        time.sleep(0.001)
    answer = lab.request("POST", "/api/v0.2/leases/%d/power/" % lease, {"action": "status"})
    took = time.monotonic() - begin
    if answer.status != 200:
        raise RuntimeError("lease %d: %d %r" % (lease, answer.status, answer.body))
    lab.request("POST", "/api/v0.2/leases/%d/release/" % lease, {})
    lab.wait(lease)
    return took


def start_of_runner(tools):
    begin = time.monotonic()
    subprocess.run([str(pathlib.Path(tools.programs) / "patchbay-runner"), "--version"], check=True,
                   stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


def acquire_lease(tools):
    with lab(tools) as running:
        running.start()
        running.add_user()
        acquire(running)  # the first touches files that no other needs
        took, bare = alternate(lambda: acquire(running), lambda: start_of_runner(tools), tools.amount(9, 2))
    return [Row("acquire-lease", took, "s", "the start of the runner's program alone: %.4f s" % bare, took / bare, "0.2 s",
                took <= 0.2)]
