// SPDX-License-Identifier: Apache-2.0
#include "devices/qemu_arguments.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/process/words.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

const fs::path job = "/var/lib/patchbay/job/7";

bool is_allowed(const std::string& line) {
    try {
        check_qemu_arguments(split_command_line(line), job);
        return true;
    } catch (const JobError&) {
        return false;
    }
}

TEST(QemuArguments, AJobMayDescribeItsGuest) {
    for (const std::string line :
         {"-kernel {kernel} -append \"console=ttyS0 root=/dev/vda init=/bin/sh\"",
          "--append console=ttyS0 -no-reboot -smp 4 -m 4096 -nographic",
          "-initrd /var/lib/patchbay/job/7/deployimages-x/initrd/initrd.cpio",
          "-drive file={rootfs},format=raw,id=hd0,if=virtio -device virtio-blk-device,drive=hd0",
          "-drive if=none,file={hdimg},id=hd0,format=qcow2 -drive file={iso},index=2,media=cdrom,readonly=on",
          "-blockdev driver=qcow2,file.filename={rootfs},file.driver=file,node-name=blk1 -device virtio-blk,drive=blk1",
          "-hda {rootfs} -dtb {dtb} -bios {bios}",
          "-bios OVMF.fd",
          "-bios none",
          "-serial stdio",
          "-serial mon:stdio -monitor none -vga none",
          "-chardev stdio,id=char0,mux=on,signal=off -serial chardev:char0",
          "-object rng-random,filename=/dev/urandom,id=rng0 -device virtio-rng-pci,rng=rng0",
          "-machine virt,gic-version=3,mte=on -cpu max,pauth-impdef=on -accel tcg,thread=multi",
          "-netdev user,id=net0 -device e1000,netdev=net0 -net nic,model=virtio -net user",
          "-global virtio-blk-device.scsi=off -device virtio-scsi-device,id=scsi",
          "-netdev type=user,id=n",
          "-audiodev none,id=a",
          "-numa node,cpus=0,cpus=2",
          "-smbios type=11,value=one,value=two",
          "-net nic,model=virtio,macaddr=52:54:00:1:2:3,macaddr=52:54:00:4:5:6",
          "-drive file=/var/lib/patchbay/job/7/a,,b.img,format=raw",
          "{rootfs}",
          ""}) {
        EXPECT_TRUE(is_allowed(line)) << line;
    }
}

TEST(QemuArguments, AJobMayNotReachTheHost) {
    for (const std::string line :
         {// files
          "-drive format=raw,file=/etc/shadow", "-hda /dev/sda", "-kernel /boot/vmlinuz", "-cdrom ../../other/iso",
          "-drive file=/var/lib/patchbay/job/7/../8/rootfs,format=raw", "-initrd {a},/etc/shadow", "/etc/shadow",
          "-drive file=json:{},format=raw", "-hda fat:rw:/etc", "-hda nbd:127.0.0.1:10809", "-hda ssh://root@host/x",
          "-drive file={rootfs},format=vmdk", "-drive file={rootfs},backing.file.filename=/etc/shadow",
          "-blockdev driver=host_device,filename=/dev/sda,node-name=x",
          "-blockdev {\"driver\":\"file\",\"filename\":\"/etc/shadow\",\"node-name\":\"x\"}",
          "-device loader,file=/etc/shadow,addr=0", "-device {\"driver\":\"usb-host\"}", "-smbios file=/etc/shadow",
          "-fw_cfg name=opt/x,file=/etc/shadow", "-acpitable file=/etc/shadow", "-device e1000,romfile=/etc/shadow",
          "-object memory-backend-file,id=m,size=1G,mem-path=/etc/shadow", "-object secret,id=s,file=/etc/shadow",
          "-object rng-random,id=r,filename=/etc/shadow", "-machine virt,dumpdtb=/tmp/x", "-L /etc",
          "-icount shift=1,rr=record,rrfile=/tmp/x", "-mem-path /etc", "-boot splash=/etc/shadow",
          // the monitor and what listens
          "-monitor stdio", "-monitor tcp::4444,server", "-qmp stdio", "-qmp-pretty stdio", "-mon chardev=char0",
          "-serial tcp::4444,server", "-serial file:/tmp/x", "-serial unix:/tmp/x", "-serial pty",
          "-parallel file:/tmp/x", "-chardev file,id=x,path=/tmp/x", "-chardev socket,id=x,path=/tmp/x",
          "-chardev pipe,id=x,path=/tmp/x", "-chardev stdio,id=x,logfile=/tmp/x", "-chardev null,id=patchbay-qmp",
          "-gdb tcp::1234", "-s", "-vnc :1", "-spice port=5900", "-incoming tcp:0:4444", "-display gtk",
          // the network
          "-netdev tap,id=n", "-net tap", "-net user,hostfwd=tcp::2222-:22",
          "-netdev user,id=n,guestfwd=tcp:1.2.3.4:1-cmd:id", "-netdev user,id=n,smb=/etc",
          "-netdev user,id=n,tftp=/etc", "-nic tap,script=/tmp/x", "-nic user,hostfwd=tcp::1-:1", "-netdev bridge,id=n",
          "-netdev socket,id=n,listen=:1",
          // shared folders, devices, QEMU itself
          "-virtfs local,path=/,mount_tag=x,security_model=none", "-fsdev local,id=x,path=/,security_model=none",
          "-device virtio-9p-pci,fsdev=x,mount_tag=y", "-device vfio-pci,host=01:00.0", "-device usb-host,hostbus=1",
          "-device usb-mtp,rootdir=/", "-device vhost-vsock-pci,guest-cid=3", "-usbdevice host:1234:5678",
          "-device virtio-input-host-pci,evdev=/dev/input/event0", "-add-fd fd=3,set=1", "-readconfig /tmp/x",
          "-writeconfig /tmp/x", "-daemonize", "-pidfile /tmp/x", "-D /tmp/x", "-d in_asm", "-trace x",
          "-plugin /tmp/x.so", "-semihosting", "-semihosting-config enable=on,target=native", "-runas root",
          "-chroot /tmp", "-sandbox off", "-audiodev oss,id=a", "-loadvm x", "-set drive.x.file=/etc/shadow",
          "-no-such-option",
          // QEMU believes the last of two equal keys
          "-device e1000,driver=usb-host,vendorid=0x1234", "-chardev stdio,id=a,backend=pty",
          "-audiodev none,id=a,driver=wav,path=x", "-object rng-random,id=r,qom-type=memory-backend-file",
          "-netdev user,id=n,type=tap", "-netdev hostfwd=tcp::1-:1,type=user,id=n", "-nic none,type=tap",
          "-drive file={rootfs},file=x", "-monitor none,backend=pty"}) {
        EXPECT_FALSE(is_allowed(line)) << line;
    }
}

