// SPDX-License-Identifier: Apache-2.0
// What a LAVA server answers to its workers.
#include <cstdint>
#include <string_view>

#include "daemon/attach/plan.hpp"
#include "daemon/attach/remote_definition.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    const std::string_view body{reinterpret_cast<const char*>(data), size};
    try {
        const auto answer = read_ping(body);
        make_plan(answer, {}, WallTime{});
    } catch (const BadAnswer&) {
    }
    try {
        read_line_count(body, 1000);
    } catch (const BadAnswer&) {
    }
    static_cast<void>(wanted_version(read_error(body)));
    AttachSettings settings;
    settings.devices = {{"theirs", "ours"}};
    try {
        read_remote_definition(read_job_files(body), 1, settings, {});
    } catch (const BadAnswer&) {
    }
    read_remote_definition({std::string{body}, std::string{body}}, 1, settings, {});
    return 0;
}
