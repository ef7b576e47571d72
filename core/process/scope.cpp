// SPDX-License-Identifier: Apache-2.0
#include "core/process/scope.hpp"

#include <dirent.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"

namespace patchbay {
namespace {

constexpr auto look_interval = 5ms;
const std::string group_prefix = "patchbay-lease-";

/// A field of /proc/<pid>/stat, counted behind the name in brackets: 0 is the state, 1 the parent.
std::string stat_field(pid_t pid, int index) {
    std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
    std::ostringstream all;
    all << file.rdbuf();  // an iterator would throw when the process ends meanwhile
    const auto text = std::move(all).str();
    std::size_t at = text.rfind(')');
    if (at == std::string::npos) return {};
    at += 2;
    while (index-- > 0) at = text.find(' ', at) + 1;
    return text.substr(at, text.find(' ', at) - at);
}

/// We, our parent, its parent: whoever cleans up may itself run under the lease.
std::vector<pid_t> ourselves() {
    std::vector<pid_t> line;
    for (pid_t pid = ::getpid(); pid > 1 && line.size() < 64;) {
        line.push_back(pid);
        const auto parent = stat_field(pid, 1);
        pid = 0;
        std::from_chars(parent.data(), parent.data() + parent.size(), pid);
    }
    return line;
}

bool is_marked(pid_t pid, const std::string& mark) {
    std::ifstream file{"/proc/" + std::to_string(pid) + "/environ"};
    std::string variable;
    while (std::getline(file, variable, '\0')) {
        if (variable == mark) return true;
    }
    return false;
}

pid_t session_of(pid_t pid) {
    const auto text = stat_field(pid, 3);
    pid_t session = 0;
    std::from_chars(text.data(), text.data() + text.size(), session);
    return session;
}

bool contains(const std::vector<pid_t>& pids, pid_t pid) {
    return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

std::vector<pid_t> all_processes() {
    std::vector<pid_t> found;
    std::unique_ptr<DIR, int (*)(DIR*)> proc{::opendir("/proc"), ::closedir};
    while (const auto* entry = proc ? ::readdir(proc.get()) : nullptr) {
        const std::string_view name{entry->d_name};
        pid_t pid = 0;
        const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (parsed.ec == std::errc{} && parsed.ptr == name.data() + name.size()) found.push_back(pid);
    }
    return found;
}

/// Finds what belongs to a lease, again and again.
class Search {
public:
    Search(std::string mark, std::string group) : mark_{std::move(mark)}, group_{std::move(group)} {}

    std::vector<pid_t> look() {
        std::vector<pid_t> found;
        const auto processes = all_processes();
        for (const auto pid : processes) {
            if (contains(spared_, pid) || !is_marked(pid, mark_)) continue;
            found.push_back(pid);
            // Every child leads a session of its own: who shares it came from there, also with another environment.
            if (session_of(pid) == pid && !contains(sessions_, pid)) sessions_.push_back(pid);
        }
        if (!sessions_.empty())
            for (const auto pid : processes)
                if (!contains(spared_, pid) && contains(sessions_, session_of(pid)) && !is_zombie(pid))
                    found.push_back(pid);
        for (const auto& group : Cgroup::find(group_)) {
            const auto inside = group.members();
            found.insert(found.end(), inside.begin(), inside.end());
        }
        std::erase_if(found, [this](pid_t pid) { return contains(spared_, pid); });
        std::sort(found.begin(), found.end());
        found.erase(std::unique(found.begin(), found.end()), found.end());
        return found;
    }

    /// A number may be given to another process between looking and killing; a pidfd cannot.
    void kill(pid_t pid) const {
        FileDescriptor process{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
        if (process && (is_marked(pid, mark_) || contains(sessions_, session_of(pid))))
            ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
    }

    const std::vector<pid_t>& spared() const { return spared_; }

private:
    static bool is_zombie(pid_t pid) {
        const auto state = stat_field(pid, 0);
        return state.empty() || state == "Z" || state == "X";
    }

    std::string mark_;
    std::string group_;
    std::vector<pid_t> spared_ = ourselves();
    std::vector<pid_t> sessions_;  ///< also of leaders that have ended since
};

std::string names(const std::vector<pid_t>& pids) {
    std::string text;
    for (const auto pid : pids) {
        std::string name;
        std::ifstream file{"/proc/" + std::to_string(pid) + "/comm"};
        std::getline(file, name);
        text += (text.empty() ? "" : ", ") + std::to_string(pid) + " (" + name + ", state " + stat_field(pid, 0) + ")";
    }
    return text;
}

bool is_token(const std::string& token) {
    const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-'; };
    return !token.empty() && token.size() <= 200 && std::all_of(token.begin(), token.end(), allowed);
}

}  // namespace

ProcessScope::ProcessScope(std::string token) : token_{std::move(token)}, group_name_{group_prefix + token_} {
    if (!is_token(token_)) throw LavaBug{"'" + token_ + "' is no lease token: letters, digits, '.', '_', '-'"};
}

ProcessScope::~ProcessScope() {
    if (group_) group_->remove();
}

void ProcessScope::admit(Command& command) {
    if (!tried_group_) {
        tried_group_ = true;
        Cgroup::remove_abandoned(group_prefix);  // of leases whose runner was killed
        group_ = Cgroup::make(group_name_);
        spdlog::debug("children are tracked lease={} group={}", token_,
                      group_ ? group_->folder().string() : "none, by environment only");
    }
    command.environment[marker] = token_;
    if (group_) command.cgroups.push_back(group_->folder().string());
}

std::vector<pid_t> ProcessScope::members() const { return Search{mark(), group_name_}.look(); }

std::string ProcessScope::mark() const { return std::string{marker} + "=" + token_; }

Task<> ProcessScope::kill_all(Clock::duration limit) {
    const auto deadline = Deadline::in(limit);
    Search search{mark(), group_name_};
    for (int clean_looks = 0; clean_looks < 2;) {
        // A second look, because a fork may land on a number that the first had already passed.
        const auto left = search.look();
        clean_looks = left.empty() ? clean_looks + 1 : 0;
        if (left.empty()) continue;
        if (deadline.passed()) {
            throw InfrastructureError{"processes of lease " + token_ + " survived KILL: " + names(left) +
                                      "; a process in state D waits for its hardware or file system"};
        }
        for (const auto& group : Cgroup::find(group_name_)) {
            auto inside = group.members();
            const auto all = inside.size();
            std::erase_if(inside, [&search](pid_t pid) { return contains(search.spared(), pid); });
            if (inside.size() == all) {
                group.kill();
            } else {
                for (const auto pid : inside) ::kill(pid, SIGKILL);
            }
        }
        for (const auto pid : left) search.kill(pid);
        co_await sleep_for(look_interval);
    }
    for (const auto& group : Cgroup::find(group_name_)) group.remove();
    tried_group_ = false;
    group_.reset();
}

namespace {
ProcessScope* scope_of_all = nullptr;
}

AdmitAll::AdmitAll(ProcessScope& scope) : outer_{std::exchange(scope_of_all, &scope)} {}

AdmitAll::~AdmitAll() { scope_of_all = outer_; }

void AdmitAll::admit(Command& command) {
    if (scope_of_all) scope_of_all->admit(command);
}

}  // namespace patchbay
