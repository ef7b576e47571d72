# SPDX-License-Identifier: Apache-2.0
"""Our TFTP server on a bench's network, and one that stops in the middle of a file."""

import contextlib
import itertools
import pathlib
import socket
import subprocess
import threading
import time

from rig.board import start
from rig.channel import RigError
from rig.testing import programs

from .lan import TFTP, ip


class TftpServer:
    """`with TftpServer(lan, folder):` serves the folder's files with patchbay-tftpd at lan.server."""

    def __init__(self, lan, folder):
        self._lan, self._folder = lan, pathlib.Path(folder)

    def __enter__(self):
        self._server = start([programs() / "patchbay-tftpd", "--root", self._folder, "--listen", f"{self._lan.server}:{TFTP}"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        limit = time.monotonic() + 30
        while not self._lan.serves(TFTP):
            if self._server.poll() is not None or time.monotonic() > limit:
                raise RigError("patchbay-tftpd does not serve")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self._server.kill()
        self._server.wait()


class StallingTftp:
    """`with StallingTftp(lan) as server:` serves at server.address what the server at lan.server does, but the rest of no
    transfer: it is silent after so many blocks, as a server whose disk or network hangs. server.stalls = False mends it."""

    address = "192.168.77.2"
    blocks = 500

    def __init__(self, lan):
        self._lan = lan
        self.stalls = True
        self.stalled = 0  # transfers

    def __enter__(self):
        ip("addr", "add", f"{self.address}/24", "dev", "br0")
        self._socket = self._bound(self.address, TFTP)
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):  # it is not connected, but who waits in it wakes up
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    @staticmethod
    def _bound(address, port=0):
        end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        end.bind((address, port))
        return end

    def _serve(self):
        with contextlib.suppress(OSError):  # closed
            while (question := self._socket.recvfrom(65536))[1]:
                threading.Thread(target=self._transfer, args=question, daemon=True).start()

    def _transfer(self, request, board):
        """One block after the other: the next one comes when the board has said that it has this one."""
        with self._bound(self.address) as to_board, self._bound(self._lan.server) as to_server, contextlib.suppress(OSError):
            for end in (to_board, to_server):
                end.settimeout(60)  # whoever has all, or is gone, says nothing more
            to_board.connect(board)
            to_server.sendto(request, (self._lan.server, TFTP))
            block, server = to_server.recvfrom(65536)
            to_server.connect(server)
            for number in itertools.count(1):
                if self.stalls and number == self.blocks:
                    self.stalled += 1
                    while to_board.recv(65536):
                        pass
                to_board.send(block)
                to_server.send(to_board.recv(65536))
                block = to_server.recv(65536)
