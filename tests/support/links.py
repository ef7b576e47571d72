# SPDX-License-Identifier: Apache-2.0
"""The relative links of Markdown files, and which of them lead nowhere."""

import pathlib
import re

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)


def relative_links(page):
    found = LINK.findall(CODE.sub("", pathlib.Path(page).read_text("utf-8")))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def broken_links(pages):
    return ["%s: %s" % (page, link) for page in pages for link in relative_links(page)
            if not (pathlib.Path(page).parent / link).exists()]
