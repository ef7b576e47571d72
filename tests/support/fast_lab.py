# SPDX-License-Identifier: Apache-2.0
"""A lab whose machines are up at once: real daemon, runners and driver, and tests/support/fast-machine instead of QEMU."""

import os
import pathlib
import shutil
import tempfile

from lab import Lab

MACHINE = pathlib.Path(__file__).resolve().parent / "fast-machine"

JOB = """\
device_type: qemu
job_name: {name}
visibility: public
priority: medium
timeouts:
  job:
    minutes: {minutes}
  action:
    minutes: {minutes}
  connection:
    minutes: {minutes}
context:
  arch: x86_64
actions:
- deploy:
    to: tmpfs
    os: oe
    images:
      kernel:
        image_arg: -kernel {{kernel}} -append "{arguments}"
        url: file://{kernel}
- boot:
    method: qemu
    media: tmpfs
    timeout:
      minutes: {minutes}
- test:
    timeout:
      minutes: {minutes}
    monitors:
    - name: fast
      start: "mark start"
      end: "mark end"
      pattern: "(?P<test_case_id>case_[0-9]+): (?P<result>OK)"
      fixupdict:
        OK: pass
"""


class FastLab(Lab):
    """Machines do what a job's `arguments` say, see fast-machine. `folder`: where the state folder is made; `more`: of the
    configuration."""

    def __init__(self, programs, devices=2, folder=None, more="", **lab):
        saved, tempfile.tempdir = tempfile.tempdir, str(folder) if folder else None
        try:
            super().__init__(programs, **lab)
        finally:
            tempfile.tempdir = saved
        machines = self.state / "machines"
        machines.mkdir()
        shutil.copy(MACHINE, machines / "qemu-system-x86_64")
        self.kernel = machines / "kernel"
        self.kernel.write_bytes(b"not a kernel")
        self.write_config(f'allowed_file_paths: ["{machines}"]\ndevices:\n  - {{name: qemu, count: {devices}}}\n{more}')
        self.environment = {"PATH": f"{machines}:{os.environ['PATH']}"}

    def start(self, seconds=20):
        # Lab starts the daemon with our own environment.
        saved = dict(os.environ)
        os.environ.update(self.environment)
        try:
            return super().start(seconds)
        finally:
            os.environ.clear()
            os.environ.update(saved)

    def fast_job(self, arguments="", name="fast", minutes=5):
        return JOB.format(name=name, arguments=arguments, kernel=self.kernel, minutes=minutes)
