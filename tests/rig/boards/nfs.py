# SPDX-License-Identifier: Apache-2.0
"""An NFS server for root file systems: NFS 4 without rpcbind, as root."""

import pathlib
import socket
import subprocess
import tempfile
import time

from rig.board import start
from rig.channel import RigError

PORT = 2049

CONFIGURATION = """\
NFS_CORE_PARAM {{ Protocols = 4; NFS_Port = {port}; Enable_NLM = false; Enable_RQUOTA = false; Bind_addr = {address}; }}
NFSv4 {{ Grace_Period = 5; Lease_Lifetime = 5; RecoveryBackend = fs; RecoveryRoot = {state}; Minor_Versions = 0, 1, 2; }}
EXPORT {{ Export_Id = 1; Path = {folder}; Pseudo = {folder}; Access_Type = RW; Squash = No_Root_Squash; SecType = sys;
         Protocols = 4; FSAL {{ Name = VFS; }} }}
"""


class NfsServer:
    """`with NfsServer(lan, folder) as nfs:` serves a folder and all below it: nfsroot={lan.server}:{folder}/…,vers=4.2."""

    def __init__(self, lan, folder):
        self.address, self.folder = lan.server, pathlib.Path(folder).resolve()

    def log(self):
        return (self._state / "log").read_text("utf-8", "replace")

    def __enter__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="patchbay-nfs-")
        self._state = pathlib.Path(self._temporary.name)
        (self._state / "log").touch()
        (self._state / "conf").write_text(CONFIGURATION.format(port=PORT, address=self.address, state=self._state, folder=self.folder), "utf-8")
        self._process = start(["ganesha.nfsd", "-F", "-f", self._state / "conf", "-L", self._state / "log", "-p", self._state / "pid",
                               "-N", "NIV_EVENT"], cwd=self._state, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        limit = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > limit:
                raise RigError(f"the NFS server does not serve {self.folder}: {self.log()}")
            time.sleep(0.05)
        return self

    def _answers(self):
        try:
            socket.create_connection((self.address, PORT), 1).close()
        except OSError:
            return False
        return True

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._temporary.cleanup()
