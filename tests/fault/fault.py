#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole lab (real daemon, runners, driver; machines that are up at once) while the world breaks around it.
usage: fault.py --bin FOLDER [SCENARIO...] [--seed N] [--kills N] [--quick] [--list]"""

import argparse
import concurrent.futures
import pathlib
import random
import subprocess
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

import callbacks  # noqa: E402
import consoles  # noqa: E402
import kills  # noqa: E402
import surroundings  # noqa: E402
from checks import Broken, Skipped  # noqa: E402

SCENARIOS = {
    "daemon-killed": kills.daemon_killed,
    "daemon-restarted": kills.daemon_restarted,
    "runner-killed": kills.runner_killed,
    "both-killed": kills.both_killed,
    "torn-journal": kills.torn_journal,
    "disk-full": surroundings.disk_full,
    "clock-jumps": surroundings.clock_jumps,
    "callbacks": callbacks.callbacks,
    "clients-hang-up": surroundings.clients_hang_up,
    "two-daemons": surroundings.two_daemons,
    "wrong-store": surroundings.wrong_store,
    "restored-store": surroundings.restored_store,
    "silent": consoles.silent,
    "flood": consoles.flood,
}
# Small numbers for every test run; the full ones take about six minutes.
QUICK = {"daemon-killed": {"count": 12}, "daemon-restarted": {"count": 4}, "runner-killed": {"count": 5},
         "both-killed": {"count": 3}, "torn-journal": {"count": 4}, "clock-jumps": {"count": 5},
         "callbacks": {"jobs": 200, "kills": 2}, "clients-hang-up": {"count": 40}, "flood": {"flood_bytes": 20_000_000}}


def short_trace(error):
    """The exception, and the lines of ours that led to it; not those of Python's libraries."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(HERE.parent))]
    where = ", ".join(f"{pathlib.Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__}: {error} ({where})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    parser.add_argument("--bin", required=True, type=pathlib.Path, help="folder with patchbayd and patchbay-runner")
    parser.add_argument("--seed", type=int, help="of the random moments; printed, so that a run can be repeated")
    parser.add_argument("--kills", type=int, help="how often daemon-killed kills (200)")
    parser.add_argument("--jobs", type=int, default=3, help="scenarios at the same time (3)")
    parser.add_argument("--quick", action="store_true", help="small numbers")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{name:16} {function.__doc__}" for name, function in SCENARIOS.items()))
        return 0
    unknown = [name for name in options.scenarios if name not in SCENARIOS]
    if unknown:
        parser.error(f"no scenario {', '.join(unknown)}; there are: {', '.join(SCENARIOS)}")
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}", flush=True)
    names = options.scenarios or list(SCENARIOS)
    run = run_here if options.jobs == 1 or len(names) == 1 else run_beside
    with concurrent.futures.ThreadPoolExecutor(1 if run is run_here else options.jobs) as pool:
        waiting = [pool.submit(run, name, seed, options) for name in names]
        failed = 0
        for done in concurrent.futures.as_completed(waiting):
            good, text = done.result()
            failed += not good
            print(text, flush=True)
    if failed:
        print(f"repeat with --seed {seed}")
    return 1 if failed else 0


def run_here(name, seed, options):
    """Whether it holds, and the line that says so."""
    settings = dict(QUICK.get(name, {})) if options.quick else {}
    if options.kills and name == "daemon-killed":
        settings["count"] = options.kills
    begin = time.monotonic()
    try:
        text, word = SCENARIOS[name](options.bin.resolve(), random.Random(f"{seed} {name}"), seed=seed, **settings), "holds"
    except Skipped as reason:
        text, word = str(reason), "skipped"
    except Broken as reason:
        text, word = str(reason), "BROKEN"
    except Exception as error:
        text, word = short_trace(error), "BROKEN"
    return word != "BROKEN", f"{name:16} {word:8} {time.monotonic() - begin:6.1f} s  {text}"


def run_beside(name, seed, options):
    """In a process of its own: scenarios wait most of the time, so several can do so at once."""
    command = [sys.executable, __file__, "--bin", options.bin, "--seed", str(seed), *(["--quick"] if options.quick else []),
               *(["--kills", str(options.kills)] if options.kills else []), name]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if not line.startswith(("seed ", "repeat "))]
    return done.returncode == 0, "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
