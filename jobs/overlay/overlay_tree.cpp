// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/overlay_tree.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "core/errors.hpp"
#include "jobs/download/cache.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// "lava-42/bin/x" of "/lava-42//bin/./x".
std::string clean(std::string_view path) {
    std::string result;
    while (!path.empty()) {
        const auto slash = path.find('/');
        const auto part = path.substr(0, slash);
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
        if (part.empty() || part == ".") continue;
        if (part == "..") throw JobError{"the overlay cannot hold '" + std::string{part} + "' in a path"};
        if (!result.empty()) result += '/';
        result += part;
    }
    return result;
}

unsigned permissions_of(const fs::path& file) {
    return static_cast<unsigned>(fs::symlink_status(file).permissions()) & 07777U;
}

/// Of folders that a target is likely to have.
unsigned usual_mode(std::string_view folder) {
    if (folder == "tmp" || folder == "var/tmp") return 01777;
    return folder == "root" ? 0700 : 0755;
}

}  // namespace

OverlayTree::Node& OverlayTree::insert(std::string_view path, Kind kind, unsigned mode) {
    const auto name = clean(path);
    if (name.empty()) throw JobError{"the overlay cannot hold a file without a name"};
    for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
        const auto above = name.substr(0, slash);
        const auto [found, is_new] = nodes_.try_emplace(above);
        auto& parent = found->second;
        if (is_new) {
            parent.mode = usual_mode(above);
            parent.implied = true;
            parent.ours = is_in_ours(above);
        }
        if (parent.kind != Kind::directory) {
            throw JobError{"the overlay cannot hold '" + name + "': '" + name.substr(0, slash) + "' is no folder"};
        }
    }
    auto& node = nodes_[name];
    if (kind != Kind::directory && node.kind == Kind::directory && nodes_.upper_bound(name) != nodes_.end() &&
        nodes_.upper_bound(name)->first.starts_with(name + "/")) {
        throw JobError{"the overlay cannot hold a file '" + name + "': it is a folder already"};
    }
    node = Node{};
    node.kind = kind;
    node.mode = mode;
    node.ours = is_in_ours(name);
    return node;
}

bool OverlayTree::is_in_ours(const std::string& name) const {
    const auto slash = name.rfind('/');
    if (slash == std::string::npos) return false;
    const auto parent = nodes_.find(name.substr(0, slash));
    return parent != nodes_.end() && parent->second.ours;
}

void OverlayTree::add_directory(std::string_view path, unsigned mode) {
    if (clean(path).empty()) return;  // the root is there
    const auto* existing = find(path);
    if (existing && existing->kind == Kind::directory && existing->ours) return;
    insert(path, Kind::directory, mode).ours = true;
}

void OverlayTree::add_file(std::string_view path, std::string text, unsigned mode) {
    auto& node = insert(path, Kind::file, mode);
    node.size = text.size();
    node.text = std::move(text);
}

void OverlayTree::add_symlink(std::string_view path, std::string target) {
    auto& node = insert(path, Kind::symlink, 0777);
    node.size = target.size();
    node.text = std::move(target);
}

void OverlayTree::add_host_file(std::string_view path, const fs::path& file, unsigned mode) {
    const auto size = fs::file_size(file);
    auto& node = insert(path, Kind::host_file, mode);
    node.host = file;
    node.size = size;
}

void OverlayTree::add_host_directory(std::string_view path, const fs::path& directory, const StopFlag& stop) {
    for (const auto& entry : fs::recursive_directory_iterator{directory}) {
        if (stop) throw Stopped{};
        // Not fs::relative(), which follows links: a link would get the name of what it points to.
        const auto name = std::string{path} + "/" + entry.path().lexically_relative(directory).string();
        if (entry.is_symlink()) {
            add_symlink(name, fs::read_symlink(entry.path()).string());
        } else if (entry.is_directory()) {
            insert(name, Kind::directory, permissions_of(entry.path()));
        } else if (entry.is_regular_file()) {
            add_host_file(name, entry.path(), permissions_of(entry.path()));
        }
    }
}

const OverlayTree::Node* OverlayTree::find(std::string_view path) const {
    const auto found = nodes_.find(clean(path));
    return found == nodes_.end() ? nullptr : &found->second;
}

std::string OverlayTree::read(std::string_view path) const {
    const auto* node = find(path);
    if (node && node->kind == Kind::file) return node->text;
    if (node && node->kind == Kind::host_file) {
        std::ifstream file{node->host, std::ios::binary};
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }
    throw std::out_of_range{"no file '" + std::string{path} + "' in the overlay"};
}

OverlayTree OverlayTree::below(std::string_view path) const {
    OverlayTree result;
    const auto prefix = clean(path) + "/";
    for (auto it = nodes_.lower_bound(prefix); it != nodes_.end() && it->first.starts_with(prefix); ++it) {
        result.nodes_.emplace(it->first.substr(prefix.size()), it->second);
    }
    return result;
}

std::uint64_t OverlayTree::size() const {
    std::uint64_t sum = 0;
    for (const auto& [path, node] : nodes_) sum += node.size;
    return sum;
}

void read_host_file(const OverlayTree::Node& node, const StopFlag& stop,
                    const std::function<void(std::string_view)>& sink) {
    std::ifstream file{node.host, std::ios::binary};
    std::vector<char> buffer(256 * 1024);
    auto left = node.size;
    bool longer = false;
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || file.gcount() > 0) {
        if (stop) throw Stopped{};
        const auto size = static_cast<std::size_t>(file.gcount());
        longer = size > left;
        if (longer) break;
        left -= size;
        sink({buffer.data(), size});
    }
    if (file.bad() || !file.is_open()) throw InfrastructureError{"cannot read '" + node.host.string() + "'"};
    if (longer || left != 0) {
        throw InfrastructureError{"'" + node.host.string() + "' changed while the overlay was written"};
    }
}

void write_folder(const OverlayTree& tree, const fs::path& folder, const StopFlag& stop) {
    std::error_code failed;
    const auto check = [&](const fs::path& path) {
        if (failed) throw InfrastructureError{"cannot write '" + path.string() + "': " + failed.message()};
    };
    fs::create_directories(folder, failed);
    check(folder);
    for (const auto& [path, node] : tree.nodes()) {
        if (stop) throw Stopped{};
        const auto target = folder / path;
        switch (node.kind) {
            case OverlayTree::Kind::directory:
                fs::create_directory(target, failed);
                break;
            case OverlayTree::Kind::symlink:
                fs::create_symlink(node.text, target, failed);
                break;
            case OverlayTree::Kind::host_file:
                copy_bytes(node.host, target, stop);
                break;
            case OverlayTree::Kind::file: {
                std::ofstream file{target, std::ios::binary | std::ios::trunc};
                if (!file.write(node.text.data(), static_cast<std::streamsize>(node.text.size())).flush()) {
                    failed = std::make_error_code(std::errc::io_error);
                }
                break;
            }
        }
        check(target);
        if (node.kind != OverlayTree::Kind::symlink) {
            fs::permissions(target, static_cast<fs::perms>(node.mode), failed);
            check(target);
        }
    }
}

}  // namespace patchbay
