# SPDX-License-Identifier: Apache-2.0
"""Serial consoles: how soon a prompt is answered, how fast bytes are read, what many consoles cost."""

import json
import subprocess

from measure import Row


def bench(tools, *arguments):
    done = subprocess.run([tools.tool("serial"), *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def serial(tools):
    answer = bench(tools, "latency", tools.amount(20_000, 50))
    speed = bench(tools, "throughput", tools.amount(100_000_000, 200_000))
    count, seconds = tools.amount(64, 4), tools.amount(20, 1)
    many = bench(tools, "consoles", count, seconds)
    slower = answer["ours"] - answer["bare"]
    return [
        Row("console-answer", answer["ours"], "us", "a loop of read and write: %.1f us" % answer["bare"],
            answer["ours"] / answer["bare"], "<= 100 us more", slower <= 100),
        Row("serial-bytes", speed["ours"] / 1e6, "MB/s", "cat on the same terminal: %.1f MB/s" % (speed["cat"] / 1e6),
            speed["ours"] / speed["cat"], "ratio >= 1/2", speed["ours"] >= speed["cat"] / 2),
        Row("serial-consoles", many["share"] * 100, "%", "one processor, %d consoles at 115200" % count, many["share"],
            "< 15 %%, nothing lost (lost %d lines)" % many["lost"], many["share"] < 0.15 and many["lost"] == 0),
    ]
