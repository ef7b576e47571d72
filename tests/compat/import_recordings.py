#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From the transcripts of a recorded LAVA (a folder with <case>/requests.txt) to golden/<case>/exchanges.jsonl, which
rest_replay_test.cpp sends again: one exchange a line, REST only; and to golden/rpc.jsonl those XML-RPC calls whose answers
need no recorded job, for rpc_replay_test.cpp. Tokens are masked; in lists of jobs the definitions are
left out, and of the log that only stands for "some log" twenty lines are kept. The logs of JOBS are cut to what makes
answers: all results, errors and exceptions, and the first ten lines of each other level. Callbacks of CALLBACKS are copied with their headers."""

import collections

import json
import pathlib
import re
import sys
import urllib.parse

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
CASES = ["a-shell", "a2-raise", "c-invalid", "errors", "f-cancel", "f2-cancel-queued", "objects"]
JOBS = ["b-boot-timeout", "b2-panic", "b3-missing-image", "b4-job-timeout", "b5-boot-retry", "b6-lavabug",
        "d-interactive", "d2-interactive-ok", "e-monitors", "g-multinode", "h-health", "j-notify", "k-git-url",
        "l-auto-login"]
LONGEST_INLINE = 700
TEXTS = ("definition", "original_definition", "multinode_definition")


def masked(text):
    return re.sub(r'"token":"(?!<)[^"]*"', '"token":"<token>"', text)


def cut_log(text):
    seen = collections.Counter()
    kept = []
    for line in text.splitlines(keepends=True):
        level = re.search(r'"lvl": "(\w+)"', line).group(1)
        seen[level] += 1
        if level in ("results", "error", "exception") or seen[level] <= 10:
            kept.append(line)
    return "".join(kept)


def trimmed(case, name, text):
    if case in JOBS and re.fullmatch(r"(node\d-)?logs", name):
        return cut_log(text)
    if case == "errors" and name.endswith("-logs"):
        return "".join(text.splitlines(keepends=True)[:20])
    if case == "objects" and '"results":[{"id":' in text:
        page = json.loads(text)
        for row in page["results"]:
            row.update({key: "" for key in TEXTS if key in row})
        return json.dumps(page, separators=(",", ":"), ensure_ascii=False)
    return text


def request_body(entry):
    match = re.search(r"^> \(body, (\d+) bytes\)\n((?:>   .*\n|> ?\n)*)", entry, re.M)
    if not match:
        return None
    text = "\n".join(line[4:] for line in match.group(2).split("\n"))
    size = int(match.group(1))
    if "\n--xyz--" in text:  # the transcript has lost the CRs of a multipart body
        head, rest = text.split("\n\n", 1)
        text = head.replace("\n", "\r\n") + "\r\n\r\n" + rest.replace("\n--xyz--", "\r\n--xyz--\r\n")
    return None if "...(cut)" in text else text.encode()[:size].decode()


def exchange(case, folder, entry):
    name = entry.split("\n")[0][4:]
    request = re.search(r"^> (\S+) (\S+) HTTP/1.1$", entry, re.M)
    if not request or not request.group(2).startswith(("/api/v0.2", "/nothing-here")):
        return None
    if case == "g-multinode" and name.startswith("jobs-list"):
        return None  # of the jobs of all cases
    out = {"name": name, "method": request.group(1), "target": request.group(2)}
    headers = re.findall(r"^> ([A-Z][A-Za-z-]*: .*|[A-Z][A-Za-z-]*:)$", entry, re.M)
    out["headers"] = headers
    stem = name.rsplit(".", 1)[0]
    if "(body, " in entry:
        body = request_body(entry)
        file = f"{stem}.job.yaml" if (folder / f"{stem}.job.yaml").exists() else "job.yaml"
        if body is not None and len(body) < 200 or case in ("errors", "h-health", "objects"):
            out["body"] = body
        else:
            out["definition_file"] = file
            if name.endswith("-strict"):
                out["strict"] = True
    answer = re.search(r"^< HTTP/1.1 (\d+)", entry, re.M)
    out["status"] = int(answer.group(1))
    for key, header in (("type", "Content-Type"), ("disposition", "Content-Disposition"), ("allow", "Allow")):
        found = re.search(rf"^< {header}: (.*)$", entry, re.M)
        if found:
            out[key] = found.group(1)
    file = re.search(r"^= body in (\S+),", entry, re.M)
    if file and (folder / file.group(1)).exists():
        text = trimmed(case, name, masked((folder / file.group(1)).read_bytes().decode()))
        if len(text) <= LONGEST_INLINE:
            out["answer"] = text
        else:
            stored = GOLDEN / case / file.group(1)
            stored.write_bytes(text.encode())
            out["answer_file"] = file.group(1)
    return out


# Answers that are the same in every lab with two QEMU devices.
RPC = {"errors": ["not-a-call", "not-xml", "trailing-slash", "unknown-namespace", "unknown-method", "unknown-job",
                  "unknown-job-logs", "unknown-device", "unknown-worker", "jobs-list-bad-state", "submit-anonymous",
                  "submit_job-anonymous", "submit-bad-token", "results-unknown-job"],
       "objects": ["api_version", "version", "whoami-admin", "whoami-anonymous", "whoami-joe", "getCapabilities", "multicall",
                   "methodSignature", "all_devices", "all_device_types", "devices-list", "user_can_view_jobs",
                   "user_can_submit_to_types", "get_device_status"]}
RAW = {"not-a-call": "<?xml version='1.0'?><x/>", "not-xml": "hello",
       "trailing-slash": "<methodCall><methodName>system.version</methodName></methodCall>"}


def rpc_exchanges(source):
    for path in sorted((source / "c-invalid").glob("*.rpc-*.request.xml")):
        name, method = path.name.removesuffix(".request.xml").split(".rpc-")
        answer = (path.parent / f"{name}.rpc-{method}.xml").read_bytes().decode()
        if "<fault>" in answer or method == "validate":
            yield {"name": f"c-invalid/{name}.{method}", "who": "admin", "method": f"scheduler.jobs.{method}",
                   "definition": f"{name}.job.yaml", "status": 200, "answer": answer}
    for case in ("errors", "objects"):
        transcript = (source / case / "requests.txt").read_text()
        for name in RPC[case]:
            entry = transcript.split(f" rpc-{name}\n", 1)[1].split("\n=== ", 1)[0]
            who = re.search(r"Basic base64\((\w+):<(\S+)-token>", entry)
            request = source / case / f"rpc-{name}.request.xml"
            yield {"name": f"{case}/{name}", "who": who.group(2) if who else "",
                   "request": RAW.get(name) or request.read_text(),
                   "status": int(re.search(r"^< HTTP/1.1 (\d+)", entry, re.M).group(1)),
                   "answer": (source / case / f"rpc-{name}.xml").read_bytes().decode()}


# What callbacks_test.cpp compares: each content type, each data set. Logs are cut as those of JOBS.
CALLBACKS = {"j-notify": ["callback-01-minimal", "callback-02-results", "callback-04-all", "callback-05-urlencoded"],
             "j2-notify-all": ["callback-01-each-state", "callback-02-each-state"]}


def cut_callback(path):
    text = path.read_text()
    if path.suffix == ".form":
        pairs = urllib.parse.parse_qsl(text, keep_blank_values=True)
        return urllib.parse.urlencode([(key, cut_log(value) if key == "log" else value) for key, value in pairs])
    body = json.loads(text)
    if "log" in body:
        body["log"] = cut_log(body["log"])
    return json.dumps(body)


def import_callbacks(source):
    for case, names in CALLBACKS.items():
        for name in names:
            headers = source / case / f"{name}.headers.txt"
            (GOLDEN / case / headers.name).write_bytes(headers.read_bytes())
            for path in (source / case).glob(f"{name}.[jf]*"):
                (GOLDEN / case / path.name).write_text(cut_callback(path))


def main():
    source = pathlib.Path(sys.argv[1])
    import_callbacks(source)
    for case in CASES + JOBS:
        folder = source / case
        (GOLDEN / case).mkdir(exist_ok=True)
        entries = re.split(r"^=== ", (folder / "requests.txt").read_bytes().decode(), flags=re.M)[1:]
        if case == "h-health":  # the body of the first of two of this name is lost
            entries.remove(next(entry for entry in entries if " device-after\n" in entry))
        exchanges = [e for e in (exchange(case, folder, entry) for entry in entries) if e]
        with open(GOLDEN / case / "exchanges.jsonl", "w", encoding="utf-8") as out:
            for item in exchanges:
                out.write(json.dumps(item, ensure_ascii=False) + "\n")
        print(f"{case}: {len(exchanges)} exchanges")
    with open(GOLDEN / "rpc.jsonl", "w", encoding="utf-8") as out:
        for item in rpc_exchanges(source):
            out.write(json.dumps(item, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
