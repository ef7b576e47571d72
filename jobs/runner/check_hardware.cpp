// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/check_hardware.hpp"

#include <boost/asio/io_context.hpp>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/whole_file.hpp"
#include "drivers/builtin.hpp"

namespace patchbay {
namespace {

config::Value parse(const std::string& file, config::Problems& problems) {
    try {
        return config::parse_yaml(read_whole_file(file));
    } catch (const config::YamlError& error) {
        problems.add(error.mark, "", error.problem);
    }
    return {};
}

void check_device(config::MapReader& device, const std::string& name, config::Problems& problems) {
    DeviceDescription description;
    description.name = name;
    config::Problems seen_already{""};  // whoever reads the whole file says what it lacks
    description.hardware = read_hardware(device, seen_already);
    asio::io_context io;
    const DriverContext context{io.get_executor(), nullptr, {}, {}};
    check_hardware(description, context, problems);
}

}  // namespace

std::vector<std::string> hardware_problems(const std::string& file) {
    config::Problems problems{file};
    const auto document = parse(file, problems);
    if (!document.is_map()) return problems.lines();
    config::MapReader reader{document, "", problems};
    if (!reader.has("devices")) {
        check_device(reader, config::string_or_empty(document.find("hostname")), problems);
        return problems.lines();
    }
    for (auto& device : reader.maps("devices")) {
        check_device(device, device.value_or<std::string>("name", ""), problems);
    }
    return problems.lines();
}

}  // namespace patchbay
