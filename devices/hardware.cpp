// SPDX-License-Identifier: Apache-2.0
#include "devices/hardware.hpp"

#include <algorithm>
#include <array>

#include "devices/capability/network.hpp"

namespace patchbay {
namespace {

using config::Map;
using config::Value;

constexpr std::array<std::string_view, 6> kinds{"console", "power", "line", "storage", "network", "audio"};

std::string known_kinds() {
    std::string text;
    for (const auto kind : kinds) text += (text.empty() ? "" : ", ") + std::string{kind};
    return text;
}

class HardwareReader {
public:
    explicit HardwareReader(config::Problems& problems) : problems_{problems} {}

    void read_kind(const Value& key, const Value& value, const std::string& path) {
        const auto kind = config::python_str(key);
        if (std::ranges::find(kinds, kind) == kinds.end()) {
            problems_.add(key.mark, path, "unknown capability '" + kind + "'; there are " + known_kinds());
            return;
        }
        const auto here = path + "." + kind;
        const auto* map = value.as_map();
        if (map == nullptr || map->empty()) {
            problems_.add(value.mark, here, "must be a mapping with 'driver', or one of names to such mappings");
        } else if (map->contains("driver")) {
            add(kind, "", value, here);
        } else if (kind == Network::kind) {
            problems_.add(value.mark, here, "a device has one network: its keys, with 'driver', stand right here");
        } else {
            for (const auto& [name, each] : *map) {
                add(kind, config::python_str(name), each, here + "." + config::python_str(name));
            }
        }
    }

    std::vector<HardwareEntry> take() { return std::move(entries_); }

private:
    void add(const std::string& kind, const std::string& name, const Value& value, const std::string& path) {
        const auto* driver = value.find("driver");
        if (driver == nullptr || !driver->is_string()) {
            problems_.add(value.mark, path, "missing key 'driver': the name of what gives this capability");
            return;
        }
        HardwareEntry entry{kind, name, *driver->as_string(), value, path};
        entry.options.as_map()->erase("driver");
        entries_.push_back(std::move(entry));
    }

    config::Problems& problems_;
    std::vector<HardwareEntry> entries_;
};

}  // namespace

std::vector<HardwareEntry> read_hardware(config::MapReader& device, config::Problems& problems) {
    const auto* value = device.raw("hardware");
    if (value == nullptr || value->is_null()) return {};
    const auto* map = value->as_map();
    if (map == nullptr) {
        device.problem("hardware", "must be a mapping of capabilities: " + known_kinds());
        return {};
    }
    HardwareReader reader{problems};
    const auto path = (device.path().empty() ? "" : device.path() + ".") + std::string{"hardware"};
    for (const auto& [key, each] : *map) reader.read_kind(key, each, path);
    return reader.take();
}

}  // namespace patchbay