TEST(QemuArguments, AnOptionWithoutItsValueCannotSwallowWhatFollows) {
    // "-name" as extra option, then "-append -monitor stdio" as image argument: checked apart, each would pass.
    for (const std::string line : {"-name", "-accel tcg -append", "-smp 2 -device"}) {
        EXPECT_FALSE(is_allowed(line)) << line;
        EXPECT_THROW(check_job_pieces({line}, job), JobError) << line;
    }
}

TEST(QemuArguments, EveryRefusalIsNamedWithItsReasonAndTheWayOut) {
    try {
        check_qemu_arguments({"-monitor", "stdio", "-kernel", "{kernel}", "-hda", "/etc/shadow"}, job);
        FAIL();
    } catch (const JobError& error) {
        EXPECT_EQ(
            std::string{error.what()},
            "the job gives QEMU arguments that this lab does not allow: '-monitor stdio' is something other than none, "
            "'-hda /etc/shadow' names a file outside of the job; the lab's owner can allow them with "
            "'trusted_jobs: true' for this device");
    }
}

TEST(QemuArguments, AConsoleSharedWithTheMonitorBecomesAPlainOne) {
    const std::vector<std::string> plain{"-serial", "stdio"};
    EXPECT_EQ(check_qemu_arguments({"-serial", "mon:stdio"}, job), plain);
    EXPECT_EQ(check_job_pieces({"-smp 2", "-serial mon:stdio"}, job),
              (std::vector<std::string>{"-smp 2", "-serial stdio"}));
}

TEST(QemuArguments, ASymbolicLinkOutOfTheJobIsNoWayOut) {
    const testing::TemporaryFolder temporary;
    const auto& folder = temporary.path;
    fs::create_symlink("/etc", folder / "inside");
    EXPECT_THROW(check_qemu_arguments({"-hda", (folder / "inside/shadow").string()}, folder), JobError);
    EXPECT_NO_THROW(check_qemu_arguments({"-hda", (folder / "plain").string()}, folder));
}

void collect(const config::Value& value, std::vector<std::string>& lines) {
    if (const auto* list = value.as_list()) {
        for (const auto& each : *list) collect(each, lines);
    }
    const auto* map = value.as_map();
    if (map == nullptr) return;
    for (const auto& [key, each] : *map) {
        const auto* name = key.as_string();
        if (name != nullptr && (*name == "image_arg" || *name == "extra_options")) {
            std::string line;
            if (const auto* list = each.as_list()) {
                for (const auto& piece : *list) line += config::python_str(piece) + " ";
            } else {
                line = config::python_str(each);
            }
            lines.push_back(line);
        }
        collect(each, lines);
    }
}

TEST(QemuArguments, RealJobsAreAllowed) {
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (corpus == nullptr) GTEST_SKIP() << "set PATCHBAY_CORPUS to the folder of real job files";
    int allowed = 0, refused = 0;
    for (const auto& entry : fs::recursive_directory_iterator{fs::path{corpus} / "jobs"}) {
        if (!entry.path().extension().string().starts_with(".y") ||
            entry.path().string().find("mutants") != std::string::npos)
            continue;
        std::ifstream file{entry.path()};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        std::vector<std::string> lines;
        try {
            collect(config::parse_yaml(text), lines);
        } catch (const config::YamlError&) {
            continue;
        }
        for (const auto& line : lines) {
            try {
                check_qemu_arguments(split_command_line(line), job);
                ++allowed;
            } catch (const JobError& error) {
                ++refused;
                printf("%s: %s\n", entry.path().filename().c_str(), error.what());
            }
        }
    }
    printf("allowed %d, refused %d\n", allowed, refused);
    EXPECT_GT(allowed, 150);
    EXPECT_LE(refused, 12);  // fixed virtual platforms, board programmers, and unquoted nfsroot= words
}

}  // namespace
}  // namespace patchbay
