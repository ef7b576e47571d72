// SPDX-License-Identifier: Apache-2.0
#include "tests/support/iso_writer.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <stdexcept>

namespace patchbay::testing {
namespace {

void check(archive* image, int code) {
    if (code != ARCHIVE_OK) throw std::runtime_error{std::string{"ISO image: "} + archive_error_string(image)};
}

}  // namespace

void write_iso(const std::filesystem::path& file, const std::vector<IsoEntry>& entries, IsoNames names) {
    const std::unique_ptr<archive, decltype(&archive_write_free)> image{archive_write_new(), archive_write_free};
    check(image.get(), archive_write_set_format_iso9660(image.get()));
    if (names != IsoNames::rock_ridge) check(image.get(), archive_write_set_options(image.get(), "!rockridge"));
    if (names != IsoNames::joliet) check(image.get(), archive_write_set_options(image.get(), "!joliet"));
    check(image.get(), archive_write_open_filename(image.get(), file.c_str()));
    for (const auto& each : entries) {
        const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry{archive_entry_new(),
                                                                                  archive_entry_free};
        archive_entry_set_pathname(entry.get(), each.path.c_str());
        archive_entry_set_perm(entry.get(), 0644);
        archive_entry_set_filetype(entry.get(), each.link.empty() ? AE_IFREG : AE_IFLNK);
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(each.bytes.size()));
        if (!each.link.empty()) archive_entry_set_symlink(entry.get(), each.link.c_str());
        check(image.get(), archive_write_header(image.get(), entry.get()));
        archive_write_data(image.get(), each.bytes.data(), each.bytes.size());
    }
    check(image.get(), archive_write_close(image.get()));
}

}  // namespace patchbay::testing
