// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/bootloader/recorded_loader.hpp"

namespace patchbay::testing {
namespace {

void add(Loader& loader, const std::string& command, const std::string& answer) {
    loader.exchanges.push_back({command, command + "\r\n", answer});
}

Loader written_uboot() {
    auto loader = uboot("u-boot", "=>", "Hit any key to stop autoboot");
    loader.banner =
        "\xff\xfe\r\nU-Boot SPL 2023.01 (Jan 01 2023)\r\nTrying to boot from MMC1\r\n\r\nU-Boot 2023.01\r\n"
        "DRAM:  2 GiB\r\nHit any key to stop autoboot:  2 ";
    loader.after_key = "\b\b\b 0 \r\n=> \r\n=> ";  // the newline that stopped it asked for a second prompt
    add(loader, "setenv autoload no", "=> ");
    add(loader, "setenv note 'TIMEOUT => Starting kernel'", "=> ");
    add(loader, "dhcp", "BOOTP broadcast 1\r\nDHCP client bound to address 10.0.2.15 (3 ms)\r\n=> ");
    add(loader, "tftp 0x40080000 42/tftp-deploy-x/kernel/Image",
        "Using eth0 device\r\nLoading: *\b#################################\r\n\t 19.1 MiB/s\r\ndone\r\n"
        "Bytes transferred = 27000000 (19bfcc0 hex)\r\n=> ");
    add(loader, "printenv x", "x=a=>b\r\n=> ");
    add(loader, "booti 0x40080000 - 0x4FA00000",
        "## Flattened Device Tree blob at 4fa00000\r\n   Loading Device Tree to 5, end 6 ... OK\r\n\r\n"
        "Starting kernel ...\r\n\r\n[    0.000000] Linux version 6.1\r\n");
    return loader;
}

Loader written_uboot_that_fails() {
    auto loader = written_uboot();
    loader.name = "u-boot without a server";
    loader.exchanges.resize(3);
    add(loader, "tftp 0x40080000 42/tftp-deploy-x/kernel/Image",
        "Using eth0 device\r\nLoading: *\bT T T T T T T T T T \r\nRetry count exceeded; starting again\r\n=> ");
    add(loader, "booti 0x40080000 - 0x4FA00000", "Bad Linux ARM64 Image magic!\r\n=> ");
    return loader;
}

Loader written_grub() {
    Loader loader;
    loader.name = "grub";
    loader.interrupt = {"for a command-line", {{Typing::Kind::bytes, "c"}}, "grub>", true};
    loader.plan.prompt = "grub>";
    loader.plan.errors = {"grub", {"error: missing (.*) symbol.", "error: file '(.*)' not found"}};
    loader.prompt_text = "grub>";
    loader.banner =
        "\x1b[2J\x1b[01;01H\x1b[=3h GNU GRUB  version 2.06\x1b[5;3HPress enter to boot, `e' to edit or `c'\r\n"
        "for a command-line.";
    loader.after_key = "\x1b[2J\x1b[1;1H\r\n\x1b[0mgrub> ";
    for (const auto* command : {"net_bootp", "insmod linux", "linux (tftp,10.0.2.2)/42/Image console=ttyS0 ip=dhcp",
                                "initrd (tftp,10.0.2.2)/42/ramdisk.cpio.gz", "boot"}) {
        std::string echo;
        for (const char* c = command; *c != '\0'; ++c) echo += std::string("\x1b[0m\x1b[37m") + *c + "\x1b[1;9H";
        loader.exchanges.push_back({command, echo + "\r\n", "\x1b[2;1H\r\ngrub> "});
    }
    return loader;
}

Loader written_ipxe() {
    Loader loader;
    loader.name = "ipxe";
    loader.interrupt = {"Press Ctrl-B for the iPXE command line", {{Typing::Kind::control, "b"}}, "iPXE>", true};
    loader.plan.prompt = "iPXE>";
    loader.plan.errors = {"ipxe", {"No configuration methods succeeded", "Connection timed out"}};
    loader.prompt_text = "iPXE>";
    loader.banner = "\x1b[0m\x1b[1miPXE\x1b[0m initialising devices...ok\r\nPress Ctrl-B for the iPXE command line...";
    loader.after_key = "\r\n\x1b[1miPXE>\x1b[0m ";
    add(loader, "dhcp net0", "Configuring (net0 52:54:00:12:34:58)...... ok\r\niPXE> ");
    add(loader, "kernel tftp://10.0.2.2/42/bzImage console=ttyS0", "tftp://10.0.2.2/42/bzImage... ok\r\niPXE> ");
    add(loader, "boot", "");
    return loader;
}

Loader written_depthcharge() {
    auto loader = uboot("depthcharge", "dpch:", "Starting netboot");
    loader.interrupt.keys.clear();
    loader.banner = "Starting depthcharge on Kevin...\r\nStarting netboot on kevin...\r\n";
    loader.after_key = "Looking for network device... done.\r\ndpch: ";
    Exchange exchange;
    exchange.command = "tftpboot 10.0.0.1 42/tftp-deploy-x/kernel/bzImage 42/tftp-deploy-x/kernel/cmdline";
    exchange.echo = "tftpboot 10.0.0.1 42/tftp-deploy-x/kernel/bziploy-x/kernel/cmdline\r\n";
    exchange.answer =
        "Waiting for link\r\ndone.\r\nMy ip is 10.0.0.9\r\n00000000 ######## done.\r\n"
        "Exiting depthcharge with code 4\r\nStarting kernel ...\r\n";
    loader.exchanges.push_back(exchange);
    return loader;
}

}  // namespace

std::vector<Recording> written_recordings() {
    std::vector<Recording> recordings;
    for (const auto& loader :
         {written_uboot(), written_uboot_that_fails(), written_grub(), written_ipxe(), written_depthcharge()}) {
        recordings.push_back(recording_of(loader));
    }
    return recordings;
}

}  // namespace patchbay::testing
