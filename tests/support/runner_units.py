# SPDX-License-Identifier: Apache-2.0
"""systemd's part of patchbay-runner@NAME.socket: holds a socket for each device and starts a runner when somebody calls
while none runs. The runner is the real one and is told of the socket as by systemd (sd_listen_fds(3))."""

import contextlib
import os
import pathlib
import select
import signal
import socket
import subprocess
import threading

# The shell becomes the runner, so LISTEN_PID is right; the socket comes in as its standard input.
START = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@" 3<&0 < /dev/null'


class RunnerUnit:
    """The socket and the service of one device. `starts`: how often a runner was started."""

    def __init__(self, folder, device, program, state, environment=None):
        self.path = pathlib.Path(folder) / device
        self.starts, self.process, self._ended = 0, None, False
        self._command = ["/bin/sh", "-c", START, "sh", str(program), "--unit", device]
        self._environment = dict(os.environ, STATE_DIRECTORY=str(state), **(environment or {}))
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(self.path))
        self._socket.listen(16)
        self.log = open(self.path.with_suffix(".log"), "ab")
        self._wake, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while True:
            ready, _, _ = select.select([self._socket, self._wake], [], [])
            if self._wake in ready:
                return
            self.starts += 1
            self.process = subprocess.Popen(self._command, stdin=self._socket, stdout=self.log, stderr=self.log,
                                            env=self._environment, start_new_session=True)
            self.process.wait()
            # KillMode=control-group: what a killed runner left goes with it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def kill(self):
        """As a runner that crashes."""
        self.process.send_signal(signal.SIGKILL)

    def text(self):
        """What the journal of the unit would have."""
        return pathlib.Path(self.log.name).read_text("utf-8", "replace")

    def close(self):
        os.write(self._waker, b"x")
        if self.process and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self._thread.join()
        self._socket.close()
        self.log.close()
        os.close(self._wake)
        os.close(self._waker)
