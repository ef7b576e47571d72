// SPDX-License-Identifier: Apache-2.0
#pragma once
// Jobs on a simulated board with a boot loader: a loader that asks, answers, and starts a kernel with a shell.

#include <string>
#include <vector>

#include "core/config/yaml.hpp"
#include "jobs/actions/job_context.hpp"
#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {

/// `methods`: YAML below actions.boot.methods; `constants`: YAML below constants.
inline DeviceDescription loader_device(const std::string& methods, const std::string& constants,
                                       const std::string& more = "") {
    return read_device(config::parse_yaml("hostname: board01\ndevicetype: myboard\n"
                                          "constants:\n"
                                          "  posix: {lava_test_sh_cmd: /bin/sh, lava_test_results_dir: /lava-%s}\n" +
                                          constants +
                                          "parameters:\n"
                                          "  booti: {kernel: '0x40080000', ramdisk: '0x4FF00000', dtb: '0x4FA00000', "
                                          "tee: '0x83000000'}\n"
                                          "actions:\n"
                                          "  deploy: {parameters: {add_header: raw}, methods: {image: }}\n"
                                          "  boot:\n    methods:\n" +
                                          methods + "timeouts: {actions: {}, connections: {}}\n" + more),
                       "board01");
}

/// What a shell's prompt is on these boards.
inline const std::string shell_prompt = "root@board01:~# ";

/// The loader with `prompt` answers what `answers` say; a line that holds `starts` starts a kernel.
inline void play_loader(SimBoard& board, const std::string& prompt, const std::string& starts,
                        std::vector<SimAnswer> answers = {}) {
    board.takes_images = false;
    board.prompt = prompt;
    board.answers = std::move(answers);
    board.answer_other = [&board, starts](const std::string& line) -> std::string {
        if (line.find(starts) == std::string::npos || board.prompt == shell_prompt) return "";
        board.prompt = shell_prompt;
        return "\r\nStarting kernel ...\r\n\r\n[    0.000000] Linux version 6.6\r\n";
    };
}

/// A file that a deploy would have put below the TFTP root.
inline void put_boot_file(JobContext& job, const std::string& key, const std::string& name) {
    job.state("common").boot.files[key] = job.tftp_directory() / "tftp-deploy-x" / key / name;
}

}  // namespace patchbay::testing
