// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/lease_folders.hpp"

#include <spdlog/spdlog.h>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/whole_file.hpp"
#include "daemon/store/leases.hpp"

namespace patchbay {
namespace {

constexpr std::string_view aside = ".old";

/// 0: not a name of ours.
LeaseId lease_of(std::string_view name) {
    LeaseId lease;
    const auto end = name.data() + name.size();
    if (std::from_chars(name.data(), end, lease.value).ptr != end) lease.value = 0;
    return lease;
}

/// nullopt: the daemon died before it was written, and before any runner started.
std::optional<config::Value> read_mark(const std::filesystem::path& folder) {
    try {
        return config::parse_json(read_whole_file(folder / "lease.json"));
    } catch (const config::YamlError&) {
        return std::nullopt;
    } catch (const InfrastructureError&) {
        return std::nullopt;
    }
}

std::int64_t number(const config::Value& mark, std::string_view key) {
    const auto* value = mark.find(key);
    const auto* found = value ? value->as_int() : nullptr;
    return found ? *found : 0;
}

/// Lease numbers are counted by each store for itself, so the number alone says nothing.
bool is_of(const config::Value& mark, const LeaseRow& lease, const std::string& identity) {
    const auto store = config::string_or_empty(mark.find("store"));
    if (!store.empty() && store != identity) return false;  // empty: written by an earlier version
    return number(mark, "job") == lease.job.value && number(mark, "fence") == lease.fence.value &&
           config::string_or_empty(mark.find("device")) == lease.device;
}

std::string describe_stranger(const std::filesystem::path& folder, const std::optional<config::Value>& mark) {
    auto text = "\n  " + folder.string();
    if (!mark) return text + ": its lease.json cannot be read";
    text += ": job " + std::to_string(number(*mark, "job")) + " on " + config::string_or_empty(mark->find("device"));
    const auto store = config::string_or_empty(mark->find("store"));
    return text + (store.empty() ? "" : ", of store " + store);
}

enum class Fate { keep, remove, stranger };

Fate fate_of(const std::filesystem::path& folder, const std::optional<LeaseRow>& lease,
             const std::optional<config::Value>& mark, const std::string& identity) {
    const bool closed = lease && lease->phase == LeaseRow::Phase::closed;
    if (mark) {
        if (!lease || !is_of(*mark, *lease, identity)) return Fate::stranger;
        return closed ? Fate::remove : Fate::keep;
    }
    if (lease) return closed ? Fate::remove : Fate::keep;
    return std::filesystem::exists(folder / "journal") ? Fate::stranger : Fate::remove;
}

}  // namespace

std::vector<std::filesystem::path> leftover_folders(Store& store, const Settings& settings) {
    std::vector<std::filesystem::path> leftovers;
    std::string strangers;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator{settings.leases_dir(), error}) {
        const auto& folder = entry.path();
        const auto id = lease_of(folder.filename().native());
        if (id.value == 0 || !entry.is_directory()) {
            if (folder.extension() == aside) leftovers.push_back(folder);
            continue;  // nothing that a daemon made
        }
        const auto lease = Leases{store.reader()}.find(id);
        const auto mark = read_mark(folder);
        const auto fate = fate_of(folder, lease, mark, store.identity());
        if (fate == Fate::remove) leftovers.push_back(folder);
        if (fate == Fate::stranger) strangers += describe_stranger(folder, mark);
    }
    if (strangers.empty()) return leftovers;
    throw ConfigurationError{
        "these leases are not of the store " + store.file().string() + " (" + store.identity() + "):" + strangers +
        "\ntheir runners may still run, and their results may be nowhere else; nothing was changed. Start patchbayd "
        "with the `store_file` that they belong to. If that store is lost or was restored from an older copy, wait "
        "until their runners have ended (or end them), move the folders out of " +
        settings.leases_dir().string() + " and start again"};
}

std::filesystem::path set_aside(const std::filesystem::path& folder) {
    auto target = folder;
    target += aside;
    std::error_code error;
    std::filesystem::rename(folder, target, error);
    return error ? folder : target;
}

void remove_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (error) spdlog::warn("lease folder stays path={} error=\"{}\"", folder.string(), error.message());
}

}  // namespace patchbay
