// SPDX-License-Identifier: Apache-2.0
#pragma once
// Everything that the tests of one namespace need on the target: helper scripts, environment, definitions
// (lava_dispatcher/actions/deploy/overlay.py and testdef.py). Lives in memory; cloned and unpacked repositories stay
// in `directory` until the tree is written.
//
// In the order of LAVA's actions:
//   Overlay overlay{settings, log};                     lava-overlay
//   auto& d = overlay.add_definition(source, stage, "42_1.1.3.1");
//   ... fill overlay.host_directory(d) ...              git-repo-action, url-repo-action (nothing for inline)
//   overlay.load(d);                                    still the repo action
//   overlay.write_definition(d);                        test-overlay
//   overlay.write_install(d);                           test-install-overlay (clone git_repos() before)
//   overlay.write_run(d);                               test-runscript-overlay
//   overlay.write_runner_conf();                        end of test-definition
//   overlay.tree();                                     compress-overlay, append-overlays, apply-overlay-guest

#include <chrono>
#include <filesystem>
#include <functional>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "core/config/value.hpp"
#include "jobs/journal/log_level.hpp"
#include "jobs/overlay/overlay_tree.hpp"
#include "jobs/overlay/test_definition.hpp"

namespace patchbay {

using Variables = std::vector<std::pair<std::string, std::string>>;

struct OverlaySettings {
    std::string job_id;
    std::string results_dir;          ///< on the target: "/lava-42"
    std::string shell = "/bin/sh";    ///< on the target
    std::string distro;               ///< "" for none
    std::filesystem::path directory;  ///< of this host; also what log lines name. Made when needed.
    config::Map device_environment;
    config::List device_info, static_info, storage_info;
    config::Map job_environment;
    config::Map target_interface;  ///< device parameters.interfaces.target: {ip, mac}
    Variables metadata;            ///< last in the environment file: LAVA_JOB_ID, LAVA_DISPATCHER_IP, ...
    Variables secrets;             ///< of the job, then what env-dut adds
    std::chrono::milliseconds character_delay{0};
    /// Of a part of a multinode group: number and role of each job. Empty: no multinode programs on the target.
    std::vector<std::pair<std::string, std::string>> group_roles;
    std::string group_role;  ///< our own
};

/// One definition on its way into the overlay.
struct OverlayDefinition {
    TestDefinitionSource source;
    int stage = 0;
    int number = 0;         ///< over all stages
    std::string uuid;       ///< "<job>_<level of its repo action>"
    std::string id;         ///< "0_smoke": suite name and TESTRUN_ID
    std::string directory;  ///< on the target: "/lava-42/0/tests/0_smoke"
    std::string commit_id;  ///< git only; set it before load()
    TestDefinition definition;
};

class Overlay {
public:
    using Log = std::function<void(LogLevel, const std::string&)>;

    /// Helper scripts, environment and secrets.
    Overlay(OverlaySettings settings, Log log);

    OverlayDefinition& add_definition(TestDefinitionSource source, int stage, std::string uuid);
    /// Where its repository belongs on this host.
    std::filesystem::path host_directory(const OverlayDefinition& definition) const;
    /// Takes the repository into the tree and reads the definition file. Blocking, as the repository may be large.
    /// Throws: JobError "Unable to open test definition '<path>': ...", Stopped.
    void load(OverlayDefinition& definition, const StopFlag& stop);

    /// testdef.yaml, testdef_metadata and uuid.
    void write_definition(const OverlayDefinition& definition);

    /// A repository to clone into the definition's folder before write_install().
    struct GitRepo {
        std::string url;
        std::string branch;
        std::string destination;  ///< a direct child of the definition's folder
    };
    /// Throws: JobError for a destination outside.
    std::vector<GitRepo> git_repos(const OverlayDefinition& definition) const;
    /// install.sh. False, and no file, when the definition has no `install`.
    bool write_install(const OverlayDefinition& definition);
    /// run.sh.
    void write_run(const OverlayDefinition& definition);
    /// lava-test-runner.conf of every stage.
    void write_runner_conf();

    const OverlaySettings& settings() const { return settings_; }
    const std::list<OverlayDefinition>& definitions() const { return definitions_; }
    OverlayTree& tree() { return tree_; }
    const OverlayTree& tree() const { return tree_; }
    /// "<directory>/lava-42/0/tests/0_smoke/run.sh": the name of a file of the tree in log lines and results.
    std::string log_path(std::string_view target_path) const;

private:
    void add_scripts();
    void add_environment();

    OverlaySettings settings_;
    Log log_;
    OverlayTree tree_;
    std::list<OverlayDefinition> definitions_;
};

}  // namespace patchbay
