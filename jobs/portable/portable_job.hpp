// SPDX-License-Identifier: Apache-2.0
#pragma once
// A job that says what to boot and to test, and no word on how a board gets it: docs/portable-jobs.md lists its keys.
// A recipe (recipe.hpp) lowers it to a LAVA job for one device type.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/map_reader.hpp"
#include "core/config/value.hpp"
#include "jobs/portable/expectations.hpp"

namespace patchbay {

/// A file of the job, as deploy actions name it: url, compression, sha256sum and what else downloads know.
struct Artifact {
    std::string url;
    config::Map keys;  ///< url among them; `compression` is guessed by the name when the job does not say
};

/// What one architecture boots. Every file may be missing; the recipe says what it needs.
struct Artifacts {
    std::optional<Artifact> kernel;
    std::optional<Artifact> ramdisk;  ///< a cpio archive, the root file system in memory
    std::optional<Artifact>
        initrd;  ///< a cpio archive with drivers, for a kernel that has those of its root as modules
    std::optional<Artifact> rootfs;   ///< a tar archive
    std::optional<Artifact> disk;     ///< an image with an ext4 file system, no partitions
    std::optional<Artifact> modules;  ///< a tar archive with lib/modules
    /// By device type; "" is for those that have no own.
    std::map<std::string, Artifact, std::less<>> dtbs;
};

struct PortableTest {
    config::Map definition;  ///< an entry of LAVA's `definitions`
    std::optional<std::chrono::seconds> timeout;
};

/// What a device must have.
struct Needs {
    std::vector<std::string> tags;
    unsigned memory = 0;                    ///< MiB; 0: any
    std::vector<std::string> capabilities;  ///< "audio": kinds of `hardware`
};

struct PortableJob {
    std::string name;
    std::map<std::string, Artifacts, std::less<>> artifacts;  ///< by architecture
    std::string boot_arguments;
    std::vector<PortableTest> tests;
    Needs needs;
    std::vector<std::string> where;  ///< device types; empty: anything that fits
    Expectations expect;
    std::string os = "oe";  ///< LAVA's word for the root file system
    std::vector<std::string> prompts{"root@[^ ]*:[^ ]*[#$] ", "/ # ", "~ # "};  ///< of its shell
    config::Value login;  ///< LAVA's `auto_login`; null: it starts a shell by itself
    std::chrono::seconds deploy_time{600}, boot_time{300}, test_time{600};
    config::Map job;  ///< what goes into the LAVA job as it is: visibility, priority, notify, metadata, ...
};

/// Is this a portable job, rightly written or not? They begin with `portable: 1`.
bool is_portable(const config::Value& document);

/// Throws: ConfigurationError with every problem and its line. `file` is for the messages.
PortableJob read_portable_job(const config::Value& document, const std::string& file);

}  // namespace patchbay
