// SPDX-License-Identifier: Apache-2.0
#include "jobs/download/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <fstream>

#include "core/errors.hpp"

namespace patchbay {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

Context begin(const EVP_MD* kind) {
    Context context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
    EVP_DigestInit_ex(context.get(), kind, nullptr);
    return context;
}

std::string end(EVP_MD_CTX* context) {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context, bytes, &size);
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += "0123456789abcdef"[bytes[i] >> 4U];
        text += "0123456789abcdef"[bytes[i] & 15U];
    }
    return text;
}

}  // namespace

struct Hasher::State {
    Context md5 = begin(EVP_md5());
    Context sha256 = begin(EVP_sha256());
    Context sha512 = begin(EVP_sha512());
};

Hasher::Hasher() : state_{std::make_unique<State>()} {}
Hasher::~Hasher() = default;

void Hasher::add(std::string_view bytes) {
    for (auto* context : {state_->md5.get(), state_->sha256.get(), state_->sha512.get()}) {
        EVP_DigestUpdate(context, bytes.data(), bytes.size());
    }
}

Digests Hasher::finish() {
    Digests digests;
    digests.md5 = end(state_->md5.get());
    digests.sha256 = end(state_->sha256.get());
    digests.sha512 = end(state_->sha512.get());
    return digests;
}

std::string sha256_hex(std::string_view bytes) {
    const auto context = begin(EVP_sha256());
    EVP_DigestUpdate(context.get(), bytes.data(), bytes.size());
    return end(context.get());
}

Digests hash_file(const std::filesystem::path& path, const StopFlag& stop) {
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        throw std::filesystem::filesystem_error{"cannot read", path, std::make_error_code(std::errc::io_error)};
    }
    Hasher hasher;
    std::array<char, 256 * 1024> buffer;
    while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0) {
        if (stop) throw Stopped{};
        hasher.add({buffer.data(), static_cast<std::size_t>(file.gcount())});
    }
    if (file.bad()) throw InfrastructureError{"cannot read '" + path.string() + "': is its disk broken?"};
    return hasher.finish();
}

}  // namespace patchbay
