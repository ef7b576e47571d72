// SPDX-License-Identifier: Apache-2.0
// How long a batch of device dictionaries takes, from texts to device files. Arguments: a folder of templates, then
// dictionaries. Prints one line of JSON: {"seconds": ..., "bytes": ...}.
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "core/whole_file.hpp"
#include "devices/jinja/renderer.hpp"

int main(int argc, char** argv) {
    using namespace patchbay;
    std::vector<Dictionary> dictionaries;
    for (int i = 2; i < argc; ++i) dictionaries.push_back({argv[i], read_whole_file(argv[i]), {}, "board", "board"});
    const Templates templates{{argv[1]}, {}};
    const auto begin = std::chrono::steady_clock::now();
    const auto made = render_dictionaries_now(templates, std::move(dictionaries));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    std::size_t bytes = 0;
    for (const auto& rendering : made) {
        if (!rendering.problem.empty()) throw std::runtime_error{rendering.problem};
        bytes += rendering.text.size();
    }
    std::printf("{\"seconds\": %f, \"bytes\": %zu}\n", taken.count(), bytes);
}
