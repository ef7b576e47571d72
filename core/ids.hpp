// SPDX-License-Identifier: Apache-2.0
#pragma once
// Numbers that must not be mixed up: a JobId cannot be passed where a LeaseId is wanted.

#include <compare>
#include <cstdint>
#include <functional>

namespace patchbay {

template <class Tag>
struct Id {
    std::int64_t value = 0;
    explicit operator bool() const { return value != 0; }
    auto operator<=>(const Id&) const = default;
};

using JobId = Id<struct JobTag>;
using SuiteId = Id<struct SuiteTag>;
using CaseId = Id<struct CaseTag>;
using SetId = Id<struct SetTag>;
using UserId = Id<struct UserTag>;
using GroupId = Id<struct GroupTag>;
using PermissionId = Id<struct PermissionTag>;
using TagId = Id<struct TagTag>;
using NotificationId = Id<struct NotificationTag>;
/// One attempt to run one job on one device.
using LeaseId = Id<struct LeaseTag>;
/// Grows by one with every lease of a device; who holds the wires refuses lower numbers than it has seen.
using Fence = Id<struct FenceTag>;

}  // namespace patchbay

template <class Tag>
struct std::hash<patchbay::Id<Tag>> {
    std::size_t operator()(patchbay::Id<Tag> id) const { return std::hash<std::int64_t>{}(id.value); }
};
