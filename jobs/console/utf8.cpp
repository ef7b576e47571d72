// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace patchbay {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::size_t ascii_prefix(std::string_view bytes) {
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, 8);
        if (word & 0x8080808080808080u) break;
    }
    while (at < bytes.size() && !(static_cast<unsigned char>(bytes[at]) & 0x80)) ++at;
    return at;
}

enum class Verdict { complete, incomplete, invalid };
struct Decoded {
    Verdict verdict;
    std::size_t size;  // of the character, or of the maximal invalid part
};

// Table 3-7 of the Unicode standard: which second bytes a lead byte allows.
Decoded decode(std::string_view bytes) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char lead = byte(0);
    unsigned char low = 0x80, high = 0xBF;
    std::size_t size = 0;
    if (lead >= 0xC2 && lead <= 0xDF) size = 2;
    if (lead >= 0xE0 && lead <= 0xEF) size = 3;
    if (lead >= 0xF0 && lead <= 0xF4) size = 4;
    if (size == 0) return {Verdict::invalid, 1};
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
    for (std::size_t i = 1; i < size; ++i) {
        if (i == bytes.size()) return {Verdict::incomplete, i};
        if (byte(i) < low || byte(i) > high) return {Verdict::invalid, i};
        low = 0x80;
        high = 0xBF;
    }
    return {Verdict::complete, size};
}

}  // namespace

std::size_t count_characters(std::string_view valid) {
    std::size_t count = 0;
    for (const char c : valid) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return count;
}

void Utf8Repair::feed(std::string_view bytes, std::string& out) {
    while (held_size_ != 0 && !bytes.empty()) {
        held_[held_size_++] = bytes.front();
        const auto [verdict, size] = decode({held_, held_size_});
        if (verdict == Verdict::incomplete) {
            bytes.remove_prefix(1);
            continue;
        }
        if (verdict == Verdict::complete) {
            out.append(held_, held_size_);
            bytes.remove_prefix(1);
        } else {
            out.append(replacement);  // the new byte does not belong to it and is looked at again
        }
        held_size_ = 0;
    }
    while (!bytes.empty()) {
        const auto plain = ascii_prefix(bytes);
        out.append(bytes.substr(0, plain));
        bytes.remove_prefix(plain);
        if (bytes.empty()) return;
        const auto [verdict, size] = decode(bytes);
        if (verdict == Verdict::incomplete) {
            std::memcpy(held_, bytes.data(), bytes.size());
            held_size_ = bytes.size();
            return;
        }
        out.append(verdict == Verdict::complete ? bytes.substr(0, size) : replacement);
        bytes.remove_prefix(size);
    }
}

void Utf8Repair::finish(std::string& out) {
    if (held_size_ != 0) out.append(replacement);
    held_size_ = 0;
}

}  // namespace patchbay
