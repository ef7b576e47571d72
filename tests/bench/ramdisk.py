# SPDX-License-Identifier: Apache-2.0
"""What it takes to put a test overlay into a ramdisk: appended, beside unpacking and packing as LAVA does it."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from measure import Row

MEBIBYTE = 1024 * 1024

REPACK = """set -e
mkdir tree && cd tree
gzip -dc ../ramdisk | cpio -idm --quiet
mkdir -p lava-42/bin
find . -print0 | cpio --create --null --format newc --quiet > ../ramdisk.cpio
gzip ../ramdisk.cpio
"""


def make_ramdisk(folder, mebibytes):
    """Files of 1 MiB, half of which cannot be compressed, as in a ramdisk with programs and modules."""
    tree = pathlib.Path(folder, "source")
    tree.mkdir()
    for number in range(mebibytes):
        (tree / ("file%d" % number)).write_bytes(os.urandom(MEBIBYTE // 2) + bytes(MEBIBYTE // 2))
    subprocess.run("cd source && find . | cpio -o -H newc --quiet | gzip > ../original", shell=True, cwd=folder, check=True)
    shutil.rmtree(tree)


def appended(tools, folder):
    shutil.copyfile(folder / "original", folder / "ramdisk")
    done = subprocess.run([tools.tool("ramdisk"), str(folder / "ramdisk")], check=True, stdout=subprocess.PIPE)
    return float(done.stdout)


def repacked(folder):
    shutil.copyfile(folder / "original", folder / "ramdisk")
    time = subprocess.run(["bash", "-c", "TIMEFORMAT=%R; time { " + REPACK + "}"], check=True, cwd=folder,
                          stderr=subprocess.PIPE, text=True).stderr
    shutil.rmtree(folder / "tree")
    (folder / "ramdisk.cpio.gz").unlink()
    return float(time.split()[-1])


def ramdisk(tools):
    size = tools.amount(64, 2)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_ramdisk(folder, size)
        pairs = [(appended(tools, folder), repacked(folder)) for _ in range(tools.amount(3, 1))]
    ours, theirs = min(pair[0] for pair in pairs), max(min(pair[1] for pair in pairs), 0.001)
    return [Row("ramdisk-overlay", 1000 * ours / size, "ms/MiB", "cpio and gzip, unpacked and packed anew: %.1f ms/MiB" %
                (1000 * theirs / size), ours / theirs, "ratio at most 0.1", ours / theirs <= 0.1)]
