// SPDX-License-Identifier: Apache-2.0
// How long a test overlay takes on its way into an initial ramdisk. usage: ramdisk RAMDISK
// Prints the seconds, without those that the copy of the ramdisk takes.

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "jobs/overlay/initramfs.hpp"
#include "jobs/overlay/overlay.hpp"
#include "jobs/overlay/overlay_formats.hpp"

int main(int argc, char** argv) {
    using namespace patchbay;
    if (argc != 2) return 2;
    const std::filesystem::path ramdisk{argv[1]};
    OverlaySettings settings;
    settings.job_id = "42";
    settings.results_dir = "/lava-42";
    settings.distro = "debian";
    const StopFlag stop{false};
    const auto start = std::chrono::steady_clock::now();
    Overlay overlay{settings, [](LogLevel, const std::string&) {}};
    make_appendable(ramdisk, UBootHeader::absent, {}, stop);
    append_to_initramfs(ramdisk, overlay.tree(), stop, "gz");
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%.6f\n", took.count());
}
