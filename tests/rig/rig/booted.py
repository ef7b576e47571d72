# SPDX-License-Identifier: Apache-2.0
"""A rig with Debian's systemd as process 1, into which our programs and units are installed. It boots (half a minute), and
its /var/lib/patchbay is a disk that outlives it: after a power cut the next one goes on with it."""

import pathlib
import shlex
import subprocess
import sys

from .channel import RigError
from .folder import HERE, ROOT, rig_folder, why_missing
from .machine import USB_PORTS, Machine
from .rig import Rig

sys.path.insert(0, str(HERE))
from save_state import RULES, Archive  # noqa: E402

DISK = "-drive", "if=none,id=state,format=raw,cache=writeback,file={file}", \
       "-device", f"usb-storage,id=state,drive=state,bus=xhci.0,port={USB_PORTS}"

# Run by the initial RAM disk: $1 is the host's root, $2 the root to be.
PREPARE = """set -e
cp -a "$1"{installation}/. "$2/"
# Services, file systems and rules of the host stay outside.
rm -rf "$2"/etc/systemd/system/* "$2"/etc/udev/rules.d/* "$2"/etc/tmpfiles.d/* "$2"/etc/cron*
: > "$2/etc/fstab"
echo 0123456789abcdef0123456789abcdef > "$2/etc/machine-id"
echo rig > "$2/etc/hostname"
for rule in "$2"/usr/lib/udev/rules.d/*; do
    case " {rules} 60-patchbay 99-systemd " in *" $(basename "$rule" .rules) "*) ;; *) rm "$rule";; esac
done
cp "$1"{agent} "$2/usr/lib/rig-agent.py"
cat > "$2/etc/systemd/system/rig-agent.service" <<UNIT
[Unit]
After=basic.target systemd-udevd.service
[Service]
ExecStart=/usr/bin/python3 /usr/lib/rig-agent.py
UNIT
cat > "$2/etc/systemd/system/default.target" <<UNIT
[Unit]
Requires=basic.target
Wants=rig-agent.service
After=basic.target
AllowIsolate=yes
UNIT
"""


class BootedRig(Rig):
    """`with BootedRig(folder) as rig:` boots it. `folder` is empty at first, and is given again after a power cut.

    build: where our programs were built; they are installed as a package would. Everything of Rig works as well."""

    def __init__(self, folder, build):
        super().__init__(rules=[])
        self.folder, self.build = pathlib.Path(folder).resolve(), pathlib.Path(build)
        self._free_ports.remove(USB_PORTS)

    def __enter__(self):
        if not (self.folder / "disk").exists():
            self._make_folder()
        disk = [word.format(file=self.folder / "disk") for word in DISK]
        self.machine = Machine(rig_folder(), more=["-device", "virtio-9p-pci,id=host,fsdev=host,mount_tag=hostroot", *disk], boot={
            "initrd": self.folder / "initrd.cpio", "memory": 1024,
            "append": f" rdinit=/init-systemd rig.prepare={self.folder}/prepare systemd.show_status=1"})
        self.channel, self.monitor = self.machine.channel, self.machine.monitor
        try:
            self.channel.wait_until_up(900)
        except RigError as error:
            console = self.machine.console()
            self.machine.close()
            raise RigError(f"{error}\n{console}") from None
        return self

    def _make_folder(self):
        installation = self.folder / "installation"
        subprocess.run(["cmake", "--install", str(self.build), "--prefix", "/usr"], check=True, stdout=subprocess.DEVNULL,
                       env={"DESTDIR": str(installation), "PATH": "/usr/local/bin:/usr/bin:/bin"})
        (self.folder / "prepare").write_text(PREPARE.format(
            installation=shlex.quote(str(installation)), rules=" ".join(RULES), agent=shlex.quote(str(HERE / "guest/agent.py"))), "utf-8")
        archive = Archive()
        archive.add("init-systemd", (HERE / "guest/init-systemd").read_bytes(), 0o100755)
        (self.folder / "initrd.cpio").write_bytes((rig_folder() / "initrd.cpio").read_bytes() + archive.packed())
        disk = self.folder / "disk"
        with disk.open("wb") as file:
            file.truncate(256 << 20)
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", str(disk)], check=True)

    def cut_power(self):
        """The machine is off from one moment to the next; what was not on its disk is lost."""
        self.machine.process.kill()
        self.machine.process.wait()

    @staticmethod
    def _agents(path):
        return str(path)
