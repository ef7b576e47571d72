// SPDX-License-Identifier: Apache-2.0
#include "core/process/cgroup.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

namespace patchbay {
namespace {

namespace fs = std::filesystem;

// Deeper trees belong to containers inside of containers; ours lies at most one level below a service's group.
constexpr int search_depth = 8;

/// One mounted hierarchy: where, and the group there that we are in.
struct Hierarchy {
    fs::path mount;
    fs::path own;
};

/// Best first: the unified one, then freezer, then pids.
std::vector<Hierarchy> hierarchies() {
    std::vector<std::pair<std::string, fs::path>> groups;  // controllers ("" is the unified hierarchy), own group
    std::ifstream own{"/proc/self/cgroup"};
    for (std::string line; std::getline(own, line);) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (second == std::string::npos) continue;
        groups.emplace_back(line.substr(first + 1, second - first - 1), line.substr(second + 1));
    }
    std::vector<std::pair<int, Hierarchy>> ranked;
    std::ifstream mounts{"/proc/self/mounts"};
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream words{line};
        std::string device, folder, type, options;
        words >> device >> folder >> type >> options;
        const auto has = [&options](const std::string& name) {
            return ("," + options + ",").find("," + name + ",") != std::string::npos;
        };
        std::string controller;
        int rank = 0;
        if (type == "cgroup" && has("freezer")) {
            controller = "freezer", rank = 1;
        } else if (type == "cgroup" && has("pids")) {
            controller = "pids", rank = 2;
        } else if (type != "cgroup2") {
            continue;
        }
        for (const auto& [controllers, group] : groups) {
            const bool ours = controller.empty()
                                  ? controllers.empty()
                                  : ("," + controllers + ",").find("," + controller + ",") != std::string::npos;
            if (!ours) continue;
            ranked.emplace_back(rank, Hierarchy{folder, fs::path{folder} / group.relative_path()});
        }
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Hierarchy> sorted;
    for (auto& [rank, hierarchy] : ranked) sorted.push_back(std::move(hierarchy));
    return sorted;
}

std::vector<fs::path> folders_below(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
        std::error_code gone;
        if (entry->is_directory(gone)) found.push_back(entry->path());
    }
    return found;
}

void search(const fs::path& folder, const std::string& name, int depth, std::vector<fs::path>& found) {
    for (const auto& below : folders_below(folder)) {
        if (below.filename() == name) {
            found.push_back(below);
        } else if (depth > 0) {
            search(below, name, depth - 1, found);
        }
    }
}

void collect(const fs::path& folder, std::vector<pid_t>& members) {
    std::ifstream list{folder / "cgroup.procs"};
    for (pid_t pid = 0; list >> pid;) members.push_back(pid);
    for (const auto& below : folders_below(folder)) collect(below, members);
}

FileDescriptor open_folder(const fs::path& folder) {
    return FileDescriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

/// Is what was opened still what `folder` names?
bool is_at(const FileDescriptor& opened, const fs::path& folder) {
    struct stat now = {};
    struct stat then = {};
    return ::fstat(opened.get(), &then) == 0 && ::stat(folder.c_str(), &now) == 0 && now.st_ino == then.st_ino &&
           now.st_dev == then.st_dev;
}

void remove_tree(const fs::path& folder) {
    for (const auto& below : folders_below(folder)) remove_tree(below);
    ::rmdir(folder.c_str());
}

}  // namespace

std::optional<Cgroup> Cgroup::make(const std::string& name) {
    for (const auto& hierarchy : hierarchies()) {
        const auto folder = hierarchy.own / name;
        // Again when remove_abandoned() came between the two steps.
        for (int tries = 0; tries < 10; ++tries) {
            const bool made = ::mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST;
            if (!made || ::access((folder / "cgroup.procs").c_str(), W_OK) != 0) break;
            auto owned = open_folder(folder);
            ::flock(owned.get(), LOCK_SH);
            if (is_at(owned, folder)) return Cgroup{folder, std::move(owned)};
        }
    }
    return std::nullopt;
}

std::vector<Cgroup> Cgroup::find(const std::string& name) {
    std::vector<Cgroup> found;
    for (const auto& hierarchy : hierarchies()) {
        std::vector<fs::path> folders;
        search(hierarchy.mount, name, search_depth, folders);
        for (auto& folder : folders) found.push_back(Cgroup{std::move(folder)});
    }
    return found;
}

void Cgroup::remove_abandoned(const std::string& prefix) {
    for (const auto& hierarchy : hierarchies()) {
        for (const auto& folder : folders_below(hierarchy.own)) {
            if (!folder.filename().string().starts_with(prefix)) continue;
            const auto lock = open_folder(folder);
            if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) remove_tree(folder);
        }
    }
}

std::vector<pid_t> Cgroup::members() const {
    std::vector<pid_t> members;
    collect(folder_, members);
    return members;
}

void Cgroup::kill() const {
    std::ofstream all{folder_ / "cgroup.kill"};  // the unified hierarchy from Linux 5.14: atomic, no fork escapes
    if (all && all << "1" << std::flush) return;
    for (const auto pid : members()) ::kill(pid, SIGKILL);
}

void Cgroup::remove() const { remove_tree(folder_); }

}  // namespace patchbay
