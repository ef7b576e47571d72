#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what a test run did, from the XML that ctest and GoogleTest wrote. usage: test_summary.py FOLDER

Prints the number of tests, each skipped one with its reason, and each failed one. Exit code 1 when one failed.
"""

import pathlib
import sys
import xml.etree.ElementTree as xml


def read(path):
    try:
        return xml.parse(path).getroot()
    except xml.ParseError:  # the program died while it wrote; ctest counts it as failed
        return xml.Element("testsuites")


def why_skipped(case):
    """The line `SKIPPED: reason` that a test printed, else what ctest says."""
    for line in (case.findtext("system-out") or "").splitlines():
        if line.startswith("SKIPPED: "):
            return line.removeprefix("SKIPPED: ")
    reason = case.find("skipped")
    return (reason.get("message") if reason is not None else "") or case.get("status")


def main(folder):
    passed, skipped, failed = 0, [], []
    programs = set()
    for file in sorted(pathlib.Path(folder).glob("*.xml")):
        programs.add(file.stem)
        for case in read(file).iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}"
            reason = case.find("skipped")
            if case.find("failure") is not None:
                failed.append(name)
            elif reason is not None or case.get("result") == "skipped":
                text = (reason.get("message") if reason is not None else "") or "no reason given"
                skipped.append((name, " ".join(text.split())))
            elif case.get("status") == "run":
                passed += 1
    junit = pathlib.Path(folder, "ctest.junit")
    for case in read(junit).iter("testcase") if junit.exists() else ():
        name = case.get("name")
        if case.get("status") == "fail":
            if not any(name in f or f"{name}_test" in programs for f in failed):
                failed.append(f"{name} (ctest)")
        elif f"{name}_test" not in programs:
            if case.get("status") == "run":
                passed += 1
            else:
                skipped.append((name, why_skipped(case)))

    print(f"\n{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    reasons = {}
    for name, reason in skipped:
        reasons.setdefault(reason, []).append(name)
    for reason, names in sorted(reasons.items(), key=lambda item: -len(item[1])):
        first = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        print(f"  skipped {len(names)}: {reason} ({first})")
    for name in failed:
        print(f"  FAILED {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
