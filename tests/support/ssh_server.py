#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A machine that one logs into by ssh. Its shell says who came, in which terminal and for which command, and then
echoes line by line. Keys are made in FOLDER: `key` opens it, `stranger` does not, `known_hosts` has its own.

usage: ssh_server.py FOLDER     prints its port"""

import asyncio
import pathlib
import sys

import asyncssh


def make_key(path):
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(path))
    path.chmod(0o600)
    return key


async def shell(process):
    process.stdout.write(f"{process.get_extra_info('username')} on {process.term_type} runs {process.command}\n")
    async for line in process.stdin:
        if line.strip() == "exit":
            break
        process.stdout.write("heard " + line)
    process.exit(0)


async def serve(folder):
    host, _ = make_key(folder / "host"), make_key(folder / "stranger")
    opens = make_key(folder / "key").export_public_key().decode()
    server = await asyncssh.listen("127.0.0.1", 0, server_host_keys=[host], process_factory=shell,
                                   authorized_client_keys=asyncssh.import_authorized_keys(opens))
    port = server.sockets[0].getsockname()[1]
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host.export_public_key().decode()}")
    print(port, flush=True)
    await server.wait_closed()


asyncio.run(serve(pathlib.Path(sys.argv[1])))
