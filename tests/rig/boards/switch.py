# SPDX-License-Identifier: Apache-2.0
"""switch.py SOCKET on|off|reset|status: the command of a lab that switches the supply of a bench's board."""

import socket
import sys

with socket.socket(socket.AF_UNIX) as bench:
    bench.connect(sys.argv[1])
    bench.sendall(sys.argv[2].encode())
    answer = bench.recv(100).decode()
if not answer:
    sys.exit("the bench did not answer")
print(answer)
