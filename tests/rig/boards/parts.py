# SPDX-License-Identifier: Apache-2.0
"""Where what the boards boot is (scripts/make-boards), and whether this machine can have a network for them."""

import ctypes
import os
import pathlib
import shutil

from rig.board import OVMF, U_BOOT

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAMS = ("qemu-system-aarch64", "qemu-system-x86_64", "dnsmasq", "ganesha.nfsd", "ip")
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def parts():
    """The folder: $PATCHBAY_BOARDS, else build/boards of this tree."""
    return pathlib.Path(os.environ.get("PATCHBAY_BOARDS") or ROOT / "build/boards")


def why_missing():
    """None when tests can use the boards, else the reason and the next step."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    missing += [str(file) for file in (pathlib.Path(U_BOOT), OVMF / "OVMF_CODE_4M.fd") if not file.exists()]
    if missing:
        return f"no {', '.join(missing)}; scripts/install-deps guest boards installs what is missing"
    if not all((parts() / name).exists() for name in (".make-boards", "modules-arm64.tar.gz", "virt-arm64.dtb")):
        return f"no boards in {parts()}; scripts/make-boards {parts()} makes them"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "no right to /dev/net/tun, which gives a board its network card; run the tests as root, on a kernel with tun"
    return own_network()


def own_network():
    """Puts this process, before it has threads, and all that it starts into a network of its own, where every port is free
    and which is gone with the last of them. Returns why that is not possible.

    Another user than root needs a kernel that lets users have namespaces, and has no NFS server (can_serve_nfs)."""
    libc, user, group = ctypes.CDLL(None, use_errno=True), os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWNET) == 0:
        return None
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        return f"no network of the test's own: {os.strerror(ctypes.get_errno())}; run the tests as root"
    for name, value in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        pathlib.Path("/proc/self", name).write_text(value, "ascii")
    return None


def can_serve_nfs():
    """The server opens files by their handles, as only the machine's own root may."""
    return pathlib.Path("/proc/self/uid_map").read_text("ascii").split()[2] != "1"
