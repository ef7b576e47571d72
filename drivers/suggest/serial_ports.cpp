// SPDX-License-Identifier: Apache-2.0
// Consoles: serial adapters, and ports of the machine itself.

#include "drivers/serial/adapter.hpp"
#include "drivers/suggest/naming.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// The kernel has ttyS0 to ttyS3 whether there are ports or not; `type` 0 is none.
bool is_real_port(const fs::path& entry) {
    const auto type = sysfs_attribute(entry / "type");
    return !type.empty() && type != "0";
}

}  // namespace

std::vector<Suggestion> suggest_serial_ports(const fs::path& root) {
    std::vector<Suggestion> found;
    const auto adapters = usb_nodes("class/tty", root);
    for (const auto& adapter : adapters) {
        Suggestion one;
        one.what = text_of(adapter.device) + ", now /dev/" + adapter.name;
        one.capability = "console";
        one.keys = {{"driver", "serial"}};
        name_node(one, adapter, adapters);
        note_access(one, root / "dev" / adapter.name);
        found.push_back(std::move(one));
    }
    for (const auto& port : list_serial_adapters(root)) {
        const auto entry = root / "sys/class/tty" / port.name;
        if (port.usb || !is_real_port(entry)) continue;
        Suggestion one;
        one.what = "port of this machine, " + port.path();
        one.capability = "console";
        one.keys = {{"driver", "serial"}, {"port", port.path()}};
        if (sysfs_attribute(entry / "console") == "Y")
            one.notes.emplace_back("The kernel of this machine writes its own messages to it.");
        note_access(one, root / "dev" / port.name);
        found.push_back(std::move(one));
    }
    return found;
}

}  // namespace patchbay
