// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/program.hpp"

#include <sys/utsname.h>

#include <map>

#include "core/process/run_command.hpp"
#include "core/process/spawn.hpp"
#include "drivers/qemu/state_file.hpp"

namespace patchbay {
namespace {

Task<std::string> first_line(std::vector<std::string> argv) {
    Command command;
    command.argv = std::move(argv);
    try {
        const auto output = co_await capture_command(std::move(command), Deadline::in(10s));
        if (output.exit_code == 0) co_return output.text.substr(0, output.text.find('\n'));
    } catch (const TimedOut&) {
        // No answer is no answer.
    }
    co_return std::string{};
}

/// "QEMU emulator version 7.2.18 (Debian …)": the number.
std::string version_number(const std::string& line) {
    constexpr std::string_view before = "version ";
    const auto at = line.find(before);
    if (at == std::string::npos) return line;
    const auto begin = at + before.size();
    return line.substr(begin, line.find_first_of(" ,(", begin) - begin);
}

}  // namespace

std::string qemu_package(const std::string& architecture) {
    static const std::map<std::string, std::string> packages{
        {"x86_64", "x86"}, {"i386", "x86"},    {"arm", "arm"},     {"aarch64", "arm"},
        {"mips", "mips"},  {"mipsel", "mips"}, {"mips64", "mips"}, {"mips64el", "mips"},
        {"ppc", "ppc"},    {"ppc64", "ppc"},   {"sparc", "sparc"}, {"sparc64", "sparc"},
    };
    const auto found = packages.find(architecture);
    return "qemu-system-" + (found == packages.end() ? "misc" : found->second);
}

std::string host_architecture() {
    static const std::map<std::string, std::string> debian{
        {"x86_64", "amd64"}, {"aarch64", "arm64"}, {"armv7l", "armhf"}, {"i686", "i386"}, {"ppc64le", "ppc64el"}};
    utsname host{};
    ::uname(&host);
    const auto found = debian.find(host.machine);
    return found == debian.end() ? std::string{host.machine} : found->second;
}

Task<BootProgram> describe_qemu(std::string program_path, std::string architecture, DriverContext context) {
    BootProgram program;
    program.package = qemu_package(architecture);
    program.host_architecture = host_architecture();
    program.architecture = architecture;
    const StateFile state{StateFile::folder_or_default(context.state_folder), "qemu-versions"};
    const auto key = program_path + " " + file_identity(program_path);
    if (const auto known = state.get(key)) {
        program.version = *known;
        co_return program;
    }
    if (program_path.starts_with("/usr/bin/") && find_program("dpkg-query")) {
        std::vector<std::string> query{"dpkg-query", "-W", "-f", "${Version}\n", program.package};
        program.version = co_await first_line(std::move(query));
    }
    if (program.version.empty()) {
        std::vector<std::string> query{program_path, "--version"};
        const auto line = co_await first_line(std::move(query));
        program.version = version_number(line);
    }
    state.put(key, program.version);
    co_return program;
}

}  // namespace patchbay
