# SPDX-License-Identifier: Apache-2.0
"""The test `audio`: the job of docs/jobs-audio.md in a whole lab, on a board whose sound goes over a wire with known faults."""

import json
import os
import pathlib
import re
import struct
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/support"))

import lab as labs  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/dev/bin").resolve()
WIRE = PROGRAMS.parent / "tests/libasound_module_pcm_patchbay_wire.so"
JOB = re.search(r"```yaml\n(.*?)```", (ROOT / "docs/jobs-audio.md").read_text(), re.S).group(1)


class AudioTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="patchbay-sound-")))
        power = cls.folder / "power"
        power.write_text("off")
        hardware = {"console": {"driver": "command", "command": f"/usr/bin/python3 {ROOT}/tests/support/board.py {cls.folder}"},
                    "power": {"driver": "command", "on_command": f"sh -c 'printf on > {power}'",
                              "off_command": f"sh -c 'printf off > {power}'", "status_command": f"sh -c 'cat {power}'"}}
        audio = {"driver": "alsa", "playback": {"pcm": "out"}, "capture": {"pcm": "in"}}
        devices = [{"name": "board-01", "device_type": "board", "hardware": {**hardware, "audio": audio}},
                   {"name": "mute-01", "device_type": "mute", "hardware": hardware}]
        types = {name: {"disable_health_check": True} for name in ("board", "mute")}
        cls.lab = labs.Lab(PROGRAMS, f"devices: {json.dumps(devices)}\ndevice_types: {json.dumps(types)}\n")
        cls.addClassCleanup(cls.lab.close)
        os.environ["ALSA_CONFIG_PATH"] = str(cls.folder / "asound.conf")  # the runners are the daemon's children
        cls.wire()
        cls.lab.start()
        cls.lab.add_user("admin")

    @classmethod
    def wire(cls, impairments=""):
        (cls.folder / "asound.conf").write_text(
            f'pcm_type.patchbay_wire {{ lib "{WIRE}" }}\npcm.out {{ type patchbay_wire wire "a" }}\n'
            f'pcm.in {{ type patchbay_wire wire "a" {impairments} }}\n')

    def run_job(self, impairments="", text=JOB):
        self.wire(impairments)
        number = self.lab.submit(text)
        job = self.lab.wait(number)
        self.assertEqual((self.folder / "power").read_text(), "off")
        tests = self.lab.get(f"/api/v0.2/jobs/{number}/tests/?limit=200").json()["results"]
        return number, job, {test["name"]: test for test in reversed(tests)}  # of one name, the first

    def assert_measures(self, test, value, delta, unit, result="pass"):
        self.assertAlmostEqual(float(test["measurement"]), value, delta=delta)
        self.assertEqual((test["unit"], test["result"]), (unit, result))

    def test_each_device_has_a_tag_for_what_it_is_wired_to(self):
        names = {tag["id"]: tag["name"] for tag in self.lab.get("/api/v0.2/tags/").json()["results"]}
        for device, kinds in (("board-01", ["audio", "console", "power"]), ("mute-01", ["console", "power"])):
            tags = self.lab.get(f"/api/v0.2/devices/{device}/").json()["tags"]
            self.assertEqual(sorted(names[tag] for tag in tags), [f"hardware:{kind}" for kind in kinds])

    def test_a_good_wire_passes_and_leaves_its_sound(self):
        number, job, tests = self.run_job("delay 480")
        self.assertEqual(job["health"], "Complete", self.lab.log_lines(number)[-5:])
        for channel in ("channel1", "channel2"):
            self.assert_measures(tests[f"{channel}-frequency"], 997, 0.997, "Hz")
            self.assert_measures(tests[f"{channel}-drop_outs"], 0, 0, "drop-outs")
            self.assertGreater(float(tests[f"{channel}-snr"]["measurement"]), 80)
            self.assert_measures(tests[f"{channel}-latency"], 10, 2, "ms")
        self.assert_measures(tests["channel2-source"], 2, 0, "channel")
        failed = [name for name, test in tests.items() if test["result"] != "pass"]
        self.assertEqual(failed, [])

        artifacts = {each["name"]: each for each in self.lab.get(f"/api/v0.2/jobs/{number}/artifacts/").json()["results"]}
        self.assertEqual(sorted(artifacts), [f"0_{step}.{kind}" for step in ("delay", "line-out", "wiring") for kind in ("png", "wav")])
        wav = self.lab.get(f"/api/v0.2/jobs/{number}/artifacts/0_line-out.wav/")
        self.assertEqual(wav.headers["Content-Type"], "audio/wav")
        self.assertEqual(len(wav.body), artifacts["0_line-out.wav"]["size"])
        channels, rate = struct.unpack_from("<HI", wav.body, 22)
        self.assertEqual((wav.body[:4], channels, rate), (b"RIFF", 2, 48000))
        self.assertGreater(max(struct.unpack_from("<48000h", wav.body, 44 + 4 * 4800)), 16000)
        plot = self.lab.get(f"/api/v0.2/jobs/{number}/artifacts/0_line-out.png/")
        self.assertEqual((plot.headers["Content-Type"], plot.body[:4]), ("image/png", b"\x89PNG"))
        self.assertEqual(self.lab.get(f"/api/v0.2/jobs/{number}/artifacts/nothing.wav/").status, 404)

    def test_each_fault_fails_the_result_that_tells_it(self):
        number, job, tests = self.run_job("gain 0.5 noise 0.00056 drop_at 24000 drop_length 240 swap 1")
        self.assertEqual(job["health"], "Complete")  # a failed measurement is a result
        failed = {name for name, test in tests.items() if test["result"] == "fail"}
        self.assertEqual(failed, {f"channel{n}-{what}" for n in (1, 2) for what in ("level", "thd_n", "snr", "drop_outs", "source")})
        self.assertAlmostEqual(float(tests["channel1-snr"]["measurement"]), 50, delta=1)
        log = "\n".join(self.lab.log_lines(number))
        self.assertRegex(log, r"audio line-out: channel1-level: -12\.\d+ dBFS is below the limit of -7 dBFS")
        self.assertRegex(log, r"channel1-drop_outs: 1 drop-outs is above the limit of 0 drop-outs: 0\.00\d+ s at 0\.\d+ s")
        self.assertIn("-12.", tests["channel1-level"]["metadata"])

    def test_a_card_that_is_busy_is_the_labs_fault(self):
        number, job, tests = self.run_job("fail 16")
        self.assertEqual(job["health"], "Incomplete")
        self.assertEqual(tests["job"]["result"], "fail")
        self.assertIn("device board-01: audio: PCM 'out', PCM 'in': cannot open in", "\n".join(self.lab.log_lines(number)))

    def test_a_device_without_sound_refuses_the_job(self):
        number, job, tests = self.run_job(text=JOB.replace("device_type: board", "device_type: mute"))
        self.assertEqual(job["health"], "Incomplete")
        self.assertIn("device mute-01 has no audio: take a device that has it", "\n".join(self.lab.log_lines(number)))

    def test_a_mistake_is_refused_at_the_door(self):
        answer = self.lab.request("POST", "/api/v0.2/jobs/", {"definition": JOB.replace("latency:", "latncy:")})
        self.assertEqual(answer.status, 400)
        self.assertIn("'latncy' is not measured with this signal", answer.body.decode())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
