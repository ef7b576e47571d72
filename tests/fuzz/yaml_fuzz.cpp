// SPDX-License-Identifier: Apache-2.0
// Any bytes: they are a value or a YamlError, and a value survives being written and read again.
#include <cstdint>
#include <cstdlib>

#include "core/config/yaml.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay::config;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    YamlLimits limits;
    limits.nodes = 10'000;
    try {
        const auto value = parse_yaml(text, limits);
        limits.depth = 200;
        limits.nodes = 20'000;
        const auto again = parse_yaml(dump_yaml(value), limits);
        if (python_repr(again) != python_repr(value)) std::abort();
        parse_json(dump_flow(value), limits);
        parse_yaml(dump_flow(value), limits);
    } catch (const YamlError&) {
    }
    try {
        const auto value = parse_json(text, limits);
        if (python_repr(parse_json(dump_json(value), limits)).empty()) std::abort();
    } catch (const YamlError&) {
    }
    return 0;
}
