// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes an image to a disk and reads it back, a block at a time. The one place of this project that opens a disk for
// writing. Blocks, and for as long as the disk takes for a block: for a worker.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/process/file_descriptor.hpp"
#include "drivers/storage/disk.hpp"

namespace patchbay {

class DiskWriter {
public:
    static constexpr std::size_t block = 1 << 20;

    /// Opens both. The disk must still be the very one (`is_still_it` is asked after opening), whole, not in use
    /// (O_EXCL), writable, and as large as the image; and not larger than `most`, where that is given.
    /// `what` begins each message: "device imx8-01: storage: disk sdb at …".
    /// Throws: InfrastructureError; JobError for an image that is empty or too large. Nothing was written then.
    DiskWriter(const UsbDisk& disk, const std::filesystem::path& image, std::optional<std::int64_t> most,
               const std::function<bool()>& is_still_it, const std::filesystem::path& root, std::string what);

    std::int64_t size() const { return size_; }  ///< of the image

    /// The next block; returns how much of the image is written now. What is behind the image in its last sector
    /// becomes zero. Throws: InfrastructureError.
    std::int64_t write_next();
    /// Until the disk says that all of it is on the medium. Throws: as write_next().
    void sync();
    /// Reads the next block from the medium, past the kernel's cache; returns how much of it is as the image.
    /// Throws: InfrastructureError, also when it is not the same.
    std::int64_t compare_next();

private:
    struct Free {
        void operator()(char* memory) const;
    };
    using Block = std::unique_ptr<char, Free>;

    void open_disk(const UsbDisk& disk, const std::filesystem::path& root);
    void open_image(const std::filesystem::path& image);
    void check_size(std::optional<std::int64_t> most);
    /// The image from `at` on, filled up with zeros to whole sectors; returns how many bytes that are.
    std::size_t fetch(std::int64_t at);
    [[noreturn]] void throw_failed(const std::string& doing, int error) const;

    std::string what_;
    FileDescriptor disk_, image_;
    std::int64_t size_ = 0, written_ = 0, compared_ = 0;
    std::size_t sector_ = 512;
    Block ours_, theirs_;
};

}  // namespace patchbay
