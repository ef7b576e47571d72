// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/actions/tools/host_programs.hpp"

#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "core/config/yaml.hpp"

namespace patchbay::testing {
namespace {

namespace fs = std::filesystem;

constexpr auto usual_programs = ":/usr/bin:/bin:/usr/sbin:/sbin";

constexpr auto device_file = R"(
hostname: board-01
devicetype: board
board_id: 1bc92320
adb_serial_number: 1bc92320
fastboot_serial_number: 1bc92320
fastboot_options: []
flash_cmds_order: [ptable, boot, rootfs]
constants: {default-shell-prompt: 'lava-test: # '}
parameters: {}
timeouts: {}
)";

constexpr auto commands = "commands: {hard_reset: 'true', power_off: 'echo off'}\n";
constexpr auto actions =
    "actions: {deploy: {methods: {fastboot: null, image: null}}, boot: {methods: {fastboot: [boot], minimal: null}}}\n";

bool has_key(const std::string& yaml, const std::string& key) {
    return ("\n" + yaml).find("\n" + key + ":") != std::string::npos;
}

/// The keys of `own` take the place of the usual ones.
std::string merged(const std::string& own) {
    std::istringstream lines{std::string{device_file} + commands + actions};
    std::string text = own;
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && !has_key(own, line.substr(0, line.find(':')))) text += line + "\n";
    }
    return text;
}

}  // namespace

const char* const fastboot_script = R"(exec >&2
case "$*" in
devices) printf '1bc92320\tfastboot\n' >&1 ;;
*' flash '*) echo "Sending '$4' (4 KB)                               OKAY [  0.001s]"
             echo "Writing '$4'                                      OKAY [  0.002s]"
             echo 'Finished. Total time: 0.010s' ;;
*' boot '*) echo "Sending 'boot.img' (4 KB)                          OKAY [  0.001s]"
            echo 'Booting                                            OKAY [  0.000s]'
            echo 'Finished. Total time: 0.051s' ;;
*' reboot'*) echo 'Rebooting                                          OKAY [  0.000s]'
             echo 'Finished. Total time: 0.003s' ;;
esac)";

const char* const docker_script = R"(
while [ $# -gt 0 ] && [ "$1" != run ]; do shift; done
[ $# -gt 0 ] || exit 0
shift
while case "$1" in -*) true ;; *) false ;; esac; do shift; done
shift
exec "$@")";

Bench::Bench(const std::string& device) : usb{job.folder / "host"} {
    const char* path = ::getenv("PATH");
    path_ = path ? path : "";
    fs::create_directories(job.folder / "bin");
    ::setenv("PATH", ((job.folder / "bin").string() + usual_programs).c_str(), 1);
    job.description = read_device(config::parse_yaml(merged(device)), "board-01");
    job.settings.host_root = usb.root;
    job.board->takes_images = false;
    job.board->on_at_open = true;
    job.board->boot = {say("Linux version 6.1\r\n"), say_prompt()};
    usb.plug("1-2", {"18d1", "d00d", "Android", "1bc92320"});
}

Bench::~Bench() { ::setenv("PATH", path_.c_str(), 1); }

void Bench::only_these() { ::setenv("PATH", (job.folder / "bin").c_str(), 1); }

void Bench::program(const std::string& name, const std::string& script) {
    const auto file = job.folder / "bin" / name;
    // One write, so that calls at the same time do not mix.
    std::ofstream{file} << "#!/bin/sh\necho \"" << name << "${*:+ }$*\" >>'" << (job.folder / "calls").string() << "'\n"
                        << script << "\n";
    fs::permissions(file, fs::perms::owner_all);
}

void Bench::file(const std::string& name, const std::string& bytes) const {
    std::ofstream{job.folder / name, std::ios::binary} << bytes;
}

std::string Bench::read(const std::string& name) const {
    std::ifstream in{job.folder / name, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<std::string> Bench::calls() const {
    std::istringstream lines{read("calls")};
    std::vector<std::string> all;
    const auto folder = job.folder.string();
    for (std::string line; std::getline(lines, line);) {
        for (auto at = line.find(folder); at != std::string::npos; at = line.find(folder)) {
            line.replace(at, folder.size(), "FOLDER");
        }
        all.push_back(line);
    }
    return all;
}

}  // namespace patchbay::testing
