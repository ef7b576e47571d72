// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/worker.hpp"
#include "daemon/lab/lab_devices.hpp"
#include "daemon/supervise/lease_files.hpp"
#include "daemon/supervise/template_source.hpp"

namespace patchbay {
namespace {

config::Map context_of(const std::string& definition) {
    try {
        const auto job = config::parse_yaml(definition);
        const auto* given = job.find("context");
        return given && given->is_map() ? *given->as_map() : config::Map{};
    } catch (const config::YamlError& error) {
        throw JobError{std::string{"the job's definition is not YAML: "} + error.what()};
    }
}

}  // namespace

Task<std::string> device_yaml(DeviceRow device, std::string definition, std::filesystem::path folder, Database& db,
                              const Settings& settings, asio::thread_pool& workers) {
    auto entry = parse_device_configuration(device.hostname, device.device_type, device.configuration);
    if (entry.dictionary.empty()) {
        auto render = [entry, definition = std::move(definition), folder = folder.string()] {
            return config::dump_yaml(render_device(entry, context_of(definition), folder));
        };
        co_return co_await on_worker(workers, std::move(render));
    }
    auto source = template_source(db, settings, entry);
    auto read = [definition = std::move(definition)] { return context_of(definition); };
    auto context = co_await on_worker(workers, std::move(read));
    const auto rendered =
        co_await render_any_device(std::move(entry), std::move(context), folder.string(), std::move(source));
    co_return config::dump_yaml(rendered);
}

}  // namespace patchbay
