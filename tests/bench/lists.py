# SPDX-License-Identifier: Apache-2.0
"""`jobs/` with filters among very many stored jobs: how long one client waits for a page."""

import subprocess
import time

from jobs import smoke_job
from lab import Lab
from measure import Row, constant_server, load

TYPES, BOARDS = 40, 50
# name, query, milliseconds that the slowest of a hundred answers may take
LISTS = [
    ("newest", "", 20),
    ("state", "state=Submitted", 20),
    ("health", "health=Incomplete", 20),
    ("submitter", "submitter__username=user-7", 50),
    ("device-type", "requested_device_type=board-07", 50),
    ("device", "actual_device=board-07-11", 50),
    ("dashboard", "requested_device_type=board-07&state=Finished&health=Incomplete", 50),
    ("finished-last", "state=Finished&ordering=-end_time", 50),
    ("began-first", "ordering=start_time", 50),
    ("since", "submit_time__gt=@RECENT@&state=Finished", 50),
    ("tag", "tags__name=usb", 200),
    ("deep-page", "offset=@HALF@", 200),
    ("last-page", "offset=@LAST@", 200),
    ("deep-page-of-state", "state=Finished&offset=@HALF@", 200),
    ("by-id", "id__lt=@HALF@", 200),
    ("description-contains", "description__contains=build 77 of", 1000),
    ("comment-contains", "failure_comment__icontains=Timed Out", 1000),
    ("definition-contains", "definition__contains=no such text", 3000),
]


def million_lab(tools, jobs):
    """One of 2000 devices of 40 types, 50 submitters and so many jobs."""
    boards = "".join("  - {name: board-%02d, device_type: board-%02d, count: %d}\n" % (n, n, tools.amount(BOARDS, 20))
                     for n in range(TYPES))
    checks = "".join("  board-%02d: {disable_health_check: true}\n" % n for n in range(TYPES))
    lab = Lab(tools.programs, f"devices:\n{boards}device_types:\n{checks}")
    try:
        lab.start()
        lab.add_user("reader", superuser=False)
        lab.kill(15)
        subprocess.run([tools.tool("many_jobs"), str(lab.state / "patchbay.db"), "--jobs", str(jobs), "--queued",
                        str(min(1000, jobs // 10)), "--definition", smoke_job(tools)], check=True)
        lab.start()
    except BaseException:
        lab.close()
        raise
    return lab


def ask(tools, lab, query):
    """p50 and p99 in milliseconds of one client, and the answer."""
    path = "/api/v0.2/jobs/?limit=50" + ("&" + query if query else "")
    begin = time.monotonic()
    answer = lab.get(path)
    # Some answers at least, and few if each takes seconds.
    seconds = max(2.0, min(20.0, 5 * (time.monotonic() - begin)))
    if answer.status != 200:
        raise RuntimeError("%s: %d %r" % (path, answer.status, answer.body[:300]))
    # The first request has warmed up what there is to warm.
    took = load(tools, lab.port, path, connections=1, seconds=seconds, token=lab.token)
    return took["median_us"] / 1000, took["p99_us"] / 1000, answer


def lists(tools):
    """Each filter beside the page without any."""
    jobs = tools.amount(1_000_000, 2_000)
    rows = []
    with million_lab(tools, jobs) as lab:
        recent = lab.get("/api/v0.2/jobs/?limit=1&offset=%d" % (jobs // 100)).json()["results"][0]["submit_time"]
        plain = None
        for name, query, most in LISTS:
            query = query.replace("@HALF@", str(jobs // 2)).replace("@LAST@", str(jobs - 50)).replace("@RECENT@", recent)
            p50, p99, answer = ask(tools, lab, query.replace(" ", "%20").replace(":", "%3A").replace("+", "%2B"))
            found = answer.json()["count"]
            if plain is None:
                plain = p99
                with constant_server(tools, answer.body, lab.state) as port:
                    bare = load(tools, port, "/", connections=1, seconds=1)["p99_us"] / 1000
                against, ratio = "constant Beast server, the same bytes: p99 %.3f ms" % bare, p99 / max(bare, 0.001)
            else:
                against, ratio = "no filter: p99 %.3f ms" % plain, p99 / plain
            rows.append(Row("list-" + name, p99, "ms", "%s; p50 %.3f ms, %d of %d jobs" % (against, p50, found, jobs), ratio,
                            "p99 <= %d ms" % most, p99 <= most))
    return rows
