# SPDX-License-Identifier: Apache-2.0
"""Which call of which client passes. A call that fails does not keep the others from being tried."""

import contextlib
import traceback
import unittest

check = unittest.TestCase()
check.maxDiff = None


class Table:
    def __init__(self):
        self.rows = []
        self.problems = []

    @contextlib.contextmanager
    def row(self, client, call, rules=""):
        """`rules`: those of docs/maintainers/clients.md that the row shows."""
        verdict = "passes"
        try:
            yield
        except Exception:  # pylint: disable=broad-except
            verdict = "FAILS"
            self.problems.append("%s: %s\n%s" % (client, call, traceback.format_exc()))
        self.rows.append((client, call, rules, verdict))

    def failed(self):
        return len(self.problems)

    def print(self):
        heads = ("client", "call", "rules", "")
        widths = [max(len(row[i]) for row in [*self.rows, heads]) for i in range(3)]
        before = None
        for row in [heads, *self.rows]:
            client = row[0] if row[0] != before else ""
            before = row[0]
            print("  ".join([client.ljust(widths[0]), row[1].ljust(widths[1]), row[2].ljust(widths[2]), row[3]]).rstrip())
        print("%d of %d calls pass" % (len(self.rows) - self.failed(), len(self.rows)))
        for problem in self.problems:
            print("\n" + problem)
