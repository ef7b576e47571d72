# SPDX-License-Identifier: Apache-2.0
"""Takes the ELF kernel out of a bzImage. usage: unpack_kernel.py VMLINUZ VMLINUX

A bzImage is a loader with a compressed kernel in it. Where that begins is written nowhere that is easy to read, so each
place that looks like the start of a compressed stream is tried; what follows the stream is other data, and ignored.
"""

import pathlib
import subprocess
import sys

STREAMS = ((b"\xfd7zXZ\0", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\x1f\x8b\x08", "gzip"))


def elf_in(image):
    for magic, tool in STREAMS:
        start = image.find(magic)
        while start >= 0:
            unpacked = subprocess.run([tool, "-dc"], input=image[start:], stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, check=False).stdout
            if unpacked.startswith(b"\x7fELF"):
                return unpacked
            start = image.find(magic, start + 1)
    return None


def main(vmlinuz, vmlinux):
    elf = elf_in(pathlib.Path(vmlinuz).read_bytes())
    if elf is None:
        print(f"{vmlinuz}: no kernel compressed by {', '.join(tool for _, tool in STREAMS)} in it", file=sys.stderr)
        return 1
    pathlib.Path(vmlinux).write_bytes(elf)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
