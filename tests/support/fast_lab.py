# SPDX-License-Identifier: Apache-2.0
"""A lab whose machines are up at once: real daemon, runners and driver, and tests/support/fast-machine instead of QEMU."""

import os
import pathlib
import shutil

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
      pattern: "^(?P<test_case_id>case-[0-9]+): (?P<result>[A-Z]+)"
      fixupdict:
        OK: pass
"""


class FastLab(Lab):
    """Machines do what a job's `arguments` say, see fast-machine."""

    def __init__(self, programs, devices=2, **more):
        super().__init__(programs, **more)
        folder = self.state / "machines"
        folder.mkdir()
        shutil.copy(MACHINE, folder / "qemu-system-x86_64")
        self.kernel = folder / "kernel"
        self.kernel.write_bytes(b"not a kernel")
        text = f'allowed_file_paths: ["{folder}"]\ndevices:\n  - {{name: qemu, count: {devices}}}\n'
        self.config.write_text(text)
        self.path = f"{folder}:{os.environ['PATH']}"

    def start(self, seconds=20):
        saved, os.environ["PATH"] = os.environ["PATH"], self.path
        try:
            return super().start(seconds)
        finally:
            os.environ["PATH"] = saved

    def fast_job(self, arguments="", name="fast", minutes=5):
        return JOB.format(name=name, arguments=arguments, kernel=self.kernel, minutes=minutes)
