// SPDX-License-Identifier: Apache-2.0
#pragma once
// The three ways to run: a lease of the daemon, the safe state of a lease's device, and LAVA's lava-run.

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "core/task.hpp"
#include "jobs/actions/cancellation.hpp"
#include "jobs/runner/log_upload.hpp"

namespace patchbay {

/// Runs the job of the lease in `folder`; everything it learns is in the journal when this returns.
/// Cancellation: through `cancellation` or the control socket.
/// Throws: when no outcome could be written (another runner has the device, the disk is gone).
Task<> run_lease(std::filesystem::path folder, Cancellation& cancellation);

/// Brings the device of the lease in `folder` to its safe state. May be repeated.
/// Throws: InfrastructureError naming what is left.
Task<> make_lease_safe(std::filesystem::path folder);

/// Arguments of LAVA's lava-run that matter to us.
struct LavaRun {
    std::string job_id;
    std::filesystem::path output_dir;
    std::optional<std::filesystem::path> device;  ///< none: a QEMU machine of the job's context.arch
    std::optional<std::filesystem::path> dispatcher;
    std::optional<std::filesystem::path> environment;  ///< LAVA's env-dut file
    std::filesystem::path definition;
    bool validate_only = false;
    std::optional<UploadTarget> upload;  ///< the records go there and not to standard error
};

/// Writes logs.yaml, description.yaml and result.yaml into the output directory and the records to standard error, or
/// to a LAVA server; then it returns when that has all of them. The result: did the job finish correctly?
Task<bool> lava_run(LavaRun options, Cancellation& cancellation);

}  // namespace patchbay
