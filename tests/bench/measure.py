# SPDX-License-Identifier: Apache-2.0
"""What all measurements share: rows, the load generator, the constant server, processor time of a process."""

import contextlib
import dataclasses
import json
import math
import os
import pathlib
import statistics
import subprocess


@dataclasses.dataclass
class Row:
    """One number and what it is compared with. `goal` is for the ratio, or for the value when it has a unit."""
    name: str
    value: float | None
    unit: str
    against: str = ""
    ratio: float | None = None
    goal: str = ""
    holds: bool = False

    def as_dict(self):
        return {key: finite(v) if isinstance(v, float) else v for key, v in dataclasses.asdict(self).items()}


def finite(number):
    """Five digits are more than any measurement here has; JSON knows no NaN."""
    return float("%.5g" % number) if math.isfinite(number) else None


def failed(name, why):
    return Row(name, None, "", "could not be measured: " + why, None, "", False)


def shortfall(rows, quick):
    """What is not as it should be, in one line; empty when all is. In a quick run the numbers mean nothing."""
    missed = [row.name for row in rows if row.value is not None and not row.holds and not quick]
    unmeasured = [row.name for row in rows if row.value is None]
    parts = (("goals missed: ", missed), ("could not be measured: ", unmeasured))
    return "; ".join(what + ", ".join(names) for what, names in parts if names)


@dataclasses.dataclass
class Tools:
    """Where the built programs and the guest are. `quick`: small amounts, whose numbers mean nothing."""
    build: pathlib.Path
    guest: pathlib.Path
    quick: bool = False

    @property
    def programs(self):
        return self.build / "bin"

    def tool(self, name):
        return str(self.build / "bench" / ("patchbay_bench_" + name))

    def amount(self, full, quick):
        return quick if self.quick else full


def median(values):
    return statistics.median(values)


def load(tools, port, path, connections=64, seconds=3.0, method="GET", token=None, body=None, body_file=None,
         content_type="application/json", authorization=None):
    """The answer of the load generator; raises when a request failed."""
    command = [tools.tool("load"), "--port", str(port), "--path", path, "--connections", str(tools.amount(connections, 4)),
               "--seconds", str(tools.amount(seconds, 0.3)), "--warmup", str(tools.amount(0.5, 0.1)), "--method", method]
    if token or authorization:
        command += ["--header", "Authorization: " + (authorization or "Token " + token)]
    if body is not None:
        pathlib.Path(body_file).write_bytes(body)
        command += ["--header", "Content-Type: " + content_type, "--body-file", str(body_file)]
    out = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    answer = json.loads(out)
    if answer["failures"] or not answer["answers"]:
        raise RuntimeError("%s %s: %d of %d failed: %s" % (method, path, answer["failures"], answer["answers"],
                                                           answer["first_failure"][:400]))
    return answer


def alternate(ours, bare, rounds=3):
    """Medians of two measurements that take turns, so that both see the same noise."""
    pairs = [(ours(), bare()) for _ in range(rounds)]
    return median([pair[0] for pair in pairs]), median([pair[1] for pair in pairs])


@contextlib.contextmanager
def constant_process(tools, body, folder, content_type="application/json"):
    """A Beast server that answers `body` to everything; gives its port and its process."""
    file = pathlib.Path(folder, "constant")
    file.write_bytes(body)
    server = subprocess.Popen([tools.tool("constant"), "--body-file", str(file), "--content-type", content_type],
                              stdout=subprocess.PIPE, text=True)
    try:
        yield int(server.stdout.readline()), server.pid
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


@contextlib.contextmanager
def constant_server(tools, body, folder, content_type="application/json"):
    with constant_process(tools, body, folder, content_type) as (port, _):
        yield port


def proportional_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise RuntimeError(f"no Pss of {pid}")


def processor_seconds(pid):
    """User and system time of a process so far; 0 when it is gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
