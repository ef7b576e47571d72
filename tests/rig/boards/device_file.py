# SPDX-License-Identifier: Apache-2.0
"""Device files as LAVA's labs have them, of boards on a bench's network that a deploy gives their files."""

import json

CONSTANTS = {
    "posix": {"lava_test_sh_cmd": "/bin/sh", "lava_test_results_dir": "/lava-%s", "lava_test_shell_file": "~/.profile"},
    "u-boot": {"interrupt-newline": True, "final-message": "Starting kernel", "error-messages": ["Retry count exceeded"]},
    "grub": {"interrupt-prompt": "for a command-line", "interrupt-character": "c", "interrupt-newline": False,
             "error-messages": ["error: timeout reading"]},
}


def u_boot(server="{SERVER_IP}", dtb=False, root="", before=()):
    """Commands of U-Boot's. server: of the files; dtb: whether the job brings one; root: where it is; before: commands that go first."""
    tree = ["setenv fdt_addr_r 0x43e00000", "tftpboot ${fdt_addr_r} {DTB}"] if dtb else ["setenv fdt_addr_r ${fdtcontroladdr}"]
    return [*before, "setenv autoload no", "dhcp", f"setenv serverip {server}", *tree, "tftpboot ${kernel_addr_r} {KERNEL}",
            "tftpboot ${ramdisk_addr_r} {RAMDISK}", "setenv initrd_size ${filesize}",
            f"setenv bootargs 'console=ttyAMA0 panic=-1 ip=dhcp{root and ' ' + root} {{BOOT_ARGUMENTS}}'",
            "booti ${kernel_addr_r} ${ramdisk_addr_r}:${initrd_size} ${fdt_addr_r}"]


def grub(server="{SERVER_IP}"):
    """Commands of GRUB's."""
    return ["net_bootp", f"linux (tftp,{server})/{{KERNEL}} console=ttyS0 panic=-1 ip=dhcp {{BOOT_ARGUMENTS}}",
            f"initrd (tftp,{server})/{{RAMDISK}}", "boot"]


def boot_method(loader, **sets):
    """An entry of `actions.boot.methods`: the loader's words, and its sets of commands by name."""
    parameters = {"bootloader_prompt": "=>", "interrupt_prompt": "Hit any key to stop autoboot", "interrupt_char": ""}
    return {loader: {"parameters": parameters if loader == "u-boot" else {"bootloader_prompt": "grub>"},
                     **{name: {"commands": commands} for name, commands in sets.items()}}}


def device(folder, device_type, bench, methods, **commands):
    """An entry of a lab's `devices:`, with its file in `folder`. commands: other ones than the bench's."""
    file = folder / f"{device_type}.yaml"
    own = {key: bench.commands[key] for key in ("hard_reset", "power_off")}
    file.write_text(json.dumps({
        "hostname": f"{device_type}-01", "devicetype": device_type, "constants": CONSTANTS, "parameters": {},
        "hardware": {"console": bench.hardware["console"]}, "commands": {**own, **commands},
        "actions": {"deploy": {"methods": {"tftp": None, "nfs": None}}, "boot": {"methods": methods}},
        "timeouts": {"actions": {}, "connections": {}}}), "utf-8")
    return {"name": f"{device_type}-01", "device_type": device_type, "file": str(file)}
