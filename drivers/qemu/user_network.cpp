// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/user_network.hpp"

#include "drivers/qemu/network.hpp"

namespace patchbay {
namespace {

bool is_user_network(const std::vector<std::string>& words, std::size_t i) {
    return qemu::value_of(network_fields(words, i), "type") == "user";
}

/// A comma within a value is written twice.
std::string escaped(const std::string& value) {
    std::string text;
    for (const char c : value) text.append(c == ',' ? 2 : 1, c);
    return text;
}

}  // namespace

bool has_user_network(const std::vector<std::string>& words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (is_user_network(words, i)) return true;
    }
    return false;
}

void serve_by_tftp(std::vector<std::string>& words, const std::filesystem::path& folder) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        // Of two folders QEMU takes the last.
        if (is_user_network(words, i)) words[i] += ",tftp=" + escaped(folder.string());
    }
}

}  // namespace patchbay
