# SPDX-License-Identifier: Apache-2.0
"""The driver gpio over libgpiod 2: all that switches_test.py asks of it over 1.6."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import switches_test  # noqa: E402
from rig import testing  # noqa: E402

PROBE = "patchbay-switch-probe-gpiod2"


class GpioLines(switches_test.GpioLines):
    program = PROBE

    def test_the_probe_has_this_library_and_not_the_other(self):
        words = (testing.programs().parent / "tests" / PROBE).read_bytes()
        self.assertEqual([b"LineV1" in words, b"LineV2" in words], [False, True])


if __name__ == "__main__":
    testing.main(built={PROBE: "scripts/make-gpiod2 build/gpiod2, then configure and build anew"})
