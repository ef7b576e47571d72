// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/config/yaml.hpp"
#include "jobs/portable/portable_job.hpp"

namespace patchbay::testing {

/// A portable job for two architectures; `more` are further keys.
inline std::string portable_text(const std::string& more = "") {
    return "portable: 1\nname: smoke\n"
           "artifacts:\n"
           "  arm64:\n"
           "    kernel: http://files.example.org/arm64/Image\n"
           "    ramdisk: http://files.example.org/arm64/rootfs.cpio.gz\n"
           "    rootfs: {url: 'http://files.example.org/arm64/root.tar.xz', sha256sum: abc}\n"
           "    modules: http://files.example.org/arm64/modules.tar.xz\n"
           "    dtb: {my-board: 'http://files.example.org/arm64/my-board.dtb', '*': "
           "'http://files.example.org/any.dtb'}\n"
           "  x86_64:\n"
           "    kernel: http://files.example.org/x86/bzImage\n"
           "    initrd: http://files.example.org/x86/initrd.cpio.gz\n"
           "    disk: http://files.example.org/x86/root.ext4.zst?token=1\n"
           "tests:\n"
           "- {name: one, from: git, repository: 'https://example.org/tests.git', path: one.yaml}\n"
           "- {name: two, from: git, repository: 'https://example.org/tests.git', path: two.yaml}\n"
           "- {name: long, from: git, repository: 'https://example.org/tests.git', path: long.yaml, timeout: 2h}\n" +
           more;
}

inline PortableJob portable(const std::string& more = "") {
    return read_portable_job(config::parse_yaml(portable_text(more)), "job.yaml");
}

}  // namespace patchbay::testing
