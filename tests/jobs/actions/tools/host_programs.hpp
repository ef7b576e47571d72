// SPDX-License-Identifier: Apache-2.0
#pragma once
// Programs of the host that jobs call: small scripts in PATH that note how they were called and answer as the real ones
// do. And a board on the bench: with a console, a supply by commands, and a place on USB.
//
//   Bench bench;
//   bench.program("fastboot", "echo 'Booting   OKAY' >&2");
//   bench.job.run();
//   EXPECT_THAT(bench.calls(), ElementsAre("fastboot -s 1bc92320 boot /…"));

#include <string>
#include <vector>

#include "tests/jobs/actions/sim_job.hpp"
#include "tests/support/usb_tree.hpp"

namespace patchbay::testing {

class Bench {
public:
    /// `device`: YAML, added to a file with a hard_reset, a power_off and the serial number 1bc92320.
    explicit Bench(const std::string& device = "");
    ~Bench();
    Bench(const Bench&) = delete;

    /// Adds, or replaces, a program; `script` is for /bin/sh.
    void program(const std::string& name, const std::string& script = "true");
    /// This host has no other programs than those of program().
    void only_these();
    /// A file of the job, for `file://@FOLDER@/name`.
    void file(const std::string& name, const std::string& bytes) const;
    std::string read(const std::string& name) const;

    /// Every call so far, "name argument argument". The folder of the job's files is written as FOLDER.
    std::vector<std::string> calls() const;

    SimJob job{SimJob::Time::real};
    UsbTree usb;

private:
    std::string path_;  ///< as it was
};

/// fastboot of Debian 12, with one board.
extern const char* const fastboot_script;
/// docker: fetches nothing, and runs a container's program on this host.
extern const char* const docker_script;

}  // namespace patchbay::testing
