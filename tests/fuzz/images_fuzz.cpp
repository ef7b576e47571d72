// SPDX-License-Identifier: Apache-2.0
// The bytes of an image or archive of a stranger. The first byte says what they are taken for. Whatever they are, the
// answer is a file or a JobError, nothing is written outside the folder, and a refused image is left as it was.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "core/errors.hpp"
#include "jobs/download/archive.hpp"
#include "jobs/overlay/android_sparse.hpp"
#include "jobs/overlay/initramfs.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace {

namespace fs = std::filesystem;
using namespace patchbay;

struct Folder {
    fs::path path;
    Folder() {
        // Memory, where there is a file system for it: a disk would be what is measured.
        std::string name =
            (fs::is_directory("/dev/shm") ? "/dev/shm" : fs::temp_directory_path().string()) + "/fuzzXXXXXX";
        if (!::mkdtemp(name.data())) std::abort();
        path = name;
    }
    ~Folder() { fs::remove_all(path); }
};

std::string read(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

OverlayTree small_tree() {
    OverlayTree tree;
    tree.add_file("lava-1/run", "#!/bin/sh\n", 0755);
    return tree;
}

void take(char kind, const fs::path& root, const UnpackOptions& options) {
    const StopFlag stop{false};
    const auto file = root / "in/file";
    if (kind >= 0x7c) {
        auto whole = options;
        whole.shown = "it";
        make_appendable(file, kind & 1 ? UBootHeader::present : UBootHeader::absent, whole, stop);
        return;
    }
    switch (kind % 7) {
        case 0:
            fs::create_directory(root / "in/out");
            extract_archive(file, root / "in/out", options, stop);
            break;
        case 1:
            append_to_tar(file, small_tree(), stop);
            break;
        case 2:
            for (unsigned index : {0U, 1U, 3U, 200U}) partition_offset(file, index);
            break;
        case 3:
            expand_sparse(file, root / "in/image", options.limits, stop);
            if (fs::file_size(root / "in/image") > options.limits.bytes) std::abort();
            break;
        default:
            constexpr const char* compressions[] = {"gz", "xz", "bz2", "zstd"};
            if (decompress_file(file, root / "in/plain", compressions[kind % 4], options, stop) >
                options.limits.bytes) {
                std::abort();
            }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    const Folder folder;
    fs::create_directory(folder.path / "in");
    std::ofstream{folder.path / "in/file", std::ios::binary} << bytes;
    UnpackOptions options;
    options.limits.bytes = 1 << 20;
    options.limits.entries = 100;
    const auto kind = static_cast<char>(data[0] & 0x7fU);
    try {
        take(kind, folder.path, options);
    } catch (const JobError&) {
        if (kind % 7 == 1 && read(folder.path / "in/file") != bytes) std::abort();
    }
    for (const auto& entry : fs::directory_iterator{folder.path}) {
        if (entry.path().filename() != "in") std::abort();
    }
    return 0;
}
