// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/android_sparse.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <vector>

#include "core/errors.hpp"

namespace patchbay {
namespace {

constexpr std::uint32_t magic = 0xed26ff3a;
constexpr std::size_t file_header_size = 28;
constexpr std::size_t chunk_header_size = 12;
constexpr std::uint32_t block_size = 4096;  // of what we write
enum Chunk : std::uint16_t { raw = 0xCAC1, fill = 0xCAC2, dont_care = 0xCAC3, checksum = 0xCAC4 };

std::uint32_t number(const char* bytes, unsigned count) {
    std::uint32_t value = 0;
    for (unsigned i = count; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[i]);
    return value;
}

void append(std::string& out, std::uint32_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
}

std::string file_header(std::uint32_t blocks, std::uint32_t chunks) {
    std::string out;
    append(out, magic, 4);
    append(out, 1, 2);  // version 1.0
    append(out, 0, 2);
    append(out, file_header_size, 2);
    append(out, chunk_header_size, 2);
    append(out, block_size, 4);
    append(out, blocks, 4);
    append(out, chunks, 4);
    append(out, 0, 4);  // no checksum
    return out;
}

std::string chunk_header(Chunk kind, std::uint32_t blocks, std::uint32_t body) {
    std::string out;
    append(out, kind, 2);
    append(out, 0, 2);
    append(out, blocks, 4);
    append(out, chunk_header_size + body, 4);
    return out;
}

class Expansion {
public:
    Expansion(const std::filesystem::path& sparse, const std::filesystem::path& image, const UnpackLimits& limits,
              const StopFlag& stop)
        : name_{sparse.filename().string()},
          image_{image},
          limits_{limits},
          stop_{stop},
          in_{sparse, std::ios::binary} {
        out_.open(image, std::ios::binary | std::ios::trunc);
        if (!out_) throw InfrastructureError{"cannot write '" + image.string() + "'"};
    }

    void run() {
        const auto header = take(file_header_size);
        if (number(header.data(), 4) != magic) broken("it does not begin like one; is 'sparse' meant to be true?");
        const auto header_size = number(&header[8], 2);
        chunk_header_ = number(&header[10], 2);
        block_ = number(&header[12], 4);
        const std::uint64_t size = std::uint64_t{number(&header[16], 4)} * block_;
        if (number(&header[4], 2) != 1 || header_size < file_header_size || chunk_header_ < chunk_header_size ||
            block_ == 0 || block_ % 4 != 0) {
            broken("its header makes no sense");
        }
        if (size > limits_.bytes) throw JobError{"'" + name_ + "' is too large when expanded: " + limits_.bytes_text()};
        take(header_size - file_header_size);
        for (auto left = number(&header[20], 4); left > 0; --left) chunk(size);
        out_.close();
        if (!out_) throw InfrastructureError{"cannot write '" + image_.string() + "': is the disk full?"};
        std::filesystem::resize_file(image_, size);
    }

private:
    [[noreturn]] void broken(const std::string& why) const {
        throw JobError{"'" + name_ + "' is no whole Android sparse image: " + why};
    }

    std::string take(std::size_t count) {
        std::string bytes(count, '\0');
        if (!in_.read(bytes.data(), static_cast<std::streamsize>(count))) {
            if (in_.bad()) throw InfrastructureError{"cannot read '" + name_ + "': is its disk broken?"};
            broken("it is cut off");
        }
        return bytes;
    }

    void chunk(std::uint64_t size) {
        const auto header = take(chunk_header_);
        const std::uint64_t bytes = std::uint64_t{number(&header[4], 4)} * block_;
        const auto total = number(&header[8], 4);
        if (total < chunk_header_) broken("a chunk has no room for its header");
        const auto body = total - chunk_header_;
        switch (number(header.data(), 2)) {
            case raw:
                check(bytes == body && bytes <= size - at_);
                copy(bytes);
                break;
            case fill:
                check(body == 4 && bytes <= size - at_);
                repeat(take(4), bytes);
                break;
            case dont_care:
                check(body == 0 && bytes <= size - at_);
                at_ += bytes;
                break;
            case checksum:
                take(std::min<std::uint32_t>(body, 4));  // over the whole image; some writers leave it 0
                break;
            default:
                broken("a chunk is of an unknown kind");
        }
    }

    void check(bool good) const {
        if (!good) broken("the size of a chunk makes no sense");
    }

    void write(const std::string& bytes) {
        if (stop_) throw Stopped{};
        out_.seekp(static_cast<std::streamoff>(at_));
        out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        if (!out_) throw InfrastructureError{"cannot write '" + image_.string() + "': is the disk full?"};
        at_ += bytes.size();
    }

    void copy(std::uint64_t bytes) {
        while (bytes > 0) {
            const auto piece = std::min<std::uint64_t>(bytes, 1 << 20);
            write(take(piece));
            bytes -= piece;
        }
    }

    void repeat(const std::string& word, std::uint64_t bytes) {
        if (word == std::string(4, '\0')) {  // a hole reads the same
            at_ += bytes;
            return;
        }
        std::string piece;
        while (piece.size() < 1 << 16) piece += word;
        while (bytes > 0) {
            const auto now = std::min<std::uint64_t>(bytes, piece.size());
            write(piece.substr(0, now));
            bytes -= now;
        }
    }

    std::string name_;
    const std::filesystem::path& image_;
    const UnpackLimits& limits_;
    const StopFlag& stop_;
    std::ifstream in_;
    std::ofstream out_;
    std::size_t chunk_header_ = 0;
    std::uint32_t block_ = 0;
    std::uint64_t at_ = 0;
};

/// The word that a block repeats, if it is all one.
std::optional<std::string> word_of(const std::string& block) {
    auto word = block.substr(0, 4);
    if (std::memcmp(block.data(), block.data() + 4, block.size() - 4) != 0) return std::nullopt;
    return word;
}

}  // namespace

void expand_sparse(const std::filesystem::path& sparse, const std::filesystem::path& image, const UnpackLimits& limits,
                   const StopFlag& stop) {
    Expansion{sparse, image, limits, stop}.run();
}

void make_sparse(const std::filesystem::path& image, const std::filesystem::path& sparse, const StopFlag& stop) {
    constexpr std::size_t longest_raw = 4096;  // blocks held in memory: 16 MiB
    std::ifstream in{image, std::ios::binary};
    std::ofstream out{sparse, std::ios::binary | std::ios::trunc};
    std::uint32_t blocks = 0, chunks = 0;
    std::optional<std::string> word;  // of the run so far; none: raw
    std::uint32_t run = 0;
    std::string bytes;
    const auto end_run = [&] {
        if (run == 0) return;
        const auto& body = word ? *word : bytes;
        out << chunk_header(word ? fill : raw, run, static_cast<std::uint32_t>(body.size())) << body;
        ++chunks;
        blocks += run;
        run = 0;
        bytes.clear();
    };
    out << file_header(0, 0);
    for (std::string block(block_size, '\0'); in.read(block.data(), block_size) || in.gcount() > 0;) {
        if (stop) throw Stopped{};
        std::fill(block.begin() + in.gcount(), block.end(), '\0');
        auto own = word_of(block);
        if (own != word || bytes.size() >= longest_raw * block_size) end_run();
        word = std::move(own);
        if (!word) bytes += block;
        ++run;
    }
    if (in.bad() || !in.is_open()) throw InfrastructureError{"cannot read '" + image.string() + "'"};
    end_run();
    out.seekp(0);
    out << file_header(blocks, chunks);
    if (!out.flush()) throw InfrastructureError{"cannot write '" + sparse.string() + "': is the disk full?"};
}

}  // namespace patchbay
