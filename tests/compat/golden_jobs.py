#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The jobs that a LAVA 2023.01 was recorded with, run on our QEMU device: the same suites, cases, results, error types
and health, and answers of the same shape. Every difference stands in DIFFERENCES with its reason."""

import argparse
import collections
import concurrent.futures
import decimal
import json
import os
import pathlib
import re
import sys
import time

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from lab import FileServer, Lab  # noqa: E402

RECORDED_URL = "http://127.0.0.1:18099"
CASES = ["a-shell", "a2-raise", "a3-expected", "b-boot-timeout", "b2-panic", "b3-missing-image", "b4-job-timeout",
         "b5-boot-retry", "d-interactive", "d2-interactive-ok", "e-monitors", "f-cancel", "i-spam", "k-git-url",
         "l-auto-login"]

# case -> {(suite, case, result): (how many more we have than LAVA, reason)}
NULL_MEASUREMENT = "LAVA loses a monitor's result whose measurement group took no part in the match; we keep it"
EXPECTED_LIST = "LAVA 2023.01 ignores `expected`; later versions and we report what is missing or was not expected as fail"
DIFFERENCES = {
    "a3-expected": {
        ("0_expects", "extra-1", "fail"): (1, EXPECTED_LIST),
        ("0_expects", "extra-1", "pass"): (-1, EXPECTED_LIST),
        ("0_expects", "missing-1", "fail"): (1, EXPECTED_LIST),
    },
    "e-monitors": {
        ("boot-lines", "mon_alpha", "pass"): (1, NULL_MEASUREMENT),
        ("boot-lines", "mon_beta", "fail"): (1, NULL_MEASUREMENT),
        ("boot-lines", "mon_gamma", "skip"): (1, NULL_MEASUREMENT),
    },
}
# Cases whose number of seconds is what the job's time left for the last action: it depends on how fast the guest boots.
SECONDS_LEFT = {"b4-job-timeout"}


def prepared(case, files):
    text = (HERE / "golden" / case / "job.yaml").read_text()
    if case == "b5-boot-retry":  # 2023.01 lets the first try have all of the block's time; we and later LAVA by name only
        text = text.replace("    failure_retry: 2\n", "    failure_retry: 2\n    timeouts:\n      auto-login-action: {seconds: 20}\n"
                            "      login-action: {seconds: 20}\n")
    return text.replace(RECORDED_URL, files.url)


def outcomes(tests, suites):
    names = {suite["id"]: suite["name"] for suite in suites}
    return collections.Counter((names[t["suite"]], t["name"], t["result"]) for t in tests)


def measurements(tests, suites):
    """Of every suite but lava, where they are durations."""
    names = {suite["id"]: suite["name"] for suite in suites}
    return collections.Counter(
        (names[t["suite"]], t["name"], t["unit"], t["measurement"] and decimal.Decimal(t["measurement"]))
        for t in tests if names[t["suite"]] != "lava")


def metadata(tests, name):
    for test in tests:
        if test["name"] == name:
            return yaml.safe_load(test["metadata"])
    return {}


def levels(tests):
    """lava cases with their level: the shape of the pipeline."""
    found = [yaml.safe_load(t["metadata"]) for t in tests if t["metadata"]]
    return sorted((m["case"], str(m["level"])) for m in found if m["definition"] == "lava" and "level" in m)


def as_later(recorded):
    """2023.01 has a step more in lava-overlay before the definitions, and makes the drive with the overlay before the downloads:
    the levels that later LAVA and we give the same steps. The drive stands in neither list."""
    recorded = [(case, level) for case, level in recorded if case != "apply-overlay-guest"]
    if not any(case == "test-overlay" for case, _ in recorded):
        return recorded
    later = []
    for case, level in recorded:
        numbers = [int(number) for number in level.split(".")]
        if numbers[:2] == [1, 1] and len(numbers) > 2:
            numbers[2] -= 1
        elif numbers[0] == 1 and len(numbers) > 1 and numbers[1] > 1:
            numbers[1] -= 1
        later.append((case, ".".join(map(str, numbers))))
    return sorted(later)


def same_shape(ours, theirs, path=""):
    if ours is None or theirs is None:
        return []
    if isinstance(theirs, dict) and isinstance(ours, dict):
        problems = []
        if list(ours) != list(theirs):
            problems.append("%s: fields %s, recorded %s" % (path, list(ours), list(theirs)))
        for key in theirs:
            if key in ours:
                problems += same_shape(ours[key], theirs[key], path + "." + key)
        return problems
    if isinstance(theirs, list) and isinstance(ours, list):
        return same_shape(ours[0], theirs[0], path + "[0]") if ours and theirs else []
    if type(ours) is not type(theirs):
        return ["%s: %s, recorded %s" % (path, type(ours).__name__, type(theirs).__name__)]
    return []


def masked(text):
    text = re.sub(r"127\.0\.0\.1:\d+", "HOST", str(text))
    text = re.sub(r"\[ *\d+\.\d+\]", "[T]", text).replace("\r", "")
    # A panic's registers and stack differ from run to run.
    return text.split("\n")[0] if "Kernel panic" in text else text


def compare(case, lab, number, job):
    golden = HERE / "golden" / case
    recorded = {name: json.loads((golden / (name + ".json")).read_text()) for name in ("job", "tests", "suites")}
    tests = lab.get("/api/v0.2/jobs/%d/tests/?limit=200" % number).json()
    suites = lab.get("/api/v0.2/jobs/%d/suites/" % number).json()
    problems = []
    if job["health"] != recorded["job"]["health"]:
        problems.append("health %s, recorded %s" % (job["health"], recorded["job"]["health"]))
    ours = outcomes(tests["results"], suites["results"])
    theirs = outcomes(recorded["tests"]["results"], recorded["suites"]["results"])
    allowed = DIFFERENCES.get(case, {})
    for key in sorted(set(ours) | set(theirs)):
        difference = ours[key] - theirs[key]
        if difference != allowed.get(key, (0,))[0]:
            problems.append("%s: %d times, recorded %d" % ("/".join(key), ours[key], theirs[key]))
    known = {(suite, name) for suite, name, _ in allowed}
    more = measurements(tests["results"], suites["results"])
    more.subtract(measurements(recorded["tests"]["results"], recorded["suites"]["results"]))
    problems += ["measurement %s: %+d" % (key, n) for key, n in sorted(more.items(), key=str)
                 if n and (key[0], key[1]) not in known]
    ours = [(case, level) for case, level in levels(tests["results"]) if case != "apply-overlay-guest"]
    theirs = as_later(levels(recorded["tests"]["results"]))
    if ours != theirs:
        problems.append("levels differ: %s" % sorted(set(ours) ^ set(theirs)))
    ends = [metadata(part["results"], "job") for part in (tests, recorded["tests"])]
    if ends[0].get("error_type") != ends[1].get("error_type"):
        problems.append("error_type %s, recorded %s" % (ends[0].get("error_type"), ends[1].get("error_type")))
    texts = [masked(end.get("error_msg")) for end in ends]
    if case in SECONDS_LEFT:
        texts = [re.sub(r"after \d+ seconds", "after N seconds", text) for text in texts]
    if texts[0] != texts[1]:
        problems.append("error_msg %r, recorded %r" % tuple(texts))
    # Later versions of LAVA have `metadata`, and so have we.
    problems += same_shape(dict_without(job, "metadata"), dict_without(recorded["job"], "token"), "job")
    problems += same_shape(tests, recorded["tests"], "tests") + same_shape(suites, recorded["suites"], "suites")
    return problems


def dict_without(mapping, key):
    return {k: v for k, v in mapping.items() if k != key}


def run_case(case, lab, files):
    number = lab.submit(prepared(case, files))
    if case == "f-cancel":
        end = time.monotonic() + 120
        while not any("STARTRUN" in line and "Received" in line for line in lab.log_lines(number)):
            if time.monotonic() > end:
                raise RuntimeError("the job to cancel never started its test")
            time.sleep(0.1)
        while not any('"started"' in line for line in lab.log_lines(number)):
            time.sleep(0.05)
        lab.get("/api/v0.2/jobs/%d/cancel/" % number)
    job = lab.wait(number)
    return number, compare(case, lab, number, job)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, help="folder of patchbayd and patchbay-runner")
    parser.add_argument("--guest", default=os.environ.get("PATCHBAY_GUEST"), help="folder made by scripts/make-guest")
    parser.add_argument("--keep", action="store_true", help="keep the lab's state folder")
    parser.add_argument("cases", nargs="*", default=CASES)
    options = parser.parse_args()
    if not options.guest or not (pathlib.Path(options.guest) / "vmlinuz").exists():
        print("SKIPPED: no guest; run scripts/make-guest DIR and set PATCHBAY_GUEST=DIR")
        return 77
    files = FileServer(options.guest)
    failed = 0
    # The recorded jobs fetch from a file server on loopback.
    with Lab(options.programs, "allowed_url_networks: [loopback]\n", keep=options.keep) as lab:
        lab.start()
        lab.add_user()
        # Two machines: two jobs at a time.
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = {case: pool.submit(run_case, case, lab, files) for case in options.cases}
            for case, run in runs.items():
                try:
                    number, problems = run.result()
                except Exception as error:  # a case that breaks must not hide the others
                    number, problems = 0, ["%s: %s" % (type(error).__name__, error)]
                print("%-20s job %-3d %s" % (case, number, "differs" if problems else "as recorded"), flush=True)
                for problem in problems:
                    print("    " + problem)
                failed += bool(problems)
    files.close()
    for case in options.cases:
        for key, (count, reason) in DIFFERENCES.get(case, {}).items():
            print("difference on purpose: %s %s: %+d: %s" % (case, "/".join(key), count, reason))
    print("%d of %d recorded jobs agree" % (len(options.cases) - failed, len(options.cases)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
