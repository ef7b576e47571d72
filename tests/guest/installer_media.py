# SPDX-License-Identifier: Apache-2.0
"""An ISO image whose installer, the guest's kernel with a small init, asks for its answers by TFTP as Debian's does.

What it installs is no Linux, which SeaBIOS would read from an emulated IDE disk for most of a minute, but a boot sector that
talks like one on the serial line: it shows what is in the disk's second sector, which the installer has made of the answers."""

import gzip
import pathlib
import shutil
import subprocess

PROGRAMS = ("xorriso", "as", "ld", "cpio")

BOOT_SECTOR = r"""
.code16
.equ port, 0x3f8
.globl _start
_start:
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $0x7c00, %sp
    mov $0x0201, %ax        # read one sector, the second, from the disk in %dl
    mov $2, %cx
    xor %dh, %dh
    mov $0x7e00, %bx
    int $0x13
    mov $loading, %si
    call print
prompt:
    mov $0x7e00, %si
    call print
typed:
    mov $port + 5, %dx
    in %dx, %al
    test $1, %al
    jz typed
    mov $port, %dx
    in %dx, %al
    cmp $'\n', %al
    je answer
    cmp $'\r', %al
    je answer
    call send
    jmp typed
answer:
    mov $words, %si
    call print
    jmp prompt
print:
    lodsb
    test %al, %al
    jz printed
    call send
    jmp print
printed:
    ret
send:
    mov %al, %ah
wait:
    mov $port + 5, %dx
    in %dx, %al
    test $0x20, %al
    jz wait
    mov %ah, %al
    mov $port, %dx
    out %al, %dx
    ret
loading: .asciz "\r\nLoading initial ramdisk ...\r\nLinux version 0 (a boot sector)\r\n"
words: .asciz "\r\nread from the disk\r\n"
.org 510
.word 0xaa55
"""

INIT = r"""#!/bin/sh
export PATH=/bin:/sbin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
for list in network ide; do
    while read -r module; do insmod "/lib/modules/$module" 2> /dev/null; done < "/lib/modules/$list"
done
for word in $(cat /proc/cmdline); do
    case $word in preseed/url=tftp://*) url=${word#*tftp://} ;; esac
done
ip link set eth0 up
udhcpc -i eth0 -q -n -t 10 -T 1
if ! tftp -g -l /answers -r "${url#*/}" "${url%%/*}"; then
    echo "ERROR: Failed to retrieve the preconfiguration file"
    exec tail -f /dev/null
fi
name=$(sed -n 's/^d-i netcfg.get_hostname string //p' /answers)
for disk in sr0 sda; do while [ ! -b /dev/$disk ]; do :; done; done
if ! mount -t iso9660 -o ro /dev/sr0 /mnt || [ -z "$name" ]; then
    echo "ERROR: Installation step failed"
    exec tail -f /dev/null
fi
dd if=/mnt/boot.bin of=/dev/sda
printf 'root@%s:~# ' "$name" | dd of=/dev/sda seek=1 conv=sync
sync
poweroff -f
"""


def why_impossible():
    """None, or what this machine lacks."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    return f"no {', '.join(missing)}; scripts/install-deps build guest test installs what is missing" if missing else None


def boot_sector(folder):
    (folder / "boot.s").write_text(BOOT_SECTOR, "ascii")
    subprocess.run(["as", "--32", "-o", folder / "boot.o", folder / "boot.s"], check=True)
    subprocess.run(["ld", "-m", "elf_i386", "-Ttext=0x7c00", "--oformat=binary", "-o", folder / "boot.bin", folder / "boot.o"],
                   check=True)
    return (folder / "boot.bin").read_bytes()


def init_archive(folder):
    (folder / "init").write_text(INIT, "ascii")
    (folder / "init").chmod(0o755)
    return subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], input=b"init\n", cwd=folder, stdout=subprocess.PIPE,
                          check=True).stdout


def make_media(guest, folder):
    """x.iso in this empty folder, of what is in the folder `guest`."""
    work = folder / "work"
    tree = folder / "tree"
    (tree / "install.amd").mkdir(parents=True)
    work.mkdir()
    (tree / "boot.bin").write_bytes(boot_sector(work))
    shutil.copy(guest / "vmlinuz", tree / "install.amd/vmlinuz")
    parts = [(guest / name).read_bytes() for name in ("initrd.cpio.gz", "ide-amd64.cpio.gz")]
    (tree / "install.amd/initrd.gz").write_bytes(b"".join([*parts, gzip.compress(init_archive(work))]))
    subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-o", pathlib.Path(folder) / "x.iso", tree], check=True,
                   stderr=subprocess.DEVNULL)
