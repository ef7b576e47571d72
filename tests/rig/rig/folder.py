# SPDX-License-Identifier: Apache-2.0
"""Where the rig that scripts/make-rig made is, and whether it is the one of these sources."""

import hashlib
import os
import pathlib
import shutil
import subprocess

from .machine import QEMU, arguments

HERE = pathlib.Path(__file__).resolve().parents[1]
ROOT = HERE.parents[1]


def rig_folder():
    """$PATCHBAY_RIG, else build/rig of this tree."""
    return pathlib.Path(os.environ.get("PATCHBAY_RIG") or ROOT / "build/rig")


def fingerprint(folder):
    """What a saved machine depends on: QEMU and how it is called, and what is in the initial RAM disk."""
    digest = hashlib.sha256()
    digest.update(subprocess.run([QEMU, "--version"], capture_output=True, check=True).stdout)
    digest.update(" ".join(arguments(pathlib.Path("rig"), 0, 0)).encode())
    for file in (folder / "kernel-version", HERE / "guest/init", HERE / "guest/agent.py", HERE / "save_state.py"):
        digest.update(file.read_bytes() if file.exists() else b"none")
    return digest.hexdigest()


def why_missing():
    """None when tests can use the rig, else the reason and the next step."""
    folder = rig_folder()
    if not shutil.which(QEMU):
        return f"no {QEMU}; scripts/install-deps rig installs it"
    try:
        key = (folder / "key").read_text(encoding="ascii")
        if key == fingerprint(folder):
            return None
        return f"the rig in {folder} is of other sources or another QEMU; scripts/make-rig {folder} makes it anew"
    except FileNotFoundError as error:
        return f"no rig: {error.filename} is missing; scripts/make-rig {folder} makes it"
