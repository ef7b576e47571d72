// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

#include "core/errors.hpp"
#include "core/task.hpp"
#include "devices/capability/capability.hpp"
#include "devices/driver.hpp"

namespace patchbay {

/// What the drivers of one device offer, by kind and optional name ("uart1").
class Capabilities {
public:
    template <class C>
    void add(C& capability, std::string name = {}) {
        entries_.insert_or_assign(Key{std::type_index{typeid(C)}, std::move(name)}, &capability);
    }

    template <class C>
    C* find(std::string_view name = {}) const {
        const auto entry = entries_.find(Key{std::type_index{typeid(C)}, std::string{name}});
        return entry == entries_.end() ? nullptr : dynamic_cast<C*>(entry->second);
    }

    /// Under which names there is one, in their order.
    template <class C>
    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& [key, capability] : entries_) {
            if (key.first == std::type_index{typeid(C)}) found.push_back(key.second);
        }
        return found;
    }

private:
    using Key = std::pair<std::type_index, std::string>;
    std::map<Key, Capability*> entries_;
};

/// One board of the lab: a name, and what its drivers let us do with it.
class Device {
public:
    Device(std::string name, std::vector<NamedDriver> drivers);
    Device(Device&&) noexcept = default;

    const std::string& name() const { return name_; }

    /// The capability a step cannot work without: need<Power>(), need<Console>("uart1").
    /// Throws: ConfigurationError naming the board and what it lacks.
    template <class C>
    C& need(std::string_view name = {}) const {
        if (auto* found = capabilities_.find<C>(name)) return *found;
        throw_lacking(C::kind, name);
    }

    /// nullptr when the device cannot do it.
    template <class C>
    C* find(std::string_view name = {}) const {
        return capabilities_.find<C>(name);
    }

    template <class C>
    std::vector<std::string> names() const {
        return capabilities_.names<C>();
    }

    /// Every driver's safe state, also when one of them fails.
    /// Throws: what failed (Failures), after all were tried.
    Task<> make_safe();

    /// Those of all its drivers, each once, in the order of their names.
    std::vector<std::filesystem::path> nodes() const;

private:
    [[noreturn]] void throw_lacking(std::string_view kind, std::string_view name) const;

    std::string name_;
    std::vector<NamedDriver> drivers_;
    Capabilities capabilities_;
};

}  // namespace patchbay
