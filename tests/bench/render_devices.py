# SPDX-License-Identifier: Apache-2.0
"""The device files of a lab of 500 boards from LAVA's dictionaries and templates: all that a start renders, and one,
as a job begins. Beside a plain loop of Python over the same files in one process, with its start."""

import itertools
import json
import os
import pathlib
import subprocess
import tempfile
import time

from measure import Row, alternate

PLAIN = """
import sys, jinja2.sandbox
folder, *files = sys.argv[1:]
environment = jinja2.sandbox.SandboxedEnvironment(loader=jinja2.FileSystemLoader(folder), trim_blocks=True)
environment.filters["qemu_guest_fs_interface"] = lambda arch, chosen: chosen or "virtio"
print(sum(len(environment.from_string(open(file).read()).render(
    scheduled_device_name="board", scheduled_device_type="board")) for file in files))
"""
BASE = """{% set delay = delay|default(0) %}
commands:
{% block commands %}
{% for command in ['hard_reset', 'power_on', 'power_off'] %}
  {{ command }}: {{ (commands|default({})).get(command, 'true') }}
{% endfor %}
{% endblock %}
{% for part in range(40) %}
part{{ part }}:
{% if delay > 0 or extra_kernel_args %}
  args: '{{ console_device|default('ttyS0') }} {{ extra_kernel_args }}'
{% else %}
  args: '{{ base_kernel_args|default('quiet') }}'
{% endif %}
{% endfor %}
"""


def lab(folder, count):
    """Ten types, each over one base; with PATCHBAY_CORPUS the real ones of LAVA."""
    if corpus := os.environ.get("PATCHBAY_CORPUS"):
        devices = pathlib.Path(corpus) / "devices"
        files = sorted(devices.glob("dictionaries/*.jinja2"))
        return devices / "templates", list(itertools.islice(itertools.cycle(files), count))
    templates = folder / "templates"
    templates.mkdir()
    (templates / "base.jinja2").write_text(BASE)
    for number in range(10):
        (templates / f"type-{number}.jinja2").write_text(
            "{% extends 'base.jinja2' %}{% set delay = " + str(number) + " %}{% block commands %}{{ super() }}\n"
            "  connect: {{ connection_command }}\n{% endblock %}\n")
    files = []
    for number in range(count):
        files.append(folder / f"board-{number:03}.jinja2")
        files[-1].write_text("{% extends 'type-" + str(number % 10) + ".jinja2' %}\n"
                             "{% set connection_command = 'telnet conserver " + str(7000 + number) + "' %}\n"
                             "{% set commands = {'hard_reset': 'pdu " + str(number) + " cycle'} %}\n")
    return templates, files


def ours(tools, templates, files):
    out = subprocess.run([tools.tool("render_devices"), str(templates), *map(str, files)],
                         stdout=subprocess.PIPE, check=True)
    return json.loads(out.stdout)["seconds"]


def plain(templates, files):
    begin = time.monotonic()
    subprocess.run(["/usr/bin/python3", "-I", "-c", PLAIN, str(templates), *map(str, files)],
                   stdout=subprocess.PIPE, check=True)
    return time.monotonic() - begin


def render_devices(tools):
    count = tools.amount(500, 10)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        templates, files = lab(pathlib.Path(folder), count)
        for name, some in ((f"render-{count}-devices", files), ("render-one-device", files[:1])):
            batch, loop = alternate(lambda some=some: ours(tools, templates, some),
                                    lambda some=some: plain(templates, some), tools.amount(5, 1))
            rows.append(Row(name, 1000 * batch, "ms", "a plain loop of Python: %.0f ms" % (1000 * loop), batch / loop,
                            "ratio at most 1.5", batch / loop <= 1.5))
    return rows
