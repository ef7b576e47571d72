#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ltp-to-results.py FILE: reads what LTP leaves, prints "NAME RESULT" lines for send-to-lava.sh. It knows

  kirk's report (JSON):      results, each with test_fqn and test.result or status
  runltp's results file:     "NAME PASS 0" below a line of dashes
  the log of test programs:  "NAME.c:LINE: TPASS: ...", and the older "NAME NUMBER TPASS : ..."

TCONF (not for this kernel or machine) is a skip; TBROK (the test itself failed) and TFAIL are failures. In a log a test has the
worst of its results; warnings and remarks (TWARN, TINFO) are no results.
Only Python's own modules are used, those that Debian's python3-minimal has.
"""

import re
import sys

WORDS = {"pass": "pass", "conf": "skip", "skip": "skip", "fail": "fail", "brok": "fail", "warn": "fail"}
LISTED = re.compile(r"^(\S+)\s+(PASS|FAIL|CONF|BROK|WARN|SKIP)\s+-?\d+\s*$")
SAID = re.compile(r"^(\S+?)(?:\.c)?(?::\d+:|\s+\d+\s)\s*(TPASS|TFAIL|TCONF|TBROK)\s*:")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
WORST = ["skip", "pass", "fail"]


def slug(text):
    return re.sub(r"[^A-Za-z0-9_.+-]+", "_", text).strip("_")


def from_report(report):
    for each in report["results"]:
        word = each.get("test", {}).get("result") or each.get("status", "")
        yield slug(each["test_fqn"]), WORDS.get(word.lower(), "unknown")


def from_lines(lines):
    listed, said = [], {}
    for line in lines:
        line = COLOUR.sub("", line.rstrip("\r\n"))
        found = LISTED.match(line)
        if found:
            listed.append((slug(found.group(1)), WORDS[found.group(2).lower()]))
            continue
        found = SAID.match(line)
        if found:
            name, result = slug(found.group(1)), WORDS[found.group(2)[1:].lower()]
            said[name] = max(said.get(name, result), result, key=WORST.index)
    # The list is runltp's own judgement of each test; its programs' log beside it says the same again.
    return listed or list(said.items())


def parse(text):
    if text.lstrip().startswith("{"):
        import json  # not a part of python3-minimal, and not needed for the other forms
        return list(from_report(json.loads(text)))
    return from_lines(text.splitlines())


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: ltp-to-results.py FILE")
    with open(sys.argv[1], encoding="utf-8", errors="replace") as source:
        results = parse(source.read())
    if not results:
        sys.exit("ltp-to-results.py: %s has no results in a form that is known here" % sys.argv[1])
    for name, result in results:
        print(name, result)


if __name__ == "__main__":
    main()
