#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ktap-to-results.py [FILE]: reads KTAP or TAP (kselftest, KUnit), prints "NAME RESULT" lines for send-to-lava.sh.

The name of a nested test begins with those of the tests it belongs to: suite_case. Tests are nested by being indented or by
standing in comments, and come before the test they belong to. A name that comes again gets _dup2, _dup3, ...
SKIP is a skip; TODO and XFAIL change nothing: what is known to fail belongs into the job's expectations.
A plan that is not fulfilled is the failed case "plan", a bail-out the failed case "bail-out".
Only Python's own modules are used, those that Debian's python3-minimal has.
"""

import re
import sys

TIMESTAMP = re.compile(r"^(?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?")
PLAN = re.compile(r"1\.\.(\d+)\b")
RESULT = re.compile(r"(ok|not ok)[ \t]+(\d+)\b[ \t]*(?:-[ \t]+)?(.*)$")
DIRECTIVE = re.compile(r"(?:^|[ \t])#[ \t]*(\S.*)$")
LONGEST_NAME = 200


def slug(text):
    """What a test case may be called, as Linaro's and KernelCI's results call it: no process numbers ([304]), no other signs, no
    dash that begins a word."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", re.sub(r"\[\d+\]", "", text)).strip("_").replace("_-", "__")[:LONGEST_NAME]


def depth_and_text(line):
    """How deep a line is nested. Inside a comment it is deeper than any blanks make it outside."""
    depth = 0
    while True:
        text = line.lstrip(" \t")
        depth += len(line) - len(text)
        if not text.startswith("# "):
            return depth, text.rstrip()
        depth += 2
        line = text[2:]


def name_of(number, description):
    """The description without its directive; kselftest puts "selftests: COLLECTION: PROGRAM" there."""
    name = description
    if name.startswith("selftests: "):
        name = name[len("selftests: "):]
    return slug(name) or "test_" + number


class Ktap:
    """Lines go in, (name, result) come out of finish()."""

    def __init__(self):
        self.open = []  # (depth, name, result) of tests whose parent may come
        self.plan = self.direct = None  # of the outermost level
        self.bailed_out = False

    def feed(self, line):
        depth, text = depth_and_text(TIMESTAMP.sub("", line))
        if text.startswith("Bail out!"):
            self.bailed_out = True
        if depth == 0:
            planned = PLAN.match(text)
            if planned:
                self.plan = (self.plan or 0) + int(planned.group(1))
        found = RESULT.match(text)
        if found:
            self.result(depth, *found.groups())

    def result(self, depth, word, number, description):
        if depth == 0:
            self.direct = (self.direct or 0) + 1
        directive = DIRECTIVE.search(description)
        reason = ""
        if directive:
            reason, description = directive.group(1), description[:directive.start()]
        result = "pass" if word == "ok" else "fail"
        if reason.upper().startswith("SKIP"):
            result = "skip"
            # kselftest's older programs: "ok 1 # SKIP name or reason"
            description = description.strip() or reason[len("SKIP"):].strip(" :")
        elif reason.upper().startswith("XFAIL"):
            description = description.strip() or reason[len("XFAIL"):].strip(" :")
        name = name_of(number, description)
        below = len(self.open)
        while below and self.open[below - 1][0] > depth:
            below -= 1
        children = self.open[below:]
        self.open[below:] = [(depth, name + "_" + child, of) for _, child, of in children] + [(depth, name, result)]

    def finish(self):
        results, seen = [], {}
        for _, name, result in self.open:
            seen[name] = seen.get(name, 0) + 1
            results.append((name if seen[name] == 1 else "%s_dup%d" % (name, seen[name]), result))
        if self.bailed_out:
            results.append(("bail-out", "fail"))
        if self.plan is not None and (self.direct or 0) < self.plan:
            results.append(("plan", "fail"))
        return results


def parse(lines):
    ktap = Ktap()
    for line in lines:
        ktap.feed(line.rstrip("\r\n"))
    return ktap.finish()


def main():
    if len(sys.argv) > 2:
        sys.exit("usage: ktap-to-results.py [FILE]")
    source = sys.argv[1] if len(sys.argv) == 2 else 0
    # What a test prints need not be UTF-8.
    with open(source, encoding="utf-8", errors="replace") as lines:
        for name, result in parse(lines):
            print(name, result)


if __name__ == "__main__":
    main()
