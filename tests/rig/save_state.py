# SPDX-License-Identifier: Apache-2.0
"""Boots the rig once and saves the machine. usage: save_state.py KERNEL OUTDIR   (called by scripts/make-rig)

KERNEL has vmlinux, modules/ with the order of loading, and stamp. Nothing happens when OUTDIR is made of the same.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from rig.channel import RigError  # noqa: E402
from rig.folder import fingerprint  # noqa: E402
from rig.machine import Machine  # noqa: E402

PYTHON = "/usr/bin/python3"  # Debian's, whatever the caller's is
# The host's other rules stay outside: a lab's own may start programs at each device.
RULES = ("50-udev-default", "60-serial", "60-block", "60-persistent-storage", "60-persistent-alsa", "78-sound-card")
KEPT = 3  # saved machines, 170 MB each


def with_libraries(programs):
    """The real paths of ELF files and of every library that they load."""
    found = {}
    for program in programs:
        found[program] = os.path.realpath(program)
        listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
        found.update((path, os.path.realpath(path)) for path in re.findall(r"(/\S+) \(0x", listed))
    return found


def modules_of(program):
    """The files of Debian's Python that `program` needs: found by importing what it imports."""
    imports = "\n".join(line for line in program.read_text("utf-8").splitlines() if re.match(r"import |from \S+ import", line))
    script = imports + "\nimport encodings.utf_8, encodings.ascii, encodings.latin_1, encodings.idna\n" \
        "print('\\n'.join(f for m in list(sys.modules.values()) if (f := getattr(m, '__file__', None))))"
    listed = subprocess.run([PYTHON, "-S", "-E", "-c", "import sys\n" + script], capture_output=True, text=True, check=True)
    return [path for path in listed.stdout.splitlines() if path.startswith("/usr/lib/python3")]


class Archive:
    """A cpio archive in the form that the kernel unpacks (newc)."""

    def __init__(self):
        self._entries, self._folders = [], set()

    def add(self, name, data, mode=0o100644):
        for folder in reversed(pathlib.PurePath(name).parents):
            self.folder(str(folder))
        self._entries.append((name, mode, data, (0, 0)))

    def folder(self, name):
        if name != "." and name not in self._folders:
            self._folders.add(name)
            self._entries.append((name, 0o040755, b"", (0, 0)))

    def device(self, name, major, minor):
        self.folder(os.path.dirname(name))
        self._entries.append((name, 0o020600, b"", (major, minor)))

    def packed(self):
        out = bytearray()
        for number, (name, mode, data, node) in enumerate(self._entries + [("TRAILER!!!", 0, b"", (0, 0))], 1):
            path = name.encode() + b"\0"
            fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *node, len(path), 0)
            for part in (b"070701" + b"".join(b"%08X" % field for field in fields) + path, data):
                out += part
                out += bytes(-len(out) % 4)
        return bytes(out)


def initial_ram_disk(kernel):
    archive = Archive()
    for name in ("proc", "sys", "run", "tmp", "sbin", "usr/sbin", "etc"):
        archive.folder(name)
    archive.device("dev/console", 5, 1)
    archive.add("init", (HERE / "guest/init").read_bytes(), 0o100755)
    archive.add("agent.py", (HERE / "guest/agent.py").read_bytes())
    archive.add("bin/busybox", pathlib.Path(shutil.which("busybox")).read_bytes(), 0o100755)
    udev = os.path.realpath(shutil.which("udevadm"))
    python_files = modules_of(HERE / "guest/agent.py")
    programs = with_libraries([udev, PYTHON] + [path for path in python_files if path.endswith(".so")])
    for name in ("bin/udevd", "bin/udevadm"):
        programs.setdefault(udev, udev)
        archive.add(name, udev.encode(), 0o120777)
    for path, real in programs.items():
        archive.add(path.lstrip("/"), pathlib.Path(real).read_bytes(), 0o100755)
    for path in python_files:
        if not path.endswith(".so"):
            archive.add(path.lstrip("/"), pathlib.Path(path).read_bytes())
    for rule in RULES:
        archive.add(f"usr/lib/udev/rules.d/{rule}.rules", pathlib.Path(f"/usr/lib/udev/rules.d/{rule}.rules").read_bytes())
    for name in ("passwd", "group"):
        archive.add(f"etc/{name}", pathlib.Path("/etc", name).read_bytes())
    for module in sorted((kernel / "modules").iterdir()):
        archive.add(f"modules/{module.name}", module.read_bytes())
    return archive.packed()


def save(kernel, folder):
    """Makes the initial RAM disk, boots it, and saves the machine, into `folder`."""
    (folder / "initrd.cpio").write_bytes(initial_ram_disk(kernel))
    link(kernel / "vmlinux", folder / "vmlinux")
    print("make-rig: booting the machine and saving its state", file=sys.stderr)
    machine = Machine(folder)
    try:
        machine.channel.wait_until_up(300)
        machine.save(folder / "state")
    except RigError as error:
        sys.exit(f"make-rig: the machine did not come up: {error}\nIts console:\n{machine.console()}")
    finally:
        machine.close()


def link(source, target):
    """The same file under another name, or a copy where that is on another file system."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def main(kernel, out):
    kernel, out = pathlib.Path(kernel), pathlib.Path(out)
    (out / "kernel-version").write_bytes((kernel / "stamp").read_bytes())
    wanted, key = fingerprint(out), out / "key"
    if key.exists() and key.read_text("ascii") == wanted and (out / "state").exists():
        return
    key.unlink(missing_ok=True)
    # Machines saved before, of other branches perhaps, are kept; the oldest go.
    kept = kernel / "saved" / wanted
    if not kept.exists():
        started = time.monotonic()
        new = kernel / "saved/new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        save(kernel, new)
        new.rename(kept)
        print(f"make-rig: booted and saved in {time.monotonic() - started:.0f} s", file=sys.stderr)
        for old in sorted((kernel / "saved").iterdir(), key=lambda one: one.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(old)
    for file in ("vmlinux", "initrd.cpio", "state"):
        link(kept / file, out / file)
    key.write_text(wanted, encoding="ascii")
    print(f"make-rig: {out} is ready", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
