# SPDX-License-Identifier: Apache-2.0
"""The disk, the clock, the clients and other daemons."""

import contextlib
import os
import pathlib
import socket
import subprocess
import tempfile
import time

from checks import expect, expect_quiet, expect_usable, expect_whole, verdict
from fast_lab import FastLab


class Skipped(Exception):
    """Cannot be tried here; the text says why."""


def disk_full(programs, random, **_):
    """The state folder's disk fills up while a machine prints: the job ends, the daemon lives, room makes it work again."""
    with tempfile.TemporaryDirectory() as mount:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "patchbay-fault", mount], check=False,
                              stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Skipped("no small disk: " + done.stderr.strip())
        try:
            return fill(programs, pathlib.Path(mount))
        finally:
            subprocess.run(["umount", "-l", mount], check=False)


def fill(programs, mount):
    with FastLab(programs, devices=1, folder=mount) as lab:
        lab.start()
        lab.add_user()
        job = int(lab.submit(lab.fast_job("fast.bytes=400000000", minutes=2)))
        ballast = mount / "ballast"
        with contextlib.suppress(OSError), open(ballast, "wb") as file:
            while True:
                file.write(b"x" * 65536)
                file.flush()
                if os.statvfs(mount).f_bavail * os.statvfs(mount).f_frsize < 6_000_000:
                    break
        end = time.monotonic() + 60
        while os.statvfs(mount).f_bavail * os.statvfs(mount).f_frsize > 1_000_000 and time.monotonic() < end:
            if lab.job(job)["state"] == "Finished":
                break
            time.sleep(0.05)
        time.sleep(1)
        expect(lab.daemon.poll() is None, "the daemon ended when the disk was full")
        expect(lab.job(job)["id"] == job, "the daemon does not answer when the disk is full")
        ballast.unlink(missing_ok=True)
        state = lab.wait(job, 120)
        text = verdict(lab, job)
        expect(state["health"] == "Incomplete" and "Infrastructure" in text, f"job {job}: {state['health']}: {text}")
        expect_quiet(lab)
        expect_usable(lab)
    return "job Incomplete (Infrastructure), the next job Complete"


def clock_jumps(programs, random, count=12, **_):
    """The wall clock jumps by up to a day, to and fro: time-outs do not fire and nothing is lost."""
    source = pathlib.Path(__file__).parent / "clock_jump.cpp"
    with FastLab(programs, devices=2) as lab:
        library, offset = lab.state / "clock_jump.so", lab.state / "clock-offset"
        subprocess.run(["g++", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
        offset.write_text("0")
        lab.environment.update(LD_PRELOAD=str(library), PATCHBAY_CLOCK_OFFSET=str(offset))
        lab.start()
        lab.add_user()
        jobs = []
        for _ in range(count):
            jobs.append(int(lab.submit(lab.fast_job("fast.lines=60 fast.cases=6 fast.spread=500"))))
            temporary = offset.with_suffix(".new")
            temporary.write_text(str(random.choice([86400, -86400, 3600, -3600, 0, 59])))
            temporary.replace(offset)
            time.sleep(random.uniform(0.1, 0.6))
        for job in jobs:
            lab.wait(job, 60)
            expect_whole(lab, job, 60, 6)
        expect_quiet(lab)
    return f"{count} jumps, {len(jobs)} jobs whole"


def clients_hang_up(programs, random, count=200, **_):
    """Clients go away in the middle of everything: no descriptor stays, the next client is served."""
    def descriptors():
        return len(os.listdir(f"/proc/{lab.daemon.pid}/fd"))

    with FastLab(programs, devices=1) as lab:
        lab.start()
        lab.add_user()
        job = int(lab.submit(lab.fast_job("fast.lines=2000 fast.spread=8000")))
        lab.wait(job, 30, ("Running",))
        lab.get("/api/v0.2/jobs/")
        before = descriptors()
        head = f"Host: x\r\nAuthorization: Token {lab.token}\r\n"
        requests = [f"GET /api/v0.2/jobs/{job}/events/ HTTP/1.1\r\n{head}\r\n", f"GET /api/v0.2/jobs/{job}/logs/ HTTP/1.1\r\n{head}\r\n",
                    f"POST /api/v0.2/jobs/ HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{{"]
        for _ in range(count):
            with socket.create_connection(("127.0.0.1", lab.port)) as client:
                text = random.choice(requests).encode()
                client.sendall(text[:random.randint(1, len(text))])
                if random.random() < 0.5:
                    client.settimeout(0.05)
                    with contextlib.suppress(OSError):
                        client.recv(random.choice([1, 4096]))
        end = time.monotonic() + 20
        while descriptors() > before + 3 and time.monotonic() < end:
            time.sleep(0.1)
        expect(descriptors() <= before + 3, f"{descriptors()} descriptors are open, {before} were before")
        lab.wait(job, 60)
        expect_whole(lab, job, 2000, 3)
        expect_quiet(lab)
    return f"{count} clients"


def two_daemons(programs, random, **_):
    """A second daemon on the same state folder refuses to start and names the first."""
    with FastLab(programs, devices=1) as lab:
        lab.start()
        lab.add_user()
        second = subprocess.run(lab.command("serve", "--listen", "127.0.0.1:0"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, timeout=20, check=False)
        expect(second.returncode != 0, "the second daemon runs")
        expect(str(lab.daemon.pid) in second.stdout, f"the second daemon does not name the first: {second.stdout}")
        expect_usable(lab)
        expect_quiet(lab)
    return "refused: " + second.stdout.strip().splitlines()[-1][:140]
