// SPDX-License-Identifier: Apache-2.0
// patchbay-runner: one process for each lease, the only one that touches hardware.
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/log_lines.hpp"
#include "core/process/file_descriptor.hpp"
#include "drivers/suggest/suggest.hpp"
#include "jobs/runner/check_hardware.hpp"
#include "jobs/runner/device_nodes.hpp"
#include "jobs/runner/runner.hpp"
#include "jobs/runner/unit.hpp"

namespace patchbay {
namespace {

/// LAVA's texts for the signals that end a job.
void cancel_on_signals(asio::signal_set& signals, Cancellation& cancellation) {
    signals.async_wait([&signals, &cancellation](const boost::system::error_code& error, int number) {
        if (error) return;
        if (cancellation.requested()) {
            cancellation.request("The job was canceled again (too long to cancel)");
        } else {
            cancellation.request(number == SIGUSR1 ? "The job was deleted on the lava-server" : "The job was canceled");
        }
        cancel_on_signals(signals, cancellation);
    });
}

/// Runs `main_task` to its end; its exception comes out here.
template <class T>
T run_to_end(asio::io_context& io, Task<T> main_task, asio::signal_set& signals) {
    std::exception_ptr failure;
    std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> value;
    auto finished = [&](std::exception_ptr error, auto... result) {
        failure = error;
        if constexpr (sizeof...(result) == 1) value = (std::move(result), ...);
        signals.cancel();
    };
    asio::co_spawn(io, std::move(main_task), finished);
    io.run();
    if (failure) std::rethrow_exception(failure);
    if constexpr (!std::is_void_v<T>) return std::move(*value);
}

/// A line for each device: its name, its nodes.
int print_device_nodes(const std::string& file) {
    for (const auto& [device, nodes] : device_nodes(file)) {
        std::cout << device;
        for (const auto& node : nodes) std::cout << ' ' << node.string();
        std::cout << "\n";
    }
    return 0;
}

int print_hardware_problems(const std::vector<std::string>& files) {
    bool good = true;
    for (const auto& file : files) {
        for (const auto& line : hardware_problems(file)) {
            std::cout << line << "\n";
            good = false;
        }
    }
    return good ? 0 : 1;
}

int print_suggestions(bool as_json) {
    const auto found = suggest_hardware();
    std::cout << (as_json ? config::dump_json(suggestions_value(found)) + "\n" : suggestions_text(found));
    return std::cout.flush() ? 0 : 1;
}

/// The folder of leases of the unit that systemd started, whose StateDirectory= is the daemon's.
UnitRules rules_of_unit(const std::string& device) {
    const char* state = std::getenv("STATE_DIRECTORY");
    if (state == nullptr || *state != '/')
        throw ConfigurationError{"--unit is for systemd, which names the state's folder (StateDirectory=)"};
    return {device, std::filesystem::path{state} / "leases"};
}

int run(int argc, char** argv, std::optional<UnitAnswer>& answer) {
    CLI::App app{
        "Runs one job on one device. Started by patchbayd, by `patchbay run`, or with the arguments of LAVA's "
        "lava-run."};
    std::string lease, make_safe, unit, lab;
    int answer_to = -1;
    std::vector<std::string> hardware;
    LavaRun options;
    std::string device, dispatcher, environment;
    UploadTarget upload;
    double interval = 5;
    bool ignored = false, suggest = false, suggest_json = false;
    app.set_version_flag("--version", "patchbay-runner " PATCHBAY_VERSION);
    app.add_option("--lease", lease, "run the job of this lease folder");
    app.add_option("--make-safe", make_safe, "bring the device of this lease folder to its safe state");
    app.add_option("--check-hardware", hardware, "print what drivers refuse in lab.yaml or device files");
    auto* suggestions = app.add_flag("--suggest", suggest, "print what is attached, as entries of a device's hardware");
    app.add_flag("--json", suggest_json, "with --suggest: for programs")->needs(suggestions);
    app.add_option("--device-nodes", lab,
                   "print the devices of this lab.yaml, each with the nodes below /dev that it needs");
    app.add_option("--unit", unit, "run what the daemon asks for at the socket of this device; for systemd");
    app.add_option("--answer-to", answer_to)->group("");  // between --unit and what it becomes
    app.add_option("--job-id", options.job_id, "number of the job, as in /lava-<number>");
    app.add_option("--output-dir", options.output_dir, "where logs.yaml, description.yaml and result.yaml go");
    app.add_option("--device", device, "LAVA device file (rendered); default: a QEMU machine");
    app.add_option("--dispatcher", dispatcher, "settings of the worker");
    auto* url = app.add_option("--url", upload.url, "LAVA server that gets the log");
    auto* token = app.add_option("--token", upload.token, "token of the job on that server")->needs(url);
    url->needs(token);
    app.add_option("--job-log-interval", interval, "seconds between two uploads of the log; default: 5")
        ->check(CLI::Range(0.1, 3600.0));
    app.add_option("--env-dut", environment, "variables for the device: LAVA's env-dut file");
    app.add_flag("--validate", options.validate_only, "only validate the job");
    app.add_flag("--skip-sudo-warning", ignored, "accepted, has no meaning here");
    app.add_flag("--debug", ignored, "accepted, has no meaning here");
    app.add_option("definition", options.definition, "the job's definition");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }

