# SPDX-License-Identifier: Apache-2.0
"""The values that clients take, as strict as the strictest of them (lava-api, in Rust): anything else makes them drop the
whole answer."""

import json
import re

import yaml

JOB_STATES = ("Submitted", "Scheduling", "Scheduled", "Running", "Canceling", "Finished")
JOB_HEALTHS = ("Unknown", "Complete", "Incomplete", "Canceled")
DEVICE_STATES = ("Idle", "Reserved", "Running")
DEVICE_HEALTHS = ("Unknown", "Maintenance", "Good", "Bad", "Looping", "Retired")
WORKER_STATES = ("Online", "Offline")
WORKER_HEALTHS = ("Active", "Maintenance", "Retired")
RESULTS = ("pass", "fail", "skip", "unknown")
ERROR_TYPES = ("Infrastructure", "Configuration", "Bug", "Canceled", "Job", "Test", "LAVATimeout", "MultinodeTimeout",
               "ObjectNotPersisted", "Unexisting permission codename.", "None")
LEVELS = ("debug", "info", "warning", "error", "exception", "results", "target", "input", "feedback")

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
LOG_LINE = re.compile(r'- \{"dt": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", "lvl": "(\w+)", "msg": .*\}')


def a(kind):
    return lambda value: type(value) is kind  # pylint: disable=unidiomatic-typecheck


def maybe(test):
    return lambda value: value is None or test(value)


def list_of(test):
    return lambda value: isinstance(value, list) and all(test(item) for item in value)


def one_of(*words):
    return lambda value: isinstance(value, str) and value in words


def time(value):
    return isinstance(value, str) and TIME.fullmatch(value) is not None


def decimal(value):
    return isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None


def metadata(text):
    """The message of a result, as YAML."""
    if not isinstance(text, str):
        return False
    value = yaml.safe_load(text)
    strings = ("level", "duration", "namespace", "extra", "error_msg")
    return (all(isinstance(value.get(key), str) for key in ("definition", "case")) and value.get("result") in RESULTS
            and all(isinstance(value.get(key, ""), str) for key in strings)
            and value.get("error_type", "None") in ERROR_TYPES)


JOB = {"id": a(int), "submitter": a(str), "viewing_groups": list_of(a(int)), "description": a(str),
       "health_check": a(bool), "requested_device_type": maybe(a(str)), "tags": list_of(a(int)),
       "actual_device": maybe(a(str)), "submit_time": time, "start_time": maybe(time), "end_time": maybe(time),
       "state": one_of(*JOB_STATES), "health": one_of(*JOB_HEALTHS), "priority": a(int), "definition": a(str),
       "metadata": a(dict), "original_definition": a(str), "multinode_definition": a(str),
       "failure_tags": list_of(a(int)), "failure_comment": maybe(a(str))}
TEST = {"id": a(int), "name": a(str), "unit": a(str), "result": one_of(*RESULTS), "measurement": maybe(decimal),
        "metadata": maybe(metadata), "suite": a(int), "start_log_line": maybe(a(int)), "end_log_line": maybe(a(int)),
        "test_set": maybe(a(int)), "logged": time, "resource_uri": a(str)}
SUITE = {"id": a(int), "name": a(str), "job": a(int), "resource_uri": a(str)}
DEVICE = {"hostname": a(str), "device_type": a(str), "device_version": maybe(a(str)), "physical_owner": maybe(a(int)),
          "physical_group": maybe(a(int)), "description": maybe(a(str)), "tags": list_of(a(int)),
          "state": one_of(*DEVICE_STATES), "health": one_of(*DEVICE_HEALTHS), "last_health_report_job": maybe(a(int)),
          "worker_host": a(str)}
WORKER = {"hostname": a(str), "description": maybe(a(str)), "state": one_of(*WORKER_STATES),
          "health": one_of(*WORKER_HEALTHS), "last_ping": maybe(time), "job_limit": a(int), "version": maybe(a(str))}
TAG = {"id": a(int), "name": a(str), "description": maybe(a(str))}


def problems(value, shape):
    """What a strict reader would stop at."""
    if not isinstance(value, dict):
        return ["no object: %r" % value]
    return ["%s: %r" % (key, value.get(key, "(absent)")) for key, test in shape.items()
            if key not in value or not test(value[key])]


def page(answer):
    """The results of a list."""
    value = answer.json()
    if list(value) != ["count", "next", "previous", "results"] or not isinstance(value["count"], int):
        raise AssertionError("no page: %r" % list(value))
    return value["results"]


def log_records(text):
    """Cut at newlines, the first byte dropped, the rest read as JSON: what lava-api and tuxrun do."""
    if any(0x80 <= ord(character) <= 0xFFFF for character in text):
        raise AssertionError("what JSON and YAML can escape alike is not escaped")
    records = []
    for line in text.splitlines():
        match = LOG_LINE.fullmatch(line)
        if not match or match.group(1) not in LEVELS:
            raise AssertionError("no log line: " + line[:200])
        record = json.loads(line[1:])
        message = record["msg"]
        if record["lvl"] == "results":
            if not all(isinstance(message.get(key), str) for key in ("definition", "case", "result")):
                raise AssertionError("no result: " + line[:200])
        elif not isinstance(message, str) and not list_of(a(str))(message):
            raise AssertionError("no message: " + line[:200])
        records.append(record)
    if records != (yaml.load(text, Loader=yaml.CSafeLoader) or []):
        raise AssertionError("as YAML the log is another one")
    return records
