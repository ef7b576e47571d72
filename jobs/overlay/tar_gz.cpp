// SPDX-License-Identifier: Apache-2.0
#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>

#include "core/errors.hpp"
#include "jobs/overlay/overlay_formats.hpp"
#include "jobs/overlay/tar_bytes.hpp"

namespace patchbay {
namespace {

using Sink = std::function<bool(std::string_view)>;

/// Where the bytes go, until the archive is given up.
struct Output {
    const Sink& sink;
    bool given_up = false;
};

la_ssize_t hand_on(archive*, void* data, const void* bytes, std::size_t size) {
    const auto& output = *static_cast<const Output*>(data);
    const std::string_view text{static_cast<const char*>(bytes), size};
    return !output.given_up && output.sink(text) ? static_cast<la_ssize_t>(size) : -1;
}

void check(archive* writer, la_ssize_t code) {
    if (code < ARCHIVE_OK && code != ARCHIVE_WARN) {
        const auto* why = archive_error_string(writer);
        throw InfrastructureError{std::string{"cannot write the overlay as a tar archive: "} +
                                  (why ? why : "disk full?")};
    }
}

/// What was not closed is given up: libarchive wants to fill the rest of a file with zeros first, and finds that nobody
/// takes them. (archive_write_fail would say it sooner, but then its gzip filter is never freed.)
struct Close {
    Output* output;
    void operator()(archive* writer) const {
        output->given_up = true;
        archive_write_free(writer);
    }
};

void write_body(archive* writer, const OverlayTree::Node& node, const StopFlag& stop) {
    read_host_file(node, stop, [writer](std::string_view piece) {
        check(writer, archive_write_data(writer, piece.data(), piece.size()));
    });
}

}  // namespace

void write_tar(const OverlayTree& tree, bool gzip, const Sink& sink, const StopFlag& stop) {
    Output output{sink};
    const std::unique_ptr<archive, Close> holder{archive_write_new(), Close{&output}};
    auto* writer = holder.get();
    check(writer, archive_write_set_format_gnutar(writer));
    check(writer, archive_write_set_bytes_in_last_block(writer, 1));
    if (gzip) {
        check(writer, archive_write_add_filter_gzip(writer));
        check(writer, archive_write_set_filter_option(writer, "gzip", "compression-level", "1"));
        check(writer, archive_write_set_filter_option(writer, "gzip", "timestamp", nullptr));
    }
    check(writer, archive_write_open(writer, &output, nullptr, hand_on, nullptr));
    for (const auto& [path, node] : tree.nodes()) {
        if (stop) throw Stopped{};
        if (node.implied) continue;  // who unpacks makes it when it is missing, and leaves it as it is when not
        const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry{archive_entry_new(),
                                                                                  archive_entry_free};
        archive_entry_set_pathname(entry.get(), path.c_str());
        archive_entry_set_mtime(entry.get(), 0, 0);
        archive_entry_set_uname(entry.get(), "root");
        archive_entry_set_gname(entry.get(), "root");
        archive_entry_set_perm(entry.get(), static_cast<mode_t>(node.mode));
        switch (node.kind) {
            case OverlayTree::Kind::directory:
                archive_entry_set_filetype(entry.get(), AE_IFDIR);
                break;
            case OverlayTree::Kind::symlink:
                archive_entry_set_filetype(entry.get(), AE_IFLNK);
                archive_entry_set_symlink(entry.get(), node.text.c_str());
                break;
            case OverlayTree::Kind::file:
            case OverlayTree::Kind::host_file:
                archive_entry_set_filetype(entry.get(), AE_IFREG);
                archive_entry_set_size(entry.get(), static_cast<la_int64_t>(node.size));
                break;
        }
        check(writer, archive_write_header(writer, entry.get()));
        if (node.kind == OverlayTree::Kind::file) {
            check(writer, archive_write_data(writer, node.text.data(), node.text.size()));
        } else if (node.kind == OverlayTree::Kind::host_file) {
            write_body(writer, node, stop);
        }
    }
    check(writer, archive_write_close(writer));
}

void write_tar_gz(const OverlayTree& tree, const std::filesystem::path& path, const StopFlag& stop) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    if (!file) throw InfrastructureError{"cannot write '" + path.string() + "'"};
    const Sink sink = [&file](std::string_view bytes) {
        return static_cast<bool>(file.write(bytes.data(), static_cast<std::streamsize>(bytes.size())));
    };
    write_tar(tree, true, sink, stop);
    if (!file.flush()) throw InfrastructureError{"cannot write '" + path.string() + "': is the disk full?"};
}

}  // namespace patchbay
