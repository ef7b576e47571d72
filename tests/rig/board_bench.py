# SPDX-License-Identifier: Apache-2.0
"""How long a job at a U-Boot board takes from power on to its first test, beside the same done by a script that knows what the board
says. `board_bench.py --programs FOLDER ROUNDS` prints the seconds of each round as JSON: {"job": […], "script": […]}."""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from boards import Bench, Lan, parts  # noqa: E402
from boards.parts import why_missing  # noqa: E402
from rig import Board  # noqa: E402

FILES = ("Image-arm64", "initrd-arm64.cpio.gz")
SHELL = "root@pb-guest:~# "
LOAD = ["setenv autoload no", "dhcp", "setenv serverip {SERVER_IP}", "tftpboot ${{kernel_addr_r}} {KERNEL}",
        "tftpboot ${{ramdisk_addr_r}} {RAMDISK}", "setenv initrd_size ${{filesize}}",
        "setenv bootargs 'console=ttyAMA0 panic=-1'"]
START = "booti ${kernel_addr_r} ${ramdisk_addr_r}:${initrd_size} ${fdtcontroladdr}"


class TimedBoard(Board):
    def power(self, on):
        super().power(on)
        if on:
            self.switched_on = time.monotonic()


def by_script(lan):
    """Waits for what it knows will come, and types at once."""
    values = {"SERVER_IP": lan.server, "KERNEL": FILES[0], "RAMDISK": FILES[1]}
    with Bench(TimedBoard, lan=lan) as bench, bench.console() as console:
        subprocess.run(["sh", "-c", bench.switch("on")], stdout=subprocess.DEVNULL, check=True)
        console.expect(b"Hit any key to stop autoboot")
        console.type(b"\n")
        console.expect(b"=> ")
        for command in LOAD:
            console.ask(command.format(**values), b"=> ")
        console.type(START.encode() + b"\n")
        console.expect(SHELL.encode())
        console.type(b"echo first-$((40 + 2))\n")
        console.expect(b"first-42")
        return time.monotonic() - bench.board.switched_on


def job():
    files = {name: {"url": f"file://{parts() / file}"} for name, file in zip(("kernel", "ramdisk"), FILES)}
    files["ramdisk"]["compression"] = "gz"
    test = {"name": "smoke", "from": "inline", "path": "inline/smoke.yaml", "repository": {
        "metadata": {"format": "Lava-Test Test Definition 1.0", "name": "smoke"},
        "run": {"steps": ["lava-test-case first --result pass"]}}}
    return {"job_name": "first test", "visibility": "public",
            "timeouts": {"job": {"minutes": 8}, "action": {"minutes": 4}, "connection": {"minutes": 1}},
            "actions": [{"deploy": {"to": "tftp", "os": "oe", **files}},
                        {"boot": {"method": "u-boot", "commands": "ramdisk", "prompts": [SHELL]}},
                        {"test": {"definitions": [test]}}]}


def by_job(lan, tftp_root, folder, program):
    with Bench(TimedBoard, lan=lan) as bench:
        u_boot = {"parameters": {"bootloader_prompt": "=>", "interrupt_prompt": "Hit any key to stop autoboot", "interrupt_char": ""},
                  "ramdisk": {"commands": [command.replace("{{", "{").replace("}}", "}") for command in LOAD] + [START]}}
        device = {"hostname": "board-01", "devicetype": "board", "parameters": {}, "hardware": {"console": bench.hardware["console"]},
                  "constants": {"u-boot": {"interrupt-newline": True, "final-message": "Starting kernel", "error-messages": ["TIMEOUT"]}},
                  "commands": {key: bench.commands[key] for key in ("hard_reset", "power_off")},
                  "actions": {"deploy": {"methods": {"tftp": None}}, "boot": {"methods": {"u-boot": u_boot}}},
                  "timeouts": {"actions": {}, "connections": {}}}
        settings = {"dispatcher_ip": lan.server, "tftp_root": str(tftp_root), "allowed_file_paths": [str(parts())]}
        for name, value in (("job", job()), ("device", device), ("dispatcher", settings)):
            (folder / name).write_text(json.dumps(value), "utf-8")
        runner = subprocess.Popen([program, "--job-id", "42", "--output-dir", folder / "out", "--device", folder / "device",
                                   "--dispatcher", folder / "dispatcher", folder / "job"], stderr=subprocess.PIPE, text=True)
        first, said = None, []
        for line in runner.stderr:
            said.append(line)
            if first is None and "LAVA_SIGNAL_TESTCASE TEST_CASE_ID=first" in line:
                first = time.monotonic() - bench.board.switched_on
        if runner.wait() or first is None:
            raise RuntimeError("the job failed:\n" + "".join(said[-40:]))
        return first


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("rounds", type=int)
    arguments = parser.parse_args()
    if reason := why_missing():
        sys.exit(reason)
    threading.excepthook = lambda _: None  # a board's line that is cut at the end
    rounds = {"job": [], "script": []}
    with tempfile.TemporaryDirectory(prefix="patchbay-bench-") as name:
        folder = pathlib.Path(name)
        tftp_root = folder / "tftp"
        tftp_root.mkdir()
        for file in FILES:
            shutil.copyfile(parts() / file, tftp_root / file)
        with Lan(tftp=tftp_root) as lan:
            for _ in range(arguments.rounds):
                rounds["script"].append(by_script(lan))
                rounds["job"].append(by_job(lan, tftp_root, folder, arguments.programs / "patchbay-runner"))
    print(json.dumps(rounds))


if __name__ == "__main__":
    main()
