// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every command of `patchbay`: its options, and the function that does it. Each is a file of this folder.

#include <optional>
#include <string>
#include <vector>

#include "cli/exit.hpp"
#include "cli/session.hpp"
#include "jobs/definition/judgement.hpp"

namespace patchbay::cli {

struct SubmitOptions {
    std::vector<std::string> files;  ///< "-" is stdin
    bool follow = false;             ///< show the log, then the results
    bool wait = false;               ///< only the results
    std::string levels;              ///< as in LogsOptions
};
/// Throws: UserError when a file cannot be read; then nothing was submitted.
Exit submit(const SubmitOptions& options, Session& session);

struct ResubmitOptions {
    std::string job;
    bool follow = false;
    bool wait = false;
    std::string levels;
};
Exit resubmit(const ResubmitOptions& options, Session& session);

struct LogsOptions {
    std::string job;
    bool follow = false;
    bool raw = false;    ///< as stored: "- {…}"
    std::string levels;  ///< "target,results"; empty: all
    long long start = 0;
};
Exit logs(const LogsOptions& options, Session& session);

enum class Export { none, csv, junit, tap, yaml };

struct ResultsOptions {
    std::string job;
    std::string suite;
    bool failed = false;
    bool exit_code = false;  ///< end with the verdict on the job
    Export form = Export::none;
};
Exit results(const ResultsOptions& options, Session& session);

struct ArtifactsOptions {
    std::string job;
    std::string output_dir;  ///< empty: they are only listed
};
Exit artifacts(const ArtifactsOptions& options, Session& session);

struct JobsOptions {
    std::vector<std::string> states;  ///< any case
    bool mine = false;
    unsigned limit = 25;
};
Exit jobs(const JobsOptions& options, Session& session);

Exit show(const std::string& job, Session& session);
Exit why(const std::string& job, Session& session);
/// All devices, or of one how its health became what it is.
Exit devices(const std::string& name, Session& session);
struct ReserveOptions {
    std::string device;
    std::string time;          ///< "2h"
    std::string idle_release;  ///< "30m"; empty: the server's
    std::string reason;
};
Exit reserve(const ReserveOptions& options, Session& session);
Exit reservations(Session& session);

struct AcquireOptions {
    std::string device;  ///< this one, or
    std::string type;    ///< any of this type
    std::vector<std::string> tags;
    std::string time;          ///< "2h"; empty: the server's
    std::string idle_release;  ///< "30m"; empty: the server's
    std::string note;
    std::optional<int> priority;
    bool personal = false;  ///< hidden from others
    bool wait = false;      ///< until a device is there
};
Exit acquire(const AcquireOptions& options, Session& session);
struct ExtendOptions {
    std::string lease;  ///< its number, or the device; empty: the only one
    std::string time;   ///< so much longer
};
Exit extend(const ExtendOptions& options, Session& session);
/// A lease, by device or number, or a reservation.
Exit release(const std::string& name, Session& session);
Exit leases(Session& session);

// Within a lease; `device` empty: that of the only one.
struct PowerOptions {
    std::string action;  ///< on, off, cycle, status
    std::string device;
};
Exit power(const PowerOptions& options, Session& session);
Exit reset(const std::string& device, Session& session);
struct LineOptions {
    std::string name;
    std::string action;  ///< on, off, press, status
    std::string device;
};
Exit line(const LineOptions& options, Session& session);
struct StorageOptions {
    std::string action;  ///< host, board, nobody, write
    std::string file;    ///< write: the image
    std::string name;    ///< of the medium; empty: the only one
    std::string device;
};
Exit storage(const StorageOptions& options, Session& session);
struct ExportOptions {
    std::string device;
    bool raw = false;   ///< and not RFC 2217
    bool stop = false;  ///< end all exports
};
Exit export_console(const ExportOptions& options, Session& session);
struct ConsoleOptions {
    std::string device;
    bool read_only = false;
};
Exit console(const ConsoleOptions& options, Session& session);

Exit cancel(const std::vector<std::string>& jobs, Session& session);

struct ValidateOptions {
    std::vector<std::string> files;
    /// One of LAVA's schemas alone. Nothing: what a lab asks when a job is handed in, then inside its actions.
    std::optional<JobSchema> schema;
    bool strict = false;  ///< with no schema: unknown keys inside the actions are refused
};
/// Every file gets its answer: one that cannot be read is reported in its place, and the next is looked at.
Exit validate(const ValidateOptions& options, Session& session);

struct CheckOptions {
    std::vector<std::string> files;  ///< of patchbayd
};
/// Only comes back by throwing; patchbayd says the rest.
Exit check(const CheckOptions& options, Session& session);
struct ImportOptions {
    std::string folder;  ///< of a LAVA server
    std::string output = "patchbay-import";
    std::vector<std::string> templates;  ///< further folders of device-type templates
};
/// The same as check().
Exit import_lava(const ImportOptions& options, Session& session);
/// The same; patchbay-runner says the rest.
Exit suggest(Session& session);

Exit whoami(Session& session);
Exit version(Session& session);

struct LowerOptions {
    std::string file;
    std::string on;      ///< a device type; empty: what the job says
    std::string recipe;  ///< a file; then no server is asked
};
/// Prints the LAVA jobs that a portable job becomes.
Exit lower(const LowerOptions& options, Session& session);

struct CompareOptions {
    std::string job;  ///< one of its jobs, or "portable:3"
    bool exit_code = false;
};
Exit compare(const CompareOptions& options, Session& session);

struct RunOptions {
    std::string job;         ///< a definition, or a portable job
    std::string on;          ///< of a portable job: the virtual machine, or the recipe's device type
    std::string recipe;      ///< of a portable job: a file; empty: a virtual machine's
    std::string device;      ///< a device file; empty: the runner's own QEMU device
    std::string output_dir;  ///< empty: a temporary one, removed at the end
    std::string levels;
    bool raw = false;
};
Exit run_here(const RunOptions& options, Session& session);

}  // namespace patchbay::cli
