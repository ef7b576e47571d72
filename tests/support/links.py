# SPDX-License-Identifier: Apache-2.0
"""The relative links of Markdown files, and which of them lead nowhere."""

import pathlib
import re

LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
CODE = re.compile(FENCE.pattern + r"|`[^`\n]*`", re.M | re.S)
HEADING = re.compile(r"^#+ (.*)$", re.M)


def links(page):
    """Pairs: the file, empty for the page itself, and the heading, empty for none."""
    found = LINK.findall(CODE.sub("", pathlib.Path(page).read_text("utf-8")))
    return [link for link in found if not re.match(r"[a-z]+:", link[0])]


def relative_links(page):
    return [file for file, _ in links(page) if file]


def headings(page):
    """As links name them."""
    text = FENCE.sub("", pathlib.Path(page).read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in HEADING.findall(text)}


def leads_somewhere(page, file, heading):
    target = pathlib.Path(page).parent / file if file else pathlib.Path(page)
    return target.exists() and (not heading or target.suffix != ".md" or heading in headings(target))


def broken_links(pages):
    return ["%s: %s%s" % (page, file, heading and "#" + heading) for page in pages for file, heading in links(page)
            if not leads_somewhere(page, file, heading)]
