#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds the coroutine traps of docs/maintainers/coroutines.md that a compiler does not report.

usage: lint_coroutines.py [FILE or FOLDER]...     (default: every source folder)
Prints file:line: what is wrong; exit code 1 when something was found.

Three patterns, searched after comments and strings were blanked:
  1. a lambda that captures by value inside an expression with co_await (destroyed twice on GCC 12)
  2. an aggregate with designated members inside an expression with co_await (the same)
  3. a capturing lambda that is itself a coroutine and is called at once (the closure dies first, on every compiler)
"""

import pathlib
import re
import sys

FOLDERS = ["core", "devices", "drivers", "jobs", "daemon", "cli", "tftp", "tests"]

LITERAL = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<d>[^()\\\s]{0,16})\(.*?\)(?P=d)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.S)

OPEN, CLOSE = "([{", ")]}"
PAIR = dict(zip(CLOSE, OPEN))


def blank(text):
    """The same text, same length, without the contents of comments and literals."""
    def space(match):
        word = match.group(0)
        if word.startswith("/"):
            return re.sub(r"[^\n]", " ", word)
        return '"' + re.sub(r"[^\n]", " ", word[1:-1]) + '"'
    return LITERAL.sub(space, text)


def closing(text, start):
    """Index of the bracket that closes the one at `start`; the end of the text when there is none."""
    depth = 0
    for i in range(start, len(text)):
        if text[i] in OPEN:
            depth += 1
        elif text[i] in CLOSE:
            depth -= 1
            if depth == 0:
                return i
    return len(text) - 1


def opening(text, end):
    depth = 0
    for i in range(end, -1, -1):
        if text[i] in CLOSE:
            depth += 1
        elif text[i] in OPEN:
            depth -= 1
            if depth == 0:
                return i
    return 0


def begins_block(text, brace):
    """Is the '{' at `brace` that of a block (function, loop, lambda) and not of an initialiser?"""
    before = text[:brace].rstrip()
    if not before or before[-1] in ");{}>:":
        return True
    word = re.search(r"[A-Za-z_]\w*$", before)
    return bool(word) and word.group(0) in ("else", "try", "do", "mutable", "noexcept", "const", "override", "final")


def expression_around(text, at):
    """The full expression that the co_await at `at` belongs to, as (start, end)."""
    end = at
    while end < len(text) and text[end] not in ";":
        if text[end] in OPEN:
            if text[end] == "{" and begins_block(text, end) and not is_lambda_body(text, end):
                break
            end = closing(text, end)
        elif text[end] == "}":
            break
        end += 1
    start = at - 1
    while start >= 0:
        c = text[start]
        if c == ";":
            break
        if c == "{" and begins_block(text, start):
            break
        if c == "}":
            after = text[start + 1:at].lstrip()
            if after[:1] not in (",", ")", ".", "]", "(", "}", "?", ":") and not after.startswith("||"):
                break
            start = opening(text, start)
        elif c in ")]":
            start = opening(text, start)
        start -= 1
    return start + 1, end


LAMBDA = re.compile(r"(?<![\w\])\[])\s*\[(?P<captures>[^\[\]]*)\]\s*(?=[({]|mutable\b)")


def is_lambda_body(text, brace):
    """Does a lambda's head end right before the '{' at `brace`?"""
    return any(body_of(text, m) == brace for m in LAMBDA.finditer(text, max(0, brace - 400), brace))


def body_of(text, match):
    """Index of the '{' of a lambda's body, or None."""
    i = match.end()
    if i < len(text) and text[i] == "(":
        i = closing(text, i) + 1
    brace = text.find("{", i)
    if brace < 0 or ";" in text[i:brace] or ")" in re.sub(r"\([^()]*\)", "", text[i:brace]):
        return None
    return brace


def owns(captures):
    """Does the capture list copy or move something in? References and `this` are harmless."""
    for part in re.split(r",(?![^(<{]*[)>}])", captures):
        part = part.strip()
        if part and not part.startswith("&") and part not in ("this",):
            return True
    return False


def outside_bodies(text, start, end):
    """The expression with the bodies of its lambdas blanked: what happens inside them is another expression."""
    part = text[start:end]
    for match in LAMBDA.finditer(part):
        brace = body_of(part, match)
        if brace is not None and part[match.start():match.end()].strip():
            stop = closing(part, brace)
            part = part[:brace + 1] + re.sub(r"[^\n]", " ", part[brace + 1:stop]) + part[stop:]
    return part


def lint(source):
    """Yields (line, text) for every trap in one file's text."""
    text = blank(source)
    found = set()
    for word in re.finditer(r"\bco_await\b", text):
        start, end = expression_around(text, word.start())
        part = outside_bodies(text, start, end)
        for match in LAMBDA.finditer(part):
            if owns(match.group("captures")):
                place = start + match.start("captures")
                found.add((place, f"lambda with captures [{match.group('captures').strip()}] in an expression with "
                                  "co_await: name it before"))
        for match in re.finditer(r"\{\s*\.\s*[a-z_]\w*\s*[={]", part):
            found.add((start + match.start(), "aggregate with designated members in an expression with co_await: "
                                              "name it before"))
    for match in LAMBDA.finditer(text):
        brace = body_of(text, match)
        if brace is None or not match.group("captures").strip():
            continue
        stop = closing(text, brace)
        if re.search(r"\bco_(await|return|yield)\b", text[brace:stop]) and text[stop + 1:].lstrip().startswith("("):
            found.add((match.start("captures"), "coroutine lambda with captures called at once: the closure dies before "
                                                "the coroutine; use a function with parameters"))
    for place, what in sorted(found):
        yield source.count("\n", 0, place) + 1, what


def files(arguments):
    for name in arguments or FOLDERS:
        path = pathlib.Path(name)
        if path.is_dir():
            for file in sorted(path.rglob("*.[ch]pp")):
                if "lint_samples" not in file.parts:
                    yield file
        elif path.exists():
            yield path


def main(arguments):
    count = 0
    for file in files(arguments):
        for line, what in lint(file.read_text(encoding="utf-8")):
            print(f"{file}:{line}: {what}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
