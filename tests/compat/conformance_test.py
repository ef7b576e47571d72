#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do LAVA's clients notice a difference? A real daemon with its runners gets the requests of each client in their order
(clients/), and what they read of the answers is checked. Prints a table: client, call, rules, verdict."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
from clients import kernelci, lavacli, mesa, old, rest, rust, squad  # noqa: E402
from clients.table import Table  # noqa: E402
from fast_lab import FastLab  # noqa: E402
from lab import free_port  # noqa: E402

SETTINGS = """\
  - {name: board-01, device_type: board}
allowed_url_networks: [loopback]
device_types:
  qemu: {aliases: [virtual], disable_health_check: true}
  board: {disable_health_check: true}
events: {zmq: {address: 'tcp://*:PORT'}}
"""


def run(lab, table, receiver):
    lab.start()
    lab.tokens = {"admin": lab.add_user()}
    for name in ("joe", "kernelci", "squad", "mesa"):
        lab.tokens[name] = lab.add_user(name, superuser=False)
    kernelci.store_secret(lab, "kernelci")
    # What waits for this device stays in the queue.
    lab.request("POST", "/api/v0.2/devices/board-01/set_health/", {"health": "Maintenance", "reason": "no board"})
    kernelci.push(lab, table, lab.tokens["kernelci"], receiver)
    kernelci.pull(lab, table, lab.tokens["kernelci"], receiver)
    squad.rest(lab, table, lab.tokens["squad"])
    squad.rpc(lab, table, "squad", lab.tokens["squad"])
    squad.listener(lab, table, "squad", lab.tokens["squad"])
    mesa.submitter(lab, table, "mesa", lab.tokens["mesa"])
    lab.request("POST", "/api/v0.2/tags/", {"name": "arm", "description": "an architecture"})
    rust.library(lab, table, lab.tokens["joe"])
    rust.runner(lab, table, lab.tokens["joe"])
    rust.github(lab, table, lab.tokens["joe"])
    old.scripts(lab, table, "admin", lab.tokens["admin"])
    rest.curl(lab, table, lab.tokens["admin"])
    lavacli.every_subcommand(lab, table)


def main():
    table, receiver = Table(), kernelci.Receiver()
    try:
        with FastLab(sys.argv[1], more=SETTINGS.replace("PORT", str(free_port()))) as lab:
            run(lab, table, receiver)
    finally:
        receiver.close()
        table.print()
    return 1 if table.failed() else 0


if __name__ == "__main__":
    sys.exit(main())
