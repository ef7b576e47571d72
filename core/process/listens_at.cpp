// SPDX-License-Identifier: Apache-2.0
#include "core/process/listens_at.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// The links of the sockets that listen at the port: "socket:[4711]".
std::set<std::string> listening(const fs::path& process, unsigned short port) {
    constexpr auto listens = "0A";  // TCP_LISTEN
    std::set<std::string> found;
    for (const auto* table : {"net/tcp", "net/tcp6"}) {
        std::ifstream file{process / table};
        for (std::string line; std::getline(file, line);) {
            std::istringstream words{line};
            std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
            words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
            const auto colon = local.rfind(':');
            if (!words || state != listens || colon == std::string::npos) continue;
            if (std::stoul(local.substr(colon + 1), nullptr, 16) == port) found.insert("socket:[" + inode + "]");
        }
    }
    return found;
}

}  // namespace

bool listens_at(pid_t process, unsigned short port) {
    const auto folder = fs::path{"/proc"} / std::to_string(process);
    const auto sockets = listening(folder, port);
    std::error_code error;
    if (sockets.empty()) return false;
    for (fs::directory_iterator file{folder / "fd", error}, end; !error && file != end; file.increment(error)) {
        std::error_code closed;  // while we look
        if (sockets.contains(fs::read_symlink(file->path(), closed).string())) return true;
    }
    return false;
}

}  // namespace patchbay
