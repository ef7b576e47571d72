// SPDX-License-Identifier: Apache-2.0
// A test definition of a stranger's repository, or an entry of a job: read or refused, and what is made of it can be
// written for every kind of target.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "jobs/overlay/overlay.hpp"
#include "jobs/overlay/overlay_formats.hpp"

using namespace patchbay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data), size};
    OverlaySettings settings;
    settings.job_id = "1";
    settings.results_dir = "/lava-1";
    settings.distro = "oe";
    settings.directory = "/nonexistent";
    try {
        Overlay overlay{settings, [](LogLevel, const std::string&) {}};
        TestDefinitionSource source;
        try {
            source = read_test_definition_source(config::parse_yaml(text));
            check_test_definitions({source});
        } catch (const JobError&) {
            source.name = "x";
            source.path = "x.yaml";
        }
        source.from = TestDefinitionSource::From::inline_map;
        auto& definition = overlay.add_definition(source, 0, "1_1");
        definition.definition = read_test_definition(text, "x.yaml", "oe");
        overlay.write_definition(definition);
        overlay.git_repos(definition);
        overlay.write_install(definition);
        overlay.write_run(definition);
        overlay.write_runner_conf();
        make_cpio(overlay.tree());
    } catch (const JobError&) {
    } catch (const config::YamlError&) {
    }
    return 0;
}
