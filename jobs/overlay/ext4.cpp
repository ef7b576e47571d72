// SPDX-License-Identifier: Apache-2.0
// e2fsprogs writes file systems without mounts and without root rights.
#include <openssl/rand.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "core/errors.hpp"
#include "core/process/run_command.hpp"
#include "jobs/download/cache.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// A version 4 UUID.
std::string random_uuid() {
    unsigned char b[16];
    if (RAND_bytes(b, sizeof b) != 1) throw InfrastructureError{"no random numbers for a file system's UUID"};
    b[6] = static_cast<unsigned char>((b[6] & 0x0fU) | 0x40U);
    b[8] = static_cast<unsigned char>((b[8] & 0x3fU) | 0x80U);
    char text[37];
    std::snprintf(text, sizeof text, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
                  b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return text;
}

/// libss, which reads debugfs scripts, wants quotes doubled; it has no other escape.
std::string quoted(const std::string& text) {
    if (text.find('\n') != std::string::npos) {
        throw JobError{"a file name of the overlay holds a line break, which debugfs cannot write"};
    }
    std::string result = "\"";
    for (const char c : text) result += c == '"' ? std::string{"\"\""} : std::string{c};
    return result + "\"";
}

/// Removed again when it goes.
struct Scratch {
    explicit Scratch(fs::path folder_) : folder{std::move(folder_)} { fs::create_directories(folder); }
    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    fs::path folder;
};

Command tool(std::vector<std::string> argv) {
    Command command;
    command.argv = std::move(argv);
    // The tools live in sbin, which a service's PATH may lack; messages are parsed, so they must be English.
    const char* path = ::getenv("PATH");
    command.environment["PATH"] = std::string{path ? path : "/usr/bin:/bin"} + ":/usr/sbin:/sbin";
    command.environment["LC_ALL"] = "C";
    return command;
}

/// Gives everything in the image to root: mke2fs keeps the owner of the files it copied.
std::string ownership_script(const OverlayTree& tree) {
    std::string script;
    for (const auto& [path, node] : tree.nodes()) {
        const auto name = quoted("/" + path);
        script += "sif " + name + " uid 0\nsif " + name + " gid 0\n";
    }
    return script;
}

/// "cd" into a folder of the image. The dot makes debugfs follow a last component that is a link (/lib of a system
/// whose /usr is merged), and complain when it is a file.
std::string enter(const std::string& folder) {
    return "cd " + quoted("/" + folder + (folder.empty() ? "" : "/.")) + "\n";
}

/// Adds every node; what is there already is replaced. `write` only takes names of the current folder.
std::string write_script(const OverlayTree& tree, const fs::path& folder) {
    std::string script;
    for (const auto& [path, node] : tree.nodes()) {
        const auto slash = path.rfind('/');
        const auto parent = slash == std::string::npos ? std::string{} : path.substr(0, slash);
        const auto name = quoted(slash == std::string::npos ? path : path.substr(slash + 1));
        script += enter(parent);
        char mode[16];
        if (node.kind == OverlayTree::Kind::directory) {
            script += "mkdir " + name + "\n" + enter(path);
            continue;
        }
        script += "rm " + name + "\n";
        if (node.kind == OverlayTree::Kind::symlink) {
            script += "symlink " + name + " " + quoted(node.text) + "\n";
            continue;
        }
        std::snprintf(mode, sizeof mode, "0100%03o", node.mode & 07777U);
        script += "write " + quoted((folder / path).string()) + " " + name + "\nsif " + name + " mode " + mode +
                  "\nsif " + name + " uid 0\nsif " + name + " gid 0\n";
    }
    return script;
}

/// debugfs goes on after a failed command and ends with 0; its messages tell.
bool is_failure(std::string_view line) {
    if (line.starts_with("debugfs:") || line.starts_with("debugfs ") || line.starts_with("Allocated inode:"))
        return false;
    if (line.starts_with("rm:") && line.find("not found") != std::string_view::npos) return false;
    // The library says it, then the command; whether it is a folder, the "cd" after it finds out.
    if ((line.starts_with("mkdir:") || line.starts_with("ext2fs_mkdir:")) &&
        line.find("already exists") != std::string_view::npos) {
        return false;
    }
    return !line.empty();
}

Task<> run_debugfs(std::string image, std::string script, fs::path file, Deadline deadline) {
    {
        std::ofstream stream{file};
        if (!(stream << script).flush()) throw InfrastructureError{"cannot write '" + file.string() + "'"};
    }
    std::string failure;
    auto on_line = [&failure](std::string_view line) {
        if (failure.empty() && is_failure(line)) failure = line;
    };
    auto command = tool({"debugfs", "-w", "-f", file.string(), image});
    const auto result = co_await run_command(std::move(command), on_line, deadline);
    if (!failure.empty() || !result.ok()) {
        // Without room for more files, or for what is in them.
        const auto* advice = failure.find("Could not allocate") == std::string::npos
                                 ? ""
                                 : "; its file system is full: make it larger, or the job's test repositories smaller";
        throw JobError{"cannot write the overlay into '" + image + "': " +
                       (failure.empty() ? "debugfs ended with " + std::to_string(result.exit_code) : failure) + advice};
    }
}

}  // namespace

Task<std::string> write_ext2(asio::thread_pool& workers, OverlayTree tree, fs::path image, std::uint64_t bytes,
                             fs::path scratch, Deadline deadline) {
    const Scratch folder{scratch};
    const auto root = folder.folder / "root";
    auto write = [&tree, &root](const StopFlag& stop) {
        write_folder(tree, root, stop);
        return true;
    };
    co_await interruptible(workers, std::move(write));
    auto uuid = random_uuid();
    // Few inodes: writing their tables is what takes time.
    const auto inodes = std::to_string(tree.nodes().size() * 2 + 4096);
    auto command = tool({"mke2fs", "-q", "-F", "-t", "ext2", "-L", "LAVA", "-U", uuid, "-m", "0", "-N", inodes, "-E",
                         "root_owner=0:0,nodiscard,lazy_itable_init=1", "-d", root.string(), image.string(),
                         std::to_string(bytes / 1024) + "k"});
    {
        std::ofstream file{image, std::ios::binary | std::ios::trunc};
        if (!file) throw InfrastructureError{"cannot write '" + image.string() + "'"};
    }
    fs::resize_file(image, bytes);
    const auto output = co_await capture_command(std::move(command), deadline);
    if (output.exit_code != 0) {
        throw InfrastructureError{"mke2fs could not make the drive of the overlay: " + output.text};
    }
    if (::geteuid() != 0) {
        auto script = ownership_script(tree);
        co_await run_debugfs(image.string(), std::move(script), folder.folder / "owners", deadline);
    }
    co_return uuid;
}

Task<> write_into_ext4(asio::thread_pool& workers, fs::path image, std::uint64_t offset, OverlayTree tree,
                       fs::path scratch, Deadline deadline) {
    const Scratch folder{scratch};
    const auto root = folder.folder / "root";
    auto write = [&tree, &root, &image](const StopFlag& stop) {
        make_private(image, stop);
        write_folder(tree, root, stop);
        return true;
    };
    co_await interruptible(workers, std::move(write));
    auto script = write_script(tree, root);
    auto target = image.string();
    if (offset != 0) target += "?offset=" + std::to_string(offset);
    co_await run_debugfs(std::move(target), std::move(script), folder.folder / "script", deadline);
}

}  // namespace patchbay
