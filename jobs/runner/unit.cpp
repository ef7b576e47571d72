// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/unit.hpp"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "core/config/map_reader.hpp"
#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/process/service_manager.hpp"
#include "core/whole_file.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

// The longest path that Linux takes, and the words around it.
constexpr std::size_t longest_request = 4096 + 256;
// systemd starts the unit because somebody has called already; that one says its line at once.
constexpr auto patience = std::chrono::seconds{10};

/// The caller goes, and this runner ends.
struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

FileDescriptor passed_socket() {
    auto sockets = passed_sockets();
    if (sockets.size() != 1) {
        throw ConfigurationError{
            "--unit is for systemd, which passes one socket (LISTEN_FDS); start patchbay-runner@NAME.socket instead"};
    }
    return std::move(sockets.front());
}

bool wait_readable(int fd, Steady::time_point until) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now()).count();
        pollfd ready{fd, POLLIN, 0};
        const int count = ::poll(&ready, 1, left > 0 ? static_cast<int>(left) : 0);
        if (count > 0) return true;
        if (count == 0 || errno != EINTR) return false;
    }
}

/// Who calls is the daemon, which has our user, or root.
void check_caller(int connection) {
    ucred caller{};
    socklen_t size = sizeof caller;
    if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &caller, &size) != 0) throw Refused{"the caller has no user"};
    if (caller.uid != ::geteuid() && caller.uid != 0) {
        throw Refused{"the caller is user " + std::to_string(caller.uid) + ", and only the daemon's (" +
                      std::to_string(::geteuid()) + ") may call"};
    }
}

/// One line without its end.
std::string read_line(int connection) {
    const auto until = Steady::now() + patience;
    std::string line;
    while (wait_readable(connection, until)) {
        char byte = 0;
        // One by one, so that nothing behind the line is taken; it is read once in the life of a process.
        const auto count = ::read(connection, &byte, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw Refused{"the caller hung up"};
        if (byte == '\n') return line;
        if (line.size() == longest_request)
            throw Refused{"the request is longer than " + std::to_string(longest_request) + " bytes"};
        line += byte;
    }
    throw Refused{"the caller said no whole line within 10 s"};
}

void say(int connection, const std::string& line) {
    if (::send(connection, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        throw Refused{"the caller hung up"};
}

void append_output_to(const fs::path& file) {
    const FileDescriptor log{::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640)};
    if (!log || ::dup2(log.get(), 1) < 0 || ::dup2(log.get(), 2) < 0)
        throw Refused{file.string() + " cannot be written: " + std::strerror(errno)};
}

std::string device_of(const fs::path& folder) {
    const auto file = folder / "lease.json";
    try {
        const auto lease = config::parse_json(read_whole_file(file));
        const auto* device = lease.find("device");
        if (device != nullptr && device->is_string()) return *device->as_string();
    } catch (const config::YamlError& error) {
        throw ConfigurationError{file.string() + ": " + error.what()};
    } catch (const InfrastructureError& error) {
        throw ConfigurationError{error.what()};
    }
    throw ConfigurationError{file.string() + " names no device"};
}

/// Never returns when it went well.
void serve(int connection, const UnitRules& rules) {
    check_caller(connection);
    auto arguments = read_unit_request(read_line(connection), rules);
    const auto folder = arguments.back();
    say(connection, "pid " + std::to_string(::getpid()) + "\n");
    // A daemon that died since it asked must not come back to a runner of which it knows nothing.
    if (read_line(connection) != "go") throw Refused{"the caller did not say go"};
    append_output_to(fs::path{folder} / "runner.log");
    std::error_code unknown;
    const auto program = fs::read_symlink("/proc/self/exe", unknown).string();
    arguments.insert(arguments.begin(), {program, "--answer-to", std::to_string(connection)});
    std::vector<char*> words;
    for (auto& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    ::execv(program.c_str(), words.data());
    ::execv("/proc/self/exe", words.data());  // that was replaced by another version meanwhile
    throw Refused{program + " cannot be started again: " + std::strerror(errno)};
}

}  // namespace

std::vector<std::string> read_unit_request(std::string_view line, const UnitRules& rules) {
    std::string run, name;
    try {
        config::Problems problems{"request"};
        const auto value = config::parse_json(line);
        config::MapReader map{value, "", problems};
        run = map.required<std::string>("run");
        name = map.required<std::string>("folder");
        map.finish();
        problems.raise_if_any();
    } catch (const config::YamlError& error) {
        throw ConfigurationError{std::string{"the request is no JSON: "} + error.what()};
    }
    if (run != "lease" && run != "make-safe")
        throw ConfigurationError{"the request says run '" + run + "'; there are lease and make-safe"};
    const fs::path folder{name};
    const auto number = folder.filename().string();
    // Compared as text: no "..", no second slash, no link leads anywhere else.
    if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos ||
        name != (rules.leases / number).string()) {
        throw ConfigurationError{"the folder '" + name + "' is no lease folder below " + rules.leases.string() +
                                 "; the daemon's state_dir and the unit's StateDirectory must be the same"};
    }
    struct stat status {};
    if (::lstat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
        throw ConfigurationError{name + " is no folder"};
    if (const auto device = device_of(folder); device != rules.device) {
        throw ConfigurationError{"the lease in " + name + " is of device " + device + ", and this is the unit of " +
                                 rules.device};
    }
    return {"--" + run, name};
}

void become_runner_of_unit(const UnitRules& rules) {
    const auto listening = passed_socket();
    if (!wait_readable(listening.get(), Steady::now() + patience)) return;
    // Stays open in the program that this one becomes.
    const FileDescriptor connection{::accept4(listening.get(), nullptr, nullptr, 0)};
    if (!connection) return;  // who called is gone
    std::string reason;
    try {
        serve(connection.get(), rules);
    } catch (const Refused& refused) {
        reason = refused.what();
    } catch (const ConfigurationError& error) {
        reason = describe(error);
    }
    for (auto& letter : reason) {
        if (static_cast<unsigned char>(letter) < ' ') letter = ' ';
    }
    spdlog::error("request refused device={} reason=\"{}\"", rules.device, reason);
    const auto answer = "refused: " + reason + "\n";
    ::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
}

UnitAnswer::UnitAnswer(int descriptor) {
    if (descriptor < 0) return;
    struct stat status {};
    if (::fstat(descriptor, &status) != 0 || !S_ISSOCK(status.st_mode)) return;
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);  // what the runner starts must not keep it open
    connection_ = FileDescriptor{descriptor};
}

void UnitAnswer::tell(int exit_code) const {
    const auto line = "exit " + std::to_string(exit_code) + "\n";
    if (connection_) ::send(connection_.get(), line.data(), line.size(), MSG_NOSIGNAL);
}

}  // namespace patchbay
