// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/user_network.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "devices/qemu_options.hpp"

namespace patchbay {
namespace {

/// The fields of the value at `i`, when it makes a user network; else none.
std::vector<qemu::Field> user_network(const std::vector<std::string>& words, std::size_t i) {
    constexpr std::array<std::string_view, 3> options{"net", "netdev", "nic"};
    if (i == 0 || !words[i - 1].starts_with('-')) return {};
    auto option = std::string_view{words[i - 1]};
    option.remove_prefix(option.starts_with("--") ? 2 : 1);
    if (std::find(options.begin(), options.end(), option) == options.end()) return {};
    auto fields = qemu::split_fields(words[i], "type");
    if (qemu::value_of(fields, "type") != "user") fields.clear();
    return fields;
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
        if (!user_network(words, i).empty()) return true;
    }
    return false;
}

void serve_by_tftp(std::vector<std::string>& words, const std::filesystem::path& folder) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        // Of two folders QEMU takes the last.
        if (!user_network(words, i).empty()) words[i] += ",tftp=" + escaped(folder.string());
    }
}

}  // namespace patchbay
