# SPDX-License-Identifier: Apache-2.0
"""The disk, the clock, the clients and other daemons."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

from checks import Skipped, all_pages, expect, expect_quiet, expect_usable, expect_whole, is_sanitized, verdict
from fast_lab import FastLab


def disk_full(programs, random, seed, **_):
    """The state folder's disk fills up while a machine prints: the job ends, the daemon lives, room makes it work again."""
    with tempfile.TemporaryDirectory() as mount:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "patchbay-fault", mount], check=False,
                              stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            return disk_full_in_namespace(programs, seed, done.stderr.strip())
        try:
            return fill(programs, pathlib.Path(mount))
        finally:
            subprocess.run(["umount", "-l", mount], check=False)


def disk_full_in_namespace(programs, seed, reason):
    """Who may not mount may where they are root of their own user namespace."""
    inside = "PATCHBAY_FAULT_IN_NAMESPACE"
    if inside in os.environ or subprocess.run(["unshare", "-Urm", "true"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        raise Skipped("no small disk: " + reason)
    fault = pathlib.Path(__file__).with_name("fault.py")
    done = subprocess.run(["unshare", "-Urm", sys.executable, fault, "--bin", programs, "--seed", str(seed), "disk-full"],
                          check=False, stdout=subprocess.PIPE, text=True, env={**os.environ, inside: "1"})
    text = done.stdout.partition("\n")[2].strip()
    expect(done.returncode == 0, text)
    return "in a user namespace: " + text


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
    if is_sanitized(programs):
        raise Skipped("these programs have a sanitizer; the other clock cannot be preloaded")
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
    """Clients go away in the middle of everything: what was asked whole is done once, no descriptor stays."""
    def descriptors():
        return len(os.listdir(f"/proc/{lab.daemon.pid}/fd"))

    submitted = 0
    with FastLab(programs, devices=2) as lab:
        lab.start()
        lab.add_user()
        job = int(lab.submit(lab.fast_job("fast.lines=2000 fast.spread=8000")))
        lab.wait(job, 30, ("Running",))
        lab.get("/api/v0.2/jobs/")
        before = descriptors()
        head = f"Host: x\r\nAuthorization: Token {lab.token}\r\n"
        body = json.dumps({"definition": lab.fast_job("fast.lines=3 fast.cases=1", name="left alone")})
        submit = f"POST /api/v0.2/jobs/ HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        requests = [f"GET /api/v0.2/jobs/{job}/events/ HTTP/1.1\r\n{head}\r\n", f"GET /api/v0.2/jobs/{job}/logs/ HTTP/1.1\r\n{head}\r\n",
                    submit]
        for _ in range(count):
            with socket.create_connection(("127.0.0.1", lab.port)) as client:
                text = random.choice(requests).encode()
                size = random.choice([len(text), random.randint(1, len(text) - 1)])
                client.sendall(text[:size])
                submitted += text[:size] == submit.encode()
                if random.random() < 0.5:
                    client.settimeout(0.05)
                    with contextlib.suppress(OSError):
                        client.recv(random.choice([1, 4096]))
        end = time.monotonic() + 20
        while descriptors() > before + 6 and time.monotonic() < end:
            time.sleep(0.1)
        expect(descriptors() <= before + 6, f"{descriptors()} descriptors are open, {before} were before")
        lab.wait(job, 60)
        expect_whole(lab, job, 2000, 3)
        alone = [row["id"] for row in all_pages(lab, "/api/v0.2/jobs/") if row["description"] == "left alone"]
        expect(len(alone) == submitted, f"{submitted} jobs were submitted by clients that hung up, {len(alone)} are there")
        for number in alone:
            lab.wait(number, 120)
            expect_whole(lab, number, 3, 1)
        expect_quiet(lab)
    return f"{count} clients, {submitted} jobs"


def two_daemons(programs, random, **_):
    """A second daemon on the same store or the same state folder refuses to start and names the first."""
    with FastLab(programs, devices=1) as lab:
        lab.start()
        lab.add_user()
        job = int(lab.submit(lab.fast_job("fast.lines=60 fast.cases=6 fast.spread=3000")))
        lab.wait(job, 30, ("Running",))
        said = [refused(lab, lab.command("serve", "--listen", "127.0.0.1:0"))]
        # Its own store in our state folder; our store in its own state folder.
        config = lab.state / "other.yaml"
        config.write_text(f"store_file: {lab.state}/other.db\n")
        program = str(lab.programs / "patchbayd")
        said.append(refused(lab, [program, "serve", "--listen", "127.0.0.1:0", "--config", str(config), "--state", str(lab.state)]))
        config.write_text(f"store_file: {lab.state}/patchbay.db\n")
        said.append(refused(lab, [program, "serve", "--listen", "127.0.0.1:0", "--config", str(config), "--state", str(lab.state / "other")]))
        lab.wait(job, 60)
        expect_whole(lab, job, 60, 6)
        expect_usable(lab)
        expect_quiet(lab)
    return "refused 3 times, like: " + said[0][:140]


def wrong_store(programs, random, **_):
    """A start with another store leaves the leases of the right one alone and says so: the running job loses nothing."""
    with FastLab(programs, devices=1) as lab:
        lab.start()
        lab.add_user()
        job = int(lab.submit(lab.fast_job("fast.lines=60 fast.cases=6 fast.spread=3000")))
        lab.wait(job, 30, ("Running",))
        config = lab.state / "other.yaml"
        config.write_text(f"store_file: {lab.state}/other.db\n")
        command = [str(lab.programs / "patchbayd"), "serve", "--listen", "127.0.0.1:0", "--config", str(config), "--state",
                   str(lab.state)]
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            lab.kill(signal_number)
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20, check=False)
            expect(done.returncode == 1, f"it ended with {done.returncode}: {done.stdout}")
            for words in (f"{lab.state}/leases/1: job {job} on qemu", "store_file", f"{lab.state}/other.db"):
                expect(words in done.stdout, f"it does not say {words!r}: {done.stdout}")
            lab.start()
        lab.wait(job, 60)
        expect_whole(lab, job, 60, 6)
        expect_quiet(lab)
        expect_usable(lab)
    return "refused twice, the job is whole"


def restored_store(programs, random, **_):
    """The store comes back from an older copy: the job that ran then ends, and fencing numbers go on where the devices are."""
    with FastLab(programs, devices=1) as lab:
        lab.start()
        lab.add_user()
        job = int(lab.submit(lab.fast_job("fast.lines=60 fast.cases=6 fast.spread=1500")))
        lab.wait(job, 30, ("Running",))
        lab.kill(signal.SIGKILL)
        copies = {path: path.read_bytes() for path in lab.state.glob("patchbay.db*")}
        lab.start()
        lab.wait(job, 60)
        expect_whole(lab, job, 60, 6)
        for _ in range(2):
            expect_usable(lab)
        lab.kill(signal.SIGTERM)
        for path in lab.state.glob("patchbay.db*"):
            path.unlink()
        for path, content in copies.items():
            path.write_bytes(content)
        lab.start()
        state = lab.wait(job, 60)
        text = verdict(lab, job)
        expect(state["health"] == "Incomplete" and "Infrastructure" in text, f"job {job}: {state['health']}: {text}")
        expect_quiet(lab)
        expect_usable(lab)
    return "the job that ran is Incomplete (Infrastructure), the next job Complete"


def refused(lab, command):
    second = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20, check=False)
    expect(second.returncode != 0, f"the second daemon runs: {command}")
    expect(str(lab.daemon.pid) in second.stdout, f"the second daemon does not name the first: {second.stdout}")
    return second.stdout.strip().splitlines()[-1]
