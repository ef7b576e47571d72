// SPDX-License-Identifier: Apache-2.0
#pragma once
// How one device type gets and boots what a portable job names.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/map_reader.hpp"
#include "core/config/value.hpp"
#include "jobs/portable/portable_job.hpp"

namespace patchbay {

/// Where the root file system is: in memory, on this host, on a drive that the job brings, or on the board already.
enum class Root { ramdisk, nfs, disk, own };
std::string_view to_string(Root root);

struct Recipe {
    std::string name;         ///< what `where` of a job and `--on` say
    std::string device_type;  ///< where its jobs run
    std::string architecture;
    std::string method;                     ///< LAVA's boot method; "qemu" deploys to tmpfs, all others to tftp
    std::vector<Root> roots;                ///< what it can boot, the preferred one first
    std::string kernel_type;                ///< image, zimage, uimage; empty: the method needs none
    std::string console = "ttyS0";          ///< of a QEMU machine
    std::string drive;                      ///< image_arg of a QEMU machine's disk; {disk} is the file
    unsigned memory = 0;                    ///< MiB that its devices have; 0: as much as the job asks for
    std::vector<std::string> capabilities;  ///< kinds of hardware that every device of the type has
    /// By kind of hardware that not each device may have: the tag of those that have it.
    std::map<std::string, std::string, std::less<>> capability_tags;
    config::Map context;  ///< of the job
    /// Do boot_arguments reach the kernel?
    bool takes_arguments = true;
    config::Map deploy, boot;  ///< keys that go into these actions besides, and win
};

/// `recipe` of a device type in lab.yaml; what it does not say is taken from `base`, what the devices tell about
/// themselves (recipe_of_device.hpp). docs/portable-jobs.md lists the keys.
Recipe read_recipe(config::MapReader map, Recipe base);

/// Those of QEMU machines, which every lab has: qemu-x86_64, qemu-arm64, ...
const std::vector<Recipe>& built_in_recipes();
/// nullptr: there is none of this name. KernelCI's and Debian's words for architectures are known.
const Recipe* built_in_recipe(std::string_view name);

/// The job's artifacts that a recipe boots; nullptr when there are none of its architecture.
const Artifacts* artifacts_for(const PortableJob& job, const Recipe& recipe);
/// Does this architecture's artifacts have such a root?
bool has_root(const Artifacts& artifacts, Root root);

/// "audio-loopback" is "audio": a sound card is of use to a job only by the cable that brings its sound back.
std::string_view capability_kind(std::string_view wanted);
/// Those that the job asks its device for there: its own, and those of the capabilities that it needs.
std::vector<std::string> wanted_tags(const PortableJob& job, const Recipe& recipe);

/// Why this job cannot run there, in one sentence; nothing when it can.
std::optional<std::string> cannot_run(const PortableJob& job, const Recipe& recipe);

}  // namespace patchbay
