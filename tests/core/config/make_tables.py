#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes data/load.jsonl and data/dump.jsonl: what PyYAML 6 makes of texts and of values.

Run it with a Python that has PyYAML built on libyaml; the tests read only its output.
"""
import base64
import datetime
import json
import math
import pathlib
import random

import yaml

HERE = pathlib.Path(__file__).parent / "data"


def typed(value):
    if value is None:
        return {"t": "null"}
    if isinstance(value, bool):
        return {"t": "bool", "v": value}
    if isinstance(value, int):
        return {"t": "int", "v": str(value)}
    if isinstance(value, float):
        return {"t": "float", "v": repr(value)}
    if isinstance(value, str):
        return {"t": "str", "v": value}
    if isinstance(value, bytes):
        return {"t": "bytes", "v": value.hex()}
    if isinstance(value, datetime.datetime):
        return {"t": "datetime", "v": str(value)}
    if isinstance(value, datetime.date):
        return {"t": "date", "v": str(value)}
    if isinstance(value, (list, tuple)):
        return {"t": "seq", "v": [typed(v) for v in value]}
    if isinstance(value, set):
        return {"t": "map", "v": [[typed(v), {"t": "null"}] for v in sorted(value)]}
    return {"t": "map", "v": [[typed(k), typed(v)] for k, v in value.items()]}


SCALARS = """
yes Yes YES yES no No NO true True tRUE false on On ON off OFF y n Y N ~ null Null NULL nUll
0 00 -0 +0 7 07 08 0o7 -017 +017 0_7 1_000 _1 1_ 0x1F 0X1F -0x_f 0x 0b11 0b12 -0b1 0b 1__0 9223372036854775807
9223372036854775808 -9223372036854775808 -9223372036854775809 123456789012345678901234567890 0xFFFFFFFFFFFFFFFFFF
1:30 1:60 1:59:59 -1:30 +1:00 01:30 00:10 1:3:4:5 190:20:30 1:30.5 1:30. -1:30.25 0:0.5 1:2:3.4_5
1.5 1. .5 -.5 +.5 . -. 1e3 1.e3 1.0e3 1.0e+3 1.5E-3 1.0e 1.0e+ 1_0.5 1_0.5_0 .5_0 ._5 1.5.2 685.230_15e+03
.inf .Inf .INF -.inf +.inf .iNF .nan .NaN .NAN -.nan inf nan 1e400 1.0e+400 1.0e-400
2026-01-02 2026-1-2 2026-13-01 2026-02-30 2024-02-29 2026-01-02T03:04:05 2026-01-02t3:04:05
2026-01-02T03:04:05Z 2026-01-02T03:04:05.25Z 2026-01-02T03:04:05.1234567+05:30 2026-01-02T03:04:05-3
2026-01-02T24:00:00 0000-01-01 12345-01-01 2026-01-02T03:04 << = - ? : , a,b a:b :a a: a#b #a @a %a &a *a !a |
> ' " [ ] { } --- ... -a ?a -- hello äöü \u00e9
""".split()

TEXTS = [
    "", " ", "\n", "# only\n", "---", "---\n...", "a", "- 1\n- two", "a: 1\nb: 2", "a:\n  b:\n  - c\n  -  d: e\n     f: g",
    "a: 2026-01-02 03:04:05", "a: 2026-01-02 03:04:05 +1", "a: 2026-01-02\t03:04:05.000 -07:15", "a: 2026-01-02 3:04:05 Z",
    "{a: 1, a: 2, b: 3}", "{1: a, true: b, 1.0: c}", "{0: a, false: b, -0.0: c}", "{null: 1, ~: 2}", "? a\n: b", "? [a]\n: b", "? {a: b}\n: c",
    "a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}", "a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y], r: 1}",
    "a: {<<: 5}", "a: {<<: [5]}", "a: {<<: [[1]]}", "<<: {a: 1}\nb: 2", "b: 2\n<<: {a: 1, b: 9}", "a: {<<: {x: 1}, <<: {x: 2, y: 3}}",
    "&a {b: 1}", "a: &a [1]\nb: *a", "a: *b", "a: &b 1\nc: &b 2\nd: *b", "a: &a [*a]", "a: !!str 12", "a: !!int \"12\"", "a: !!float 1", "a: !!bool yes",
    "a: !!null x", "a: !!null ''", "a: !!bool 12", "a: !!int x", "a: !!float x", "a: !!str [a]", "a: !!map [a]", "a: !!seq {a: b}", "a: !!timestamp 2026-01-02",
    "a: !!binary aGVsbG8=", "a: !!binary |\n  aGVs\n  bG8=\n", "a: !!binary 'a'", "a: !!set {x, y}", "a: !!omap [x: 1, y: 2]", "a: !!omap {x: 1}", "a: !!omap [x]", "a: !!omap [{x: 1, y: 2}]",
    "a: !!pairs [x: 1, x: 2]", "a: ! 12", "a: ! \"12\"", "a: ! 'yes'", "a: ! [1]", "a: ! {b: 1}", "a: !x 1", "a: !!x 1", "!!python/object/apply:os.getcwd []",
    "a: !<tag:yaml.org,2002:int> \"7\"", "%TAG !e! tag:yaml.org,2002:\n---\na: !e!int \"7\"", "%YAML 1.1\n---\na: 010", "%YAML 2.0\n---\na: 1", "%FOO\n---\na: 1",
    "a: |\n  x\n  y\n", "a: |-\n  x\n", "a: |+\n  x\n\n", "a: >\n  x\n  y\n\n  z\n", "a: >-\n  x\n   y\n  z\n", "a: |2\n   x\n", "a: |\n\n  x\n", "a: |\n  x\n y\n", "a: |9\n x", "a: |0\n x",
    "a: \"x\\ty\\x41\\u00e9\\U0001F600\\e\\0\\N\\_\\L\\P\\/\"", "a: \"\\q\"", "a: \"x\\\n   y\"", "a: \"x\n\n  y\"", "a: 'it''s'", "a: 'x\n  y'", "a: x\n  y\n  z", "a: x\n\n  y",
    "a: \"\\ud83d\\ude00\"", "a: \"\\ud800\"", "a: \"unterminated", "a: 'unterminated", "a: [1, 2", "a: {b: 1", "a: ]", "a: }", "a: b: c", "a: - b", "a:\n- b\n c", "- a\nb", "a\nb: c", "a: 1\n b: 2", " a: 1\nb: 2", "a: 1\n\tb: 2",
    "\ta: 1", "a:\tb", "a: b\t# c", "a: @x", "a: `x", "a: %x", "a: b # c", "a: b#c", "a: 'b'c", "a: [a,,b]", "a: [a, ]", "a: [,]", "a: {a, b: c,}", "a: [b: c]", "a: [b: c, d]", "[a, b]: c", "{a: b}: c", "a: {x: }", "a: {x}", "a: {x:1}", "a: {\"x\":1}", "a: [\"x\":1]",
    "a: 1\n---\nb: 2", "--- a\n--- b", "a\n...\nb", "a: 1\n...\n# x", "--- {a: 1}", "---\na: 1\n---", "a: ? b", "? a", "? a\n? b", ": a", "- - a\n  - b\n-\n  - c", "-\n  a: 1\n-\n", "-a", "- -a", "a: -", "-",
    "a: \x07", "a: \x7f", "a: \x85b", "a: b\u2028c", "\ufeffa: 1", "a: \ufeff1", "a: \U0001F600", "a: b\rc: d", "a: b\r\nc: d\r\n", "key with spaces: 1", "\"quoted key\": 1", "? |\n  block key\n: 1", "a: http://x:80/y?z#w", "a: x, y", "a: [http://x:80, 'b']",
    "- &a a\n- &b b\n- [*a, *b]", "*a : 1", "a: &x\nb: *x", "a: !!str\nb: 1", "a: &x !!str 1", "a: !!str &x 1", "a: [!!str, !!null]", "a: >\n\n\n x", "a: |\n x\n\n\n", "a: \"\n  x\n  \"",
    "x" * 1100 + ": 1", "? " + "x" * 1100 + "\n: 1", "[" * 60 + "]" * 60, "a: " + "7" * 4299, "[=, <<]", "{=: 1}", "a: =",
    # A text that breaks off, or that other parsers than PyYAML's read otherwise.
    "a:\nb", "a: 1\nb\n", "a: 1\nb: c\nd", "a:\n  b: 1\n  c\n", "- a: 1\n  b", "a: 'b\n", "a: \"b\n\n", "a: !!str 'b\n", "a: \"b\\", "a: &x 'b", "a: '' # \"", "a: |\n# it's\n", "a: \"\"\n# '", "? a\n? b\n", "{a, b}", "{,}", "{a,,b}", "{: a}", "{a: , b: }", "[a: , b]",
    "- '\n\n  '", "- '\n\n\n  '", "- 'a\n\n\n  '", "- \"\n\n  \"", "- \"a\\\n\n  b\"", "- \"a \\\n  \\ b\"", "- \"a\t\n\t b\"", "- ' a\n  '", "a: &\"x\" 1", "a: &x:y 1", "a: *x:y", "%YAML 1.1\n# x\n---\na: 1", "%YAML 1.1\na: 1", "# %x\na: 1", "a: 1\n...\n...\n", "--- a\n...\n--- b", "é: ü\nö: [",
    "a: b\r\n\r\nc: 'd\r\n\r\n  e'\r\n", "a: |\r\n  x\r\n  y\r\n", "a: 'x\x85\x85y'", "# x\x85a: 1", "\xa0a: 1", "a: !!str # x\n  \"12\"", "a: ! # x\n  \"12\"", "a: \"\\'\"", "a: &x\n  b: *x",
]

JOB_STRINGS = [
    "", " ", "a", " a", "a ", "a b", "yes", "no", "null", "~", "1", "0x1", "1.5", "1e3", "1:30", "-", "- a", "?", "? a", ":", "a:", "a: b", ":a", "#", "a #b", "a#b", ",", "a,b", "[a", "{a", "]", "}", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "'", "\"", "it's", "\"q\"",
    "--- a", "---", "...", "=", "<<", "a\n", "a\nb", "a\nb\n", "\na", "a\n\nb", "a\n b", " a\nb", "a \nb", "a\tb", "\ta", "a\t", "tab\tand\nnew", "é", "日本", "😀", "a\u2028b", "\x07", "\x1b[0m", "\x7f", "\x85", "\ufeff", "\\", "a\\b", "a\r\nb",
    "2026-01-02", "2026-01-02 03:04:05", "x" * 100, "word " * 40, ("word " * 40).strip(), "a  b " * 30, "lava-test-case kernel --shell uname -a; echo \"x: $y\" | grep 'z' # comment and so on until it is quite long indeed",
    "#!/bin/sh\nset -e\necho hello\n", "  indented\nless\n", "0", "00", "007", "08", "+1", ".5", "5.", ".", "..", "a'b\"c", "a: 'b' \"c\"", "x" * 79, "x" * 80, "x " * 39 + "y", "- " * 50, "é" * 30 + " " + "é" * 30, "https://example.org/" + "p/" * 60 + "?q=1&r=2#s",
    "a" * 130, "with trailing spaces   ", "multi\nline with trailing space \nend", "key: value\nother: value", "line one\n\n\nline four", "'", "''", "'a'", "a''b", "%", "100%", "a%b", "!", "a!", "&", "*", "a&b", "\u200b", "\u00a0", "a\u00a0b", "\ud7ff", "\ue000", "\ufffd", "\U0010ffff",
    "x" * 126 + ": 1", "x" * 127, "x" * 128, "x" * 129,
]


def values():
    yield from JOB_STRINGS
    for text in JOB_STRINGS:
        yield {"key": text}
        yield [text]
        if len(text) < 400:
            yield {text: 1}
        yield {"outer": {"steps": ["first", text, {"deep": text}]}}
    for number in (0, 1, -1, 10**30, True, False, None, 1.5, 0.1, 1e16, 1e17, 1e-5, 1.5e-7, 1e100, math.inf, -math.inf, 123456789.123, 1.0, -0.0, 5e-324, 1.7976931348623157e308):
        yield number
        yield {"n": number}
        yield {number: "key"}
    yield {"t": datetime.date(2026, 1, 2), "u": datetime.datetime(2026, 1, 2, 3, 4, 5), "v": datetime.datetime(2026, 1, 2, 3, 4, 5, 600, datetime.timezone.utc)}
    yield {"b": b"hello"}
    yield {"b": bytes(range(256))}
    yield []
    yield {}
    yield {"a": [], "b": {}, "c": [[]], "d": [{}], "e": [[1, 2], [3]], "f": [{"a": 1, "b": 2}, {"c": [1]}]}
    yield {"b": 1, "a": 2, "C": 3, "_": 4, "ä": 5}
    yield {3: 1, 1: 2, 2: 3}
    yield {"a": 1, 2: 3}
    yield {True: 1, 0: 2}
    yield {None: 1}
    yield [[[[[["deep"]]]]]]
    rng = random.Random(2023)
    alphabet = "ab xyz  :#-?,'\"\\\n\t[]{}&*!|>%@`=~019.é\u2028"
    for _ in range(700):
        text = "".join(rng.choice(alphabet) for _ in range(rng.choice([1, 2, 3, 5, 8, 13, 40, 90, 200])))
        yield {"k": [text]}


def main():
    HERE.mkdir(exist_ok=True)
    texts = ["a: " + s for s in SCALARS] + ["- " + s for s in SCALARS] + SCALARS + TEXTS
    with open(HERE / "load.jsonl", "w") as out:
        for text in texts:
            try:
                row = {"yaml": text, "value": typed(yaml.load(text, Loader=yaml.CSafeLoader))}
            except yaml.YAMLError as exc:
                row = {"yaml": text, "error": str(exc)}
            except RecursionError:
                row = {"yaml": text, "error": None}
            except Exception as exc:  # not a YAMLError: a value that Python cannot hold
                row = {"yaml": text, "error": None}
            out.write(json.dumps(row) + "\n")
    with open(HERE / "dump.jsonl", "w") as out:
        for value in values():
            row = {
                "value": typed(value),
                "document": yaml.dump(value, Dumper=yaml.CSafeDumper, default_flow_style=False, sort_keys=False),
                "sorted": yaml.dump(value, Dumper=yaml.CSafeDumper, default_flow_style=False, sort_keys=True),
            }
            if yaml.safe_dump(value, sort_keys=False) != row["document"]:
                print("pure Python differs:", repr(value)[:100])
            out.write(json.dumps(row) + "\n")


main()
