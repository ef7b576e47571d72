// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/crash_logs.hpp"

#include <spdlog/spdlog.h>

#include <charconv>
#include <map>
#include <string>
#include <string_view>

namespace patchbay {
namespace {

constexpr std::string_view before = "lease-";
constexpr std::string_view after = ".log";

/// 0: not a name of ours; such a file is left alone.
std::int64_t lease_of(std::string_view name) {
    if (!name.starts_with(before) || !name.ends_with(after)) return 0;
    const auto digits = name.substr(before.size(), name.size() - before.size() - after.size());
    std::int64_t number = 0;
    const auto end = digits.data() + digits.size();
    return std::from_chars(digits.data(), end, number).ptr == end ? number : 0;
}

void remove_oldest(const std::filesystem::path& folder, std::size_t most) {
    std::map<std::int64_t, std::filesystem::path> logs;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        if (const auto lease = lease_of(entry.path().filename().native())) logs.emplace(lease, entry.path());
    }
    for (auto log = logs.begin(); logs.size() > most; log = logs.erase(log)) std::filesystem::remove(log->second);
}

}  // namespace

void keep_crash_log(const std::filesystem::path& log, const std::filesystem::path& folder, LeaseId lease,
                    std::size_t most) {
    try {
        std::filesystem::create_directories(folder);
        std::filesystem::rename(log, folder / (std::string{before} + std::to_string(lease.value) + std::string{after}));
        remove_oldest(folder, most);
    } catch (const std::filesystem::filesystem_error& error) {
        spdlog::warn("what a runner printed is not kept lease={} error=\"{}\"", lease.value, error.what());
    }
}

}  // namespace patchbay
