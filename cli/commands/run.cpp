// SPDX-License-Identifier: Apache-2.0
// patchbay run: a job on this machine, without a server.
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "cli/commands/commands.hpp"
#include "cli/commands/watch.hpp"
#include "cli/files.hpp"
#include "cli/portable.hpp"
#include "cli/run/runner_process.hpp"
#include "cli/text/utf8.hpp"

namespace patchbay::cli {
namespace {

/// Where the runner puts its files: the folder that was asked for, or one of its own that goes away again.
class OutputFolder {
public:
    explicit OutputFolder(const std::string& wanted) {
        std::error_code error;
        if (!wanted.empty()) {
            path_ = wanted;
            std::filesystem::create_directories(path_, error);
            if (error) throw UserError{"--output-dir " + wanted + ": cannot be made: " + error.message()};
            return;
        }
        auto pattern = (std::filesystem::temp_directory_path(error) / "patchbay-run-XXXXXX").string();
        if (!::mkdtemp(pattern.data()))
            throw UserError{pattern + ": cannot be made: " + std::strerror(errno) +
                            "; name a folder with --output-dir"};
        path_ = pattern;
        temporary_ = true;
    }
    ~OutputFolder() {
        std::error_code ignored;
        if (temporary_) std::filesystem::remove_all(path_, ignored);
    }
    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
    bool temporary_ = false;
};

void check_readable(const std::string& path) {
    if (::access(path.c_str(), R_OK) != 0) throw UserError{path + ": cannot be read: " + std::strerror(errno)};
}

/// What was read from a pipe cannot be read again by the runner; what was lowered is in no file.
std::string runner_file(const std::string& file, const std::string& text, const OutputFolder& folder) {
    if (std::error_code none; std::filesystem::is_regular_file(file, none)) return file;
    const auto copy = std::filesystem::path{folder.path()} / "definition.yaml";
    std::ofstream stream{copy, std::ios::binary};
    if (!(stream << text).flush()) throw UserError{copy.string() + ": cannot be written: " + std::strerror(errno)};
    return copy.string();
}

/// What the runner says under its own name is why it ended.
constexpr std::string_view runner_name = "patchbay-runner: ";

void close_report(Report& report, const RunnerEnd& end, bool has_verdict, const std::string& last_words) {
    report.state = "Finished";
    report.health = "Incomplete";
    const bool passed = has_verdict && report.error_type.empty() && report.error_msg.empty() && end.code == 0;
    if (passed) report.health = "Complete";
    if (report.error_type == "Canceled") report.health = "Canceled";
    if (has_verdict && (passed || !report.error_type.empty())) return;
    if (!end.signal && !last_words.empty()) {
        report.error_msg = last_words;
        return;
    }
    report.error_type = "Infrastructure";
    report.error_msg = end.signal ? "patchbay-runner was ended by signal " + std::to_string(end.signal) + " (" +
                                        ::strsignal(end.signal) + ") before the job was"
                                  : "patchbay-runner ended with code " + std::to_string(end.code) + " and no result";
}

}  // namespace

Exit run_here(const RunOptions& options, Session& session) {
    const auto levels = parse_levels(options.levels);
    const auto definition = read_text(options.job);
    const auto lowered = lower_here(definition, options.job, options.on, options.recipe);
    if (lowered) say_unused(lowered->unused, session.terminal);
    if (!options.device.empty()) check_readable(options.device);
    const auto runner = find_program("patchbay-runner", own_program(), session.environment);
    const OutputFolder folder{options.output_dir};
    // Folders of the runner are named after the job's id; the process id keeps two runs apart.
    const auto id = std::to_string(::getpid());
    std::vector<std::string> arguments{runner.string(), "--job-id", id, "--output-dir", folder.path()};
    if (!options.device.empty()) arguments.insert(arguments.end(), {"--device", options.device});
    arguments.push_back(runner_file(lowered ? "" : options.job, lowered ? lowered->definition : definition, folder));

    Report report;
    report.device = options.device;
    bool has_verdict = false;
    std::string last_words;
    RunnerEnd end;
    const auto started = std::chrono::steady_clock::now();
    {
        const auto form = session.json() ? LogForm::json : options.raw ? LogForm::raw : LogForm::rendered;
        LogScreen screen{session, id, form, levels};
        std::int64_t number = 0;
        RunnerEvents events;
        events.line = [&](std::string_view line) {
            const auto record = parse_record(line);
            if (!record && line.starts_with(runner_name)) {
                last_words = line.substr(runner_name.size());
                return;
            }
            if (!record) return screen.note(std::string{runner_name} + std::string{line});
            screen.line(number++, *record);
            if (record->level != "results" || !record->text.is_map()) return;
            auto result = case_from_record(record->text);
            has_verdict = has_verdict || (result.suite == "lava" && result.name == "job");
            add_case(report, std::move(result));
        };
        events.stopping = [&](int times) {
            screen.note(times == 1 ? "stopping the job and switching its device off…" : "told to stop again");
        };
        events.idle = [&] { screen.flush(); };
        end = run_runner(arguments, events);
        if (has_verdict && !last_words.empty()) screen.note(last_words);
    }
    report.duration = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started);
    close_report(report, end, has_verdict, last_words);
    if (lowered) mark_results(report, *lowered);
    return finish_report(report, session);
}

}  // namespace patchbay::cli
