# SPDX-License-Identifier: Apache-2.0
"""Debian's lavacli itself: each of its subcommands that speaks to a server."""

import contextlib
import os
import re
import subprocess
import time

import yaml

from .table import check

# What it does to its own files.
LOCAL = {"identities", "utils"}


class Lavacli:
    def __init__(self, lab, table):
        self.lab, self.table = lab, table
        self.used = set()
        config = {"default": {"uri": lab.url + "/RPC2", "username": "admin", "token": lab.tokens["admin"]}}
        (lab.state / "lavacli.yaml").write_text(yaml.safe_dump(config))

    def environment(self):
        return dict(os.environ, XDG_CONFIG_HOME=str(self.lab.state), PYTHONWARNINGS="ignore", PYTHONIOENCODING="utf-8",
                    PYTHONUNBUFFERED="1")

    def run(self, *arguments, code=0):
        done = subprocess.run(["lavacli", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              encoding="utf-8", timeout=300, check=False, cwd=self.lab.state, env=self.environment())
        if code is not None:
            check.assertEqual(done.returncode, code, done.stdout)
        return done.stdout

    def row(self, command, *arguments, says="", code=0, rules=""):
        """`says`: what its output must match."""
        out = ""
        self.used.add(command)
        with self.table.row("lavacli", command, rules):
            out = self.run(*command.split(), *arguments, code=code)
            check.assertRegex(out, re.compile(says, re.S))
        return out

    @contextlib.contextmanager
    def runs(self, command, *arguments, rules=""):
        """A row of a command that goes on; whoever uses it has its process."""
        self.used.add(command)
        with self.table.row("lavacli", command, rules):
            with subprocess.Popen(["lavacli", *command.split(), *map(str, arguments)], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, encoding="utf-8", cwd=self.lab.state,
                                  env=self.environment()) as process:
                try:
                    yield process
                finally:
                    process.kill()

    def commands(self, *words):
        """The subcommands below these words, as its help names them."""
        subcommands = re.search(r"\{([a-z_,-]+)\}\s+\.\.\.", self.run(*words, "--help"))
        if not subcommands:
            return [" ".join(words)]
        found = [word for word in subcommands.group(1).split(",") if word not in LOCAL]
        return [command for word in found for command in self.commands(*words, word)]


def every_subcommand(lab, table):
    cli = Lavacli(lab, table)
    (lab.state / "cli.yaml").write_text(lab.fast_job("fast.cases=2 fast.words", "cli"))
    (lab.state / "silent.yaml").write_text(lab.fast_job("fast.silent", "silent"))

    cli.row("system version", says=r"^20\d\d\.\d{1,2}", rules="V10")
    cli.row("system api", says="^2\n$")
    cli.row("system whoami", says="^admin\n$", rules="H5 H6")
    cli.row("system methods list", says="scheduler.jobs.submit")
    cli.row("system methods help", "scheduler.jobs.logs", says=r"job_id, start=0, end=None")
    cli.row("system methods signature", "scheduler.jobs.show", says="undef")

    out = cli.row("jobs run", "--polling", 1, "cli.yaml", says=r"Job \d+ submitted.*case_1: OK", rules="L3 L5 L7")
    number = int(re.search(r"Job (\d+)", out).group(1))
    cli.row("jobs show", number, says="state       : Finished.*Health      : Complete", rules="H7 V9")
    cli.row("jobs wait", number, rules="V9")
    cli.row("jobs logs --no-follow --raw", number, says=r"\\u201Ccaf\\xE9\\u201D", rules="L1 L7")
    cli.row("jobs logs --filters results", number, says="^[^“]*case_0", rules="L3 L4")
    cli.row("jobs logs", number, says="“café” 🐧 \N{REPLACEMENT CHARACTER}.*case_0: OK", rules="L2 L3 L7 L8")
    cli.row("jobs definition", number, says="job_name: cli", rules="H7")
    cli.row("jobs list", says=r"\* %d: Finished,Complete \[admin\] \(cli\)" % number, rules="V1")
    cli.row("jobs validate", "cli.yaml")
    cli.row("jobs resubmit", number, says=r"^\d+\n$")
    silent = int(cli.row("jobs submit", "silent.yaml", says=r"^\d+\n$"))
    cli.row("jobs wait --polling 1 --timeout 2", silent, code=1, says="(?i)time")
    with cli.runs("jobs wait --polling 1", silent, rules="V1 V9") as waiting:
        cli.row("jobs cancel", silent)
        check.assertEqual(waiting.wait(60), 0)
    check.assertEqual(lab.wait(silent)["health"], "Canceled")
    cli.row("jobs queue", says="^Jobs")
    # Debian's version writes base64 objects as text, whatever the server: it comes as far as the files.
    cli.row("jobs config", number, "--dest", lab.state, code=None, says="write.. argument must be str|^$")
    cli.row("results", number, "fast", says=r"\* fast.case_0 \[pass\]", rules="V8")

    worker = cli.row("workers list", says=r"^Workers:\n\* ").splitlines()[1].removeprefix("* ")
    events(lab, cli, worker)

    cli.row("devices list", says=r"\* qemu-01 \(qemu\): \w+,Good", rules="V2")
    cli.row("devices show", "qemu-01", says="device-dict : True")
    cli.row("devices dict get", "qemu-01", says="extends 'qemu.jinja2'")
    cli.row("devices dict set", "qemu-01", "cli.yaml", code=1, says=r"\(devices\)")
    cli.row("devices add", "--type", "qemu", "--worker", "x", "new", code=1, says=r"\(devices\)")
    cli.row("devices tags add", "qemu-02", "relay")
    cli.row("devices tags list", "qemu-02", says=r"\* relay")
    cli.row("devices tags delete", "qemu-02", "relay")
    cli.row("devices maintenance", "qemu-02")
    cli.row("devices update", "--health", "GOOD", "qemu-02")

    cli.row("device-types list", says=r"\* qemu \(2\)")
    cli.row("device-types add", "toaster")
    cli.row("device-types show", "toaster", says="name +: toaster")
    cli.row("device-types update", "--hide", "toaster")
    cli.row("device-types aliases add", "qemu", "pc")
    cli.row("device-types aliases list", "qemu", says=r"\* pc")
    cli.row("device-types aliases delete", "qemu", "pc")
    cli.row("device-types template get", "qemu", code=1, says="Fault 404")
    cli.row("device-types template set", "toaster", "cli.yaml")
    cli.row("device-types template get", "toaster", says="job_name: cli")
    cli.row("device-types health-check set", "toaster", "cli.yaml")
    cli.row("device-types health-check get", "toaster", says="job_name: cli")

    cli.row("aliases add", "x86", "qemu")
    cli.row("aliases show", "x86", says="device-type: qemu")
    cli.row("aliases list", says=r"\* x86")
    cli.row("aliases delete", "x86")
    cli.row("tags add", "usb")
    cli.row("tags show", "usb", says="name       : usb")
    cli.row("tags list", says=r"\* usb")
    cli.row("tags delete", "usb")

    cli.row("workers show", worker, says="state       : Online", rules="V2")
    cli.row("workers update", "--description", "bench", worker)
    cli.row("workers maintenance", "--no-wait", worker)
    cli.row("system active", says=worker)
    cli.row("system maintenance", "--force", says=worker)
    cli.run("system", "active")
    cli.row("workers add", "other", "--description", "a shelf")
    cli.row("workers add", "other", code=1, says="worker already exists")
    cli.row("workers config get", worker, code=1, says="does not have a dispatcher configuration")
    cli.row("workers config set", worker, "cli.yaml", code=1, says="stands in the lab's configuration file")
    cli.row("workers env get", worker, code=1, says="does not have an env file")
    cli.row("workers env set", worker, "cli.yaml", code=1, says="stands in the lab's configuration file")
    cli.row("system export", "exported", says="")
    with table.row("lavacli", "(each subcommand of its help is above)"):
        missing = set(cli.commands()) - cli.used
        check.assertEqual(missing - NOT_THERE, set())


def events(lab, cli, worker):
    before = lab.get("/ws/v1/healthz/").json()["listeners"]
    with cli.runs("events listen", rules="E1 E3 V1 V2") as listening:
        check.assertEqual(listening.stdout.readline(), "Connecting to %s/ws/\n" % lab.url)
        while lab.get("/ws/v1/healthz/").json()["listeners"] == before:
            check.assertIsNone(listening.poll())
            time.sleep(0.05)
        number = lab.submit(lab.fast_job("fast.cases=1", "listened"))
        heard = [listening.stdout.readline()]
        while "[%d]" % number not in heard[-1] or "state=Finished" not in heard[-1]:
            heard.append(listening.stdout.readline())
        check.assertRegex(heard[0], r"^2\S+ org\.lavasoftware\.testjob admin - \[%d\] <\?\?> state=Submitted health=Unknown "
                                    r"\(listened\)$" % number)
        check.assertRegex(heard[-1], r"<qemu-0\d> state=Finished health=Complete \(listened\)$")
    socket = "^Listening to tcp://127.0.0.1:[0-9]+$"
    for command, name, words, path in (
            ("events wait device", "qemu-02", ["--health", "MAINTENANCE"], "/api/v0.2/devices/qemu-02/set_health/"),
            ("events wait worker", worker, ["--health", "MAINTENANCE"], "/api/v0.2/workers/%s/set_health/" % worker)):
        with cli.runs(command, name, *words, rules="E5") as waiting:
            check.assertRegex(waiting.stdout.readline(), socket)
            # ZeroMQ says nowhere that a subscription has arrived.
            back = "Active" if path.startswith("/api/v0.2/workers") else "Good"
            while waiting.poll() is None:
                for word in ("Maintenance", back):
                    check.assertLess(lab.request("POST", path, {"health": word}).status, 300)
            check.assertEqual(waiting.returncode, 0)
        check.assertLess(lab.request("POST", path, {"health": back}).status, 300)
    lab.request("POST", "/api/v0.2/devices/qemu-01/set_health/", {"health": "Good"})  # Unknown since its worker was away
    # Debian's version compares its text with the event's number, so with any server it waits for ever.
    with cli.runs("events wait job", number, rules="E5") as waiting:
        check.assertRegex(waiting.stdout.readline(), socket)
        check.assertIsNone(waiting.poll())


# `certificate` went from LAVA in 2020.
NOT_THERE = {"workers certificate get", "workers certificate set", "system certificate"}
