// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/device_nodes.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <set>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/whole_file.hpp"
#include "devices/lab.hpp"
#include "drivers/builtin.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

std::vector<DeviceEntry> read_devices(const fs::path& file) {
    config::Problems problems{file.string()};
    std::vector<DeviceEntry> devices;
    try {
        const auto document = config::parse_yaml(read_whole_file(file));
        config::MapReader lab{document, "", problems};
        devices = lab.has("devices") ? read_lab_devices(lab, problems) : default_lab_devices();
    } catch (const config::YamlError& error) {
        problems.add(error.mark, "", error.problem);
    }
    problems.raise_if_any();
    return devices;
}

/// What its drivers say. Throws: Error.
std::vector<fs::path> nodes_of_drivers(const DeviceEntry& entry, const fs::path& root) {
    asio::io_context io;
    DriverContext context{io.get_executor(), std::make_shared<ProcessScope>("device-nodes"), {}, {}};
    context.root = root;
    // What a dictionary brings are commands: the nodes that they use stand in the entry.
    if (!entry.dictionary.empty() && entry.hardware.is_null()) return {};
    auto described = entry;
    described.dictionary.clear();
    const auto rendered = render_device(described, {});
    return make_device(read_device(rendered, entry.name), context).nodes();
}

}  // namespace

std::vector<DeviceNodes> device_nodes(const fs::path& lab_file, const fs::path& root) {
    std::vector<DeviceNodes> all;
    for (const auto& entry : read_devices(lab_file)) {
        if (!entry.worker.empty()) continue;
        std::vector<fs::path> named;
        for (const auto& node : entry.nodes) named.push_back(root / fs::path{node}.relative_path());
        try {
            for (auto& node : nodes_of_drivers(entry, root)) named.push_back(std::move(node));
        } catch (const Error& error) {
            spdlog::warn("device without nodes device={} error=\"{}\"", entry.name, describe(error));
        }
        std::set<fs::path> there;
        for (const auto& node : named) {
            std::error_code missing;
            auto real = fs::canonical(node, missing);
            if (!missing) there.insert(std::move(real));
        }
        all.push_back({entry.name, {there.begin(), there.end()}});
    }
    return all;
}

}  // namespace patchbay
