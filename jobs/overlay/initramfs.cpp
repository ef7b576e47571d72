// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/initramfs.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <fstream>
#include <vector>

#include "core/errors.hpp"
#include "jobs/download/cache.hpp"
#include "jobs/overlay/initramfs_folders.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view lz4_old{"\x02\x21\x4c\x18", 4};
constexpr std::string_view lzop{"\x89LZO", 4};
constexpr std::string_view uimage{"\x27\x05\x19\x56", 4};
constexpr std::uintmax_t uimage_header = 64;  // struct legacy_img_hdr (u-boot, include/image.h)

std::string first_bytes(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    char bytes[4] = {};
    in.read(bytes, sizeof bytes);
    return {bytes, static_cast<std::size_t>(in.gcount())};
}

/// The bytes from `from` on, in the place of the file.
void cut(const fs::path& file, std::uintmax_t from, const StopFlag& stop) {
    const fs::path rest{file.string() + ".rest"};
    std::ifstream in{file, std::ios::binary};
    std::ofstream out{rest, std::ios::binary | std::ios::trunc};
    in.seekg(static_cast<std::streamoff>(from));
    std::vector<char> buffer(256 * 1024);
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
        if (stop) throw Stopped{};
        out.write(buffer.data(), in.gcount());
    }
    out.close();
    if (!out) throw InfrastructureError{"cannot write '" + rest.string() + "'; " + std::string{free_space_hint}};
    fs::rename(rest, file);
}

/// Libarchive reads LZ4 in both forms; "raw" hands the bytes on as they are.
void decompress_lz4(const fs::path& file, const UnpackOptions& options, const StopFlag& stop) {
    const auto reader = initramfs_reader();
    archive_read_support_format_raw(reader.get());
    archive_entry* entry = nullptr;
    const fs::path plain{file.string() + ".plain"};
    std::ofstream out{plain, std::ios::binary | std::ios::trunc};
    bool good = archive_read_open_filename(reader.get(), file.c_str(), 256 * 1024) == ARCHIVE_OK &&
                archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK;
    std::vector<char> buffer(256 * 1024);
    std::uint64_t total = 0;
    while (good) {
        if (stop) throw Stopped{};
        const auto size = archive_read_data(reader.get(), buffer.data(), buffer.size());
        if (size <= 0) {
            good = size == 0;
            break;
        }
        total += static_cast<std::uint64_t>(size);
        if (total > options.limits.bytes) {
            throw JobError{"'" + options.shown + "' is too large when unpacked: " + options.limits.bytes_text()};
        }
        out.write(buffer.data(), size);
    }
    if (!good) throw JobError{"cannot decompress '" + options.shown + "': its lz4 data is broken"};
    out.close();
    if (!out) throw InfrastructureError{"cannot write '" + plain.string() + "'; " + std::string{free_space_hint}};
    fs::rename(plain, file);
}

void check_cpio(const fs::path& file, const UnpackOptions& options) {
    if (first_bytes(file) == lzop) return;  // the kernel reads it, libarchive may not
    const auto reader = initramfs_reader();
    archive_read_support_format_cpio(reader.get());
    archive_entry* entry = nullptr;
    const bool opened = archive_read_open_filename(reader.get(), file.c_str(), 256 * 1024) == ARCHIVE_OK;
    const int code = opened ? archive_read_next_header(reader.get(), &entry) : ARCHIVE_FATAL;
    const bool cpio = (archive_format(reader.get()) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_CPIO;
    if ((code == ARCHIVE_EOF || code >= ARCHIVE_WARN) && cpio) return;
    throw JobError{"'" + options.shown +
                   "' is no initial ramdisk that files can be put into: it must be a cpio archive, compressed or not; "
                   "with 'install_modules: false' and 'install_overlay: false' it is used as it is"};
}

}  // namespace

void make_appendable(const fs::path& ramdisk, UBootHeader header, const UnpackOptions& options, const StopFlag& stop) {
    if (header == UBootHeader::present) {
        if (first_bytes(ramdisk) != uimage || fs::file_size(ramdisk) < uimage_header) {
            throw JobError{"'" + options.shown + "' does not begin with U-Boot's header; leave out 'header: u-boot'"};
        }
        cut(ramdisk, uimage_header, stop);
    }
    if (first_bytes(ramdisk) == lz4_old) decompress_lz4(ramdisk, options, stop);
    check_cpio(ramdisk, options);
}

}  // namespace patchbay
