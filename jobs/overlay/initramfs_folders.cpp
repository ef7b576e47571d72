// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/initramfs_folders.hpp"

#include <archive.h>
#include <archive_entry.h>

namespace patchbay {

std::unique_ptr<archive, int (*)(archive*)> initramfs_reader() {
    std::unique_ptr<archive, int (*)(archive*)> reader{archive_read_new(), archive_read_free};
    for (const auto support :
         {archive_read_support_filter_gzip, archive_read_support_filter_xz, archive_read_support_filter_lzma,
          archive_read_support_filter_bzip2, archive_read_support_filter_zstd, archive_read_support_filter_lz4}) {
        support(reader.get());  // not the filters that start programs
    }
    return reader;
}

std::set<std::string> folders_of_initramfs(const std::filesystem::path& initramfs, const StopFlag& stop) {
    std::set<std::string> folders;
    const auto reader = initramfs_reader();
    archive_read_support_format_cpio(reader.get());
    if (archive_read_open_filename(reader.get(), initramfs.c_str(), 256 * 1024) != ARCHIVE_OK) return folders;
    archive_entry* entry = nullptr;
    while (archive_read_next_header(reader.get(), &entry) >= ARCHIVE_WARN) {
        if (stop) throw Stopped{};
        const auto type = archive_entry_filetype(entry);
        const auto* path = archive_entry_pathname(entry);
        if (!path || (type != AE_IFDIR && type != AE_IFLNK)) continue;
        auto name = (std::filesystem::path{"/"} / path).lexically_normal().relative_path().string();
        if (name.ends_with('/')) name.pop_back();
        folders.insert(std::move(name));
    }
    return folders;
}

}  // namespace patchbay
