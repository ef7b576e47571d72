// SPDX-License-Identifier: Apache-2.0
#include "jobs/download/compressor.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <exception>
#include <fstream>
#include <vector>

#include "core/errors.hpp"
#include "jobs/download/cache.hpp"

namespace patchbay {
namespace {

struct Filter {
    std::string_view name;
    int (*add)(archive*);
    const char* module;
    const char* level;
};

constexpr std::array filters{
    Filter{"gz", archive_write_add_filter_gzip, "gzip", "3"},
    Filter{"xz", archive_write_add_filter_xz, "xz", "1"},
    Filter{"bz2", archive_write_add_filter_bzip2, "bzip2", "5"},
    Filter{"zstd", archive_write_add_filter_zstd, "zstd", "3"},
    Filter{"lzma", archive_write_add_filter_lzma, "lzma", "3"},
};

const Filter* filter_of(std::string_view compression) {
    for (const auto& filter : filters) {
        if (filter.name == compression) return &filter;
    }
    return nullptr;
}

}  // namespace

struct Compressor::State {
    Sink sink;
    archive* writer = archive_write_new();
    archive_entry* entry = archive_entry_new();
    std::exception_ptr failure;  // none may cross libarchive

    static la_ssize_t hand_on(archive*, void* self, const void* bytes, std::size_t size) {
        auto& state = *static_cast<State*>(self);
        if (state.failure) return -1;
        try {
            state.sink({static_cast<const char*>(bytes), size});
        } catch (...) {
            state.failure = std::current_exception();
        }
        return state.failure ? -1 : static_cast<la_ssize_t>(size);
    }
    ~State() {
        archive_entry_free(entry);
        if (!failure) sink = [](std::string_view) {};  // given up: what it still has goes nowhere
        archive_write_free(writer);
    }
};

bool can_compress(const std::string& compression) { return filter_of(compression) != nullptr; }

Compressor::Compressor(const std::string& compression, Sink sink) : state_{std::make_unique<State>()} {
    state_->sink = std::move(sink);
    const auto* filter = filter_of(compression);
    if (!filter) throw LavaBug{"no compression '" + compression + "'"};
    auto* writer = state_->writer;
    check(archive_write_set_format_raw(writer));
    check(archive_write_set_bytes_in_last_block(writer, 1));
    check(filter->add(writer));
    check(archive_write_set_filter_option(writer, filter->module, "compression-level", filter->level));
    if (compression == "gz") check(archive_write_set_filter_option(writer, "gzip", "timestamp", nullptr));
    check(archive_write_open(writer, state_.get(), nullptr, State::hand_on, nullptr));
    archive_entry_set_filetype(state_->entry, AE_IFREG);
    archive_entry_set_pathname(state_->entry, "data");
    check(archive_write_header(writer, state_->entry));
}

Compressor::~Compressor() = default;

void Compressor::check(long code) const {
    if (state_->failure) std::rethrow_exception(state_->failure);
    if (code >= ARCHIVE_WARN) return;
    const auto* why = archive_error_string(state_->writer);
    throw InfrastructureError{std::string{"cannot compress: "} + (why ? why : "unknown error")};
}

void Compressor::add(std::string_view bytes) {
    if (!bytes.empty()) check(archive_write_data(state_->writer, bytes.data(), bytes.size()));
}

void Compressor::finish() { check(archive_write_close(state_->writer)); }

void compress_file(const std::filesystem::path& from, const std::filesystem::path& to, const std::string& compression,
                   const StopFlag& stop) {
    std::ifstream in{from, std::ios::binary};
    std::ofstream out{to, std::ios::binary | std::ios::trunc};
    Compressor compressor{compression, [&out](std::string_view bytes) {
                              out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
                          }};
    std::vector<char> buffer(256 * 1024);
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
        if (stop) throw Stopped{};
        compressor.add({buffer.data(), static_cast<std::size_t>(in.gcount())});
    }
    compressor.finish();
    out.close();
    if (!out || in.bad()) {
        throw InfrastructureError{"cannot write '" + to.string() + "'; " + std::string{free_space_hint}};
    }
}

}  // namespace patchbay