    answer.emplace(answer_to);

    if (suggest) return print_suggestions(suggest_json);
    if (!hardware.empty()) return print_hardware_problems(hardware);

    // Standard error belongs to the records of lava-run; our own log lines go to it only for a lease.
    spdlog::set_default_logger(spdlog::stderr_logger_st("runner"));
    spdlog::set_formatter(log_line_formatter());
    if (!lab.empty()) return print_device_nodes(lab);
    if (!unit.empty()) {
        become_runner_of_unit(rules_of_unit(unit));
        return 0;
    }
    ::signal(SIGPIPE, SIG_IGN);
    asio::io_context io{1};
    asio::signal_set signals{io, SIGTERM, SIGINT, SIGHUP};
    signals.add(SIGQUIT);
    signals.add(SIGUSR1);
    signals.add(SIGUSR2);
    Cancellation cancellation;
    cancel_on_signals(signals, cancellation);

    if (!lease.empty()) {
        run_to_end(io, run_lease(lease, cancellation), signals);
        return 0;
    }
    if (!make_safe.empty()) {
        run_to_end(io, make_lease_safe(make_safe), signals);
        return 0;
    }
    if (options.job_id.empty() || options.output_dir.empty() || options.definition.empty()) {
        std::cerr
            << "patchbay-runner: give --lease DIR, --make-safe DIR, --check-hardware FILE, --suggest, or --job-id, "
               "--output-dir and a definition "
               "(see --help)\n";
        return 2;
    }
    spdlog::set_level(spdlog::level::warn);
    if (!device.empty()) options.device = device;
    if (!dispatcher.empty()) options.dispatcher = dispatcher;
    if (!upload.url.empty()) {
        upload.job = options.job_id;
        upload.interval = std::chrono::milliseconds{static_cast<std::int64_t>(interval * 1000)};
        options.upload = upload;
    }
    if (!environment.empty()) options.environment = environment;
    return run_to_end(io, lava_run(options, cancellation), signals) ? 0 : 1;
}

}  // namespace
}  // namespace patchbay

int main(int argc, char** argv) {
    patchbay::fill_standard_streams();
    std::optional<patchbay::UnitAnswer> answer;
    int code = 1;
    try {
        code = patchbay::run(argc, argv, answer);
    } catch (const std::exception& error) {
        std::cerr << "patchbay-runner: " << patchbay::one_line(patchbay::describe(error)) << "\n";
    }
    if (answer) answer->tell(code);
    return code;
}
