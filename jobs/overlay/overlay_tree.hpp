// SPDX-License-Identifier: Apache-2.0
#pragma once
// Files for the target, before it is decided how they get there. All belong to root, times are 0: the same tree makes
// the same bytes.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "jobs/download/stop_flag.hpp"

namespace patchbay {

class OverlayTree {
public:
    enum class Kind { directory, file, host_file, symlink };
    struct Node {
        Kind kind = Kind::directory;
        unsigned mode = 0755;        ///< permission bits
        std::string text;            ///< of a file; the target of a symlink
        std::filesystem::path host;  ///< of a host_file: where its bytes are
        std::uint64_t size = 0;
        // Of a directory:
        bool implied = false;  ///< only there because something is below it, so its mode is a guess
        bool ours = false;     ///< the target has none of that name: made by add_directory(), or below such a one
    };

    /// Paths are relative to the target's root ("lava-42/bin/x"); a leading '/' is dropped. Parents are made.
    /// Throws: JobError for a path with ".." or one that passes through a file.
    void add_directory(std::string_view path, unsigned mode = 0755);
    void add_file(std::string_view path, std::string text, unsigned mode = 0644);
    void add_symlink(std::string_view path, std::string target);
    /// One file of this host; its bytes are read when the tree is written.
    void add_host_file(std::string_view path, const std::filesystem::path& file, unsigned mode = 0644);
    /// A folder of this host with all that is in it; links stay links. The target may have `path`, and folders of it.
    /// Throws: JobError, InfrastructureError, Stopped.
    void add_host_directory(std::string_view path, const std::filesystem::path& directory, const StopFlag& stop);

    const Node* find(std::string_view path) const;
    /// The text of a file or host file. Throws: std::out_of_range when there is none.
    std::string read(std::string_view path) const;
    /// Sorted by path, so that parents come before what is in them.
    const std::map<std::string, Node>& nodes() const { return nodes_; }
    /// What is below `path`, as a tree of its own.
    OverlayTree below(std::string_view path) const;
    /// Bytes of all files.
    std::uint64_t size() const;

private:
    Node& insert(std::string_view path, Kind kind, unsigned mode);
    bool is_in_ours(const std::string& name) const;
    std::map<std::string, Node> nodes_;
};

/// The bytes of a host file, in pieces. Throws: InfrastructureError (it cannot be read, or its size is another one
/// now), Stopped, what `sink` throws.
void read_host_file(const OverlayTree::Node& node, const StopFlag& stop,
                    const std::function<void(std::string_view)>& sink);

/// Makes the tree in a folder of this host. Throws: InfrastructureError, Stopped.
void write_folder(const OverlayTree& tree, const std::filesystem::path& folder, const StopFlag& stop);

}  // namespace patchbay
