// SPDX-License-Identifier: Apache-2.0
#include "jobs/download/decoder.hpp"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <new>

namespace patchbay {
namespace {

/// xz -9 needs 65 MiB; some files are made with dictionaries of several times that.
constexpr std::uint64_t xz_memory = std::uint64_t{512} << 20;

/// For libraries that count 32 bits.
std::string_view piece(std::string_view in) { return in.substr(0, std::size_t{1} << 30); }

class Gunzip final : public Decoder {
public:
    Gunzip() {
        constexpr int gzip_header = 16;  // zlib.h: added to the window bits
        if (::inflateInit2(&stream_, MAX_WBITS + gzip_header) != Z_OK) throw std::bad_alloc{};
    }
    ~Gunzip() override { ::inflateEnd(&stream_); }
    Gunzip(const Gunzip&) = delete;

    std::size_t step(std::string_view& in, bool, std::span<char> out) override {
        if (between_) {
            // Zeros fill up blocks of tapes and partitions; gunzip passes over them, too.
            while (!in.empty() && in.front() == '\0') in.remove_prefix(1);
            if (in.empty()) return 0;
            ::inflateReset(&stream_);
            between_ = false;
        }
        const auto now = piece(in);
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(now.data()));
        stream_.avail_in = static_cast<uInt>(now.size());
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = static_cast<uInt>(out.size());
        const int code = ::inflate(&stream_, Z_NO_FLUSH);
        between_ = code == Z_STREAM_END;
        if (!between_ && code != Z_OK && code != Z_BUF_ERROR) throw BrokenData{stream_.msg ? stream_.msg : "broken"};
        in.remove_prefix(now.size() - stream_.avail_in);
        return out.size() - stream_.avail_out;
    }
    bool whole() const override { return between_; }

private:
    z_stream stream_{};
    bool between_ = false;
};

class Bunzip final : public Decoder {
public:
    Bunzip() { begin(); }
    ~Bunzip() override { ::BZ2_bzDecompressEnd(&stream_); }
    Bunzip(const Bunzip&) = delete;

    std::size_t step(std::string_view& in, bool, std::span<char> out) override {
        if (between_) {
            if (in.empty()) return 0;
            ::BZ2_bzDecompressEnd(&stream_);
            begin();
        }
        const auto now = piece(in);
        stream_.next_in = const_cast<char*>(now.data());
        stream_.avail_in = static_cast<unsigned>(now.size());
        stream_.next_out = out.data();
        stream_.avail_out = static_cast<unsigned>(out.size());
        const int code = ::BZ2_bzDecompress(&stream_);
        between_ = code == BZ_STREAM_END;
        if (code == BZ_DATA_ERROR_MAGIC) throw BrokenData{"it is of another format"};
        if (!between_ && code != BZ_OK) throw BrokenData{"its data is damaged"};
        in.remove_prefix(now.size() - stream_.avail_in);
        return out.size() - stream_.avail_out;
    }
    bool whole() const override { return between_; }

private:
    void begin() {
        stream_ = {};
        between_ = false;
        if (::BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc{};
    }

    bz_stream stream_{};
    bool between_ = false;
};

class Unxz final : public Decoder {
public:
    Unxz() {
        if (::lzma_stream_decoder(&stream_, xz_memory, LZMA_CONCATENATED) != LZMA_OK) throw std::bad_alloc{};
    }
    ~Unxz() override { ::lzma_end(&stream_); }
    Unxz(const Unxz&) = delete;

    std::size_t step(std::string_view& in, bool last, std::span<char> out) override {
        if (whole_) return 0;
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
        stream_.avail_in = in.size();
        stream_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
        stream_.avail_out = out.size();
        const auto code = ::lzma_code(&stream_, last ? LZMA_FINISH : LZMA_RUN);
        whole_ = code == LZMA_STREAM_END;
        if (code == LZMA_FORMAT_ERROR) throw BrokenData{"it is of another format"};
        if (code == LZMA_MEMLIMIT_ERROR)
            throw BrokenData{"it needs more than 512 MiB of memory; use a smaller dictionary"};
        if (!whole_ && code != LZMA_OK && code != LZMA_BUF_ERROR) throw BrokenData{"its data is damaged"};
        in.remove_prefix(in.size() - stream_.avail_in);
        return out.size() - stream_.avail_out;
    }
    bool whole() const override { return whole_; }

private:
    lzma_stream stream_ = LZMA_STREAM_INIT;
    bool whole_ = false;
};

class Unzstd final : public Decoder {
public:
    std::size_t step(std::string_view& in, bool, std::span<char> out) override {
        if (in.empty() && whole_) return 0;
        ZSTD_inBuffer input{in.data(), in.size(), 0};
        ZSTD_outBuffer output{out.data(), out.size(), 0};
        const auto left = ::ZSTD_decompressStream(stream_.get(), &output, &input);
        if (::ZSTD_isError(left)) throw BrokenData{::ZSTD_getErrorName(left)};
        whole_ = left == 0;
        in.remove_prefix(input.pos);
        return output.pos;
    }
    bool whole() const override { return whole_; }

private:
    std::unique_ptr<ZSTD_DStream, decltype(&::ZSTD_freeDStream)> stream_{::ZSTD_createDStream(), ::ZSTD_freeDStream};
    bool whole_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_decoder(std::string_view compression) {
    if (compression == "gz") return std::make_unique<Gunzip>();
    if (compression == "xz") return std::make_unique<Unxz>();
    if (compression == "bz2") return std::make_unique<Bunzip>();
    if (compression == "zstd") return std::make_unique<Unzstd>();
    return nullptr;
}

}  // namespace patchbay
