# SPDX-License-Identifier: Apache-2.0
"""Definitions of others without the scripts that they call: the scripts are replaced by one that says how it was called."""

import pathlib
import re
import shlex
import shutil
import subprocess

import yaml

FORMS = [re.compile(r"cd (\.?/?[\w/.-]+)$"), re.compile(r"(?:\. )?((?:\.\.?/)+(?:[\w-]+/)*[\w.-]+\.sh)\b[^\n;&|]*$")]
# The sum of its arguments, as a measurement: a parameter that arrives otherwise changes it.
STAND_IN = """#!/bin/sh
mkdir -p output
echo "called-$(basename "$0" .sh) pass $(printf '%s\\n' "$@" | cksum | cut -d' ' -f1) sum" >> output/result.txt
"""


def steps_of(definition):
    steps = [step.strip() for step in (definition.get("run") or {}).get("steps") or [] if step]
    return steps if steps and all(any(form.match(step) for form in FORMS) for step in steps) else None


def parameters_of(definition):
    parameters = {}
    for key in ("params", "parameters"):
        parameters.update(definition.get(key) or {})
    return {name: "" if value is None else str(value) for name, value in parameters.items()}


def add_stand_ins(folder, steps, send):
    """Puts into the repository at `folder` what the steps call."""
    here = folder
    for step in steps:
        changed = FORMS[0].match(step)
        if changed:
            here = (here / changed.group(1)).resolve()
            here.mkdir(parents=True, exist_ok=True)
            continue
        script = (here / FORMS[1].match(step).group(1)).resolve()
        script.parent.mkdir(parents=True, exist_ok=True)
        if script.name == "send-to-lava.sh":
            shutil.copy(send, script)
        elif not script.exists():
            script.write_text(STAND_IN)
            script.chmod(0o755)


def called_here(folder, definition):
    """What the results would be: the same steps in a shell of this machine, lines of "NAME RESULT MEASUREMENT UNITS"."""
    lines = ["%s=%s" % (name, shlex.quote(value)) for name, value in parameters_of(definition).items()]
    done = subprocess.run(["bash", "-e", "-c", "\n".join(lines + steps_of(definition))], cwd=folder, text=True,
                          capture_output=True, check=False)
    subprocess.run("find . -name output -type d -exec rm -r {} +", shell=True, cwd=folder, check=True)
    return [line for line in done.stdout.split("\n") if line.startswith("called-")]


def simple_definitions(corpus, folder, send):
    """Copies the definitions that do nothing but call scripts; {path in `folder`: definition}."""
    found = {}
    for source in sorted((pathlib.Path(corpus) / "testdefs/test-definitions").glob("automated__linux__*.yaml")):
        definition = yaml.safe_load(source.read_text())
        steps = steps_of(definition)
        sent = [step.split()[-1] for step in steps or [] if "send-to-lava.sh" in step]
        if set(sent) != {"./output/result.txt"}:
            continue
        path = source.name.replace("__", "/")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, folder / path)
        add_stand_ins(folder, steps, send)
        found[path] = definition
    return found
