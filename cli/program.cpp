// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <cctype>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>

#include "cli/commands/commands.hpp"
#include "core/config/closest.hpp"
#include "core/errors.hpp"

namespace patchbay::cli {
namespace {

using Command = std::function<Exit(Session&)>;

struct Globals {
    ServerOptions server;
    bool json = false;
    std::string colour = "auto";
};

/// A command's options live as long as the parser that fills them in.
template <class Options>
CLI::App* add(CLI::App& app, Command& chosen, const char* name, const char* words,
              Exit (*run)(const Options&, Session&), std::shared_ptr<Options>& options) {
    options = std::make_shared<Options>();
    auto* command = app.add_subcommand(name, words);
    command->callback([&chosen, run, options] { chosen = [run, options](Session& s) { return run(*options, s); }; });
    return command;
}

void add_watching(CLI::App* command, bool& follow, bool& wait, std::string& levels) {
    command->add_flag("-f,--follow", follow, "show the log until the job is finished, then its results");
    command->add_flag("-w,--wait", wait, "wait until the job is finished, then show its results");
    command->add_option("--level", levels, "with --follow: only these levels")->type_name("LEVEL,...");
}

/// Ways to print results, of which one is chosen. No option group: those head their help with "[Option Group: name]".
void add_forms(CLI::App& command, const std::shared_ptr<ResultsOptions>& options) {
    const auto form = [&](const char* name, Export value, const char* text) {
        return command.add_flag_callback(
            name, [options, value] { options->form = value; }, text);
    };
    const std::array forms{form("--csv", Export::csv, "as comma-separated values"),
                           form("--junit", Export::junit, "as JUnit XML"), form("--tap", Export::tap, "as TAP 13"),
                           form("--yaml", Export::yaml, "as YAML")};
    for (auto* one : forms) {
        for (auto* other : forms) {
            if (one != other) one->excludes(other);
        }
    }
}

void add_job_commands(CLI::App& app, Command& chosen) {
    std::shared_ptr<SubmitOptions> s;
    auto* command = add(app, chosen, "submit", "Hand in jobs", submit, s);
    command->add_option("job", s->files, "job definitions (YAML), - is stdin")->required()->type_name("JOB.yaml");
    add_watching(command, s->follow, s->wait, s->levels);

    std::shared_ptr<ResubmitOptions> again;
    command = add(app, chosen, "resubmit", "Hand in a job once more", resubmit, again);
    command->add_option("job", again->job, "id of the job")->required()->type_name("JOB");
    add_watching(command, again->follow, again->wait, again->levels);

    std::shared_ptr<LogsOptions> l;
    command = add(app, chosen, "logs", "Show the log of a job", logs, l);
    command->add_option("job", l->job, "id of the job")->required()->type_name("JOB");
    command->add_flag("-f,--follow", l->follow, "go on until the job is finished");
    command->add_option("--level", l->levels, "only these levels: target,results,…")->type_name("LEVEL,...");
    command->add_flag("--raw", l->raw, "the lines as they are stored");
    command->add_option("--start", l->start, "first line, counted from 0")
        ->check(CLI::NonNegativeNumber.description(""))
        ->type_name("N");

    std::shared_ptr<ResultsOptions> r;
    command = add(app, chosen, "results", "Show the results of a job", results, r);
    command->add_option("job", r->job, "id of the job")->required()->type_name("JOB");
    command->add_option("--suite", r->suite, "only this suite; lava is the job's own steps")->type_name("SUITE");
    command->add_flag("--failed", r->failed, "only failed cases");
    command->add_flag("--exit-code", r->exit_code, "end as submit --wait would");
    add_forms(*command, r);

    std::shared_ptr<ArtifactsOptions> left;
    command = add(app, chosen, "artifacts", "List the files that a job left, or fetch them", artifacts, left);
    command->add_option("job", left->job, "id of the job")->required()->type_name("JOB");
    command->add_option("--output-dir", left->output_dir, "fetch them into this folder")->type_name("DIR");

    std::shared_ptr<LowerOptions> w;
    command = add(app, chosen, "lower", "Show the LAVA jobs that a portable job becomes", lower, w);
    command->add_option("job", w->file, "portable job (YAML), - is stdin")->required()->type_name("JOB.yaml");
    command->add_option("--on", w->on, "on this device type; without it, those that the job names")->type_name("TYPE");
    command->add_option("--recipe", w->recipe, "by the recipe in this file; no server is asked")->type_name("FILE");

    std::shared_ptr<CompareOptions> side;
    command = add(app, chosen, "compare", "Show the results of a portable job's jobs side by side", compare, side);
    command->add_option("job", side->job, "one of its jobs, or portable:N")->required()->type_name("JOB");
    command->add_flag("--exit-code", side->exit_code, "end with 4 when a result is not as it should be");

    std::shared_ptr<RunOptions> here;
    command = add(app, chosen, "run", "Run a job on this machine, without a server", run_here, here);
    command->add_option("job", here->job, "job definition (YAML), - is stdin")->required()->type_name("JOB.yaml");
    command->add_option("--on", here->on, "of a portable job: qemu-x86_64, qemu-arm64, …")->type_name("TYPE");
    command->add_option("--recipe", here->recipe, "of a portable job: the recipe of --device")->type_name("FILE");
    command->add_option("--device", here->device, "device file; without it the job runs in QEMU")->type_name("FILE");
    command->add_option("--output-dir", here->output_dir, "where the runner leaves its files")->type_name("DIR");
    command->add_option("--level", here->levels, "only these levels of the log")->type_name("LEVEL,...");
    command->add_flag("--raw", here->raw, "the log's lines as they are stored");
}

std::optional<JobSchema> schema_of(const std::string& word) {
    if (word == "gate") return JobSchema::gate;
    if (word == "full") return JobSchema::full;
    if (word == "strict") return JobSchema::strict;
    return std::nullopt;
}

void add_lab_commands(CLI::App& app, Command& chosen) {
    std::shared_ptr<JobsOptions> j;
    auto* command = add(app, chosen, "jobs", "List jobs, the newest first", jobs, j);
    command->add_option("--state", j->states, "only these: submitted, running, finished, …")
        ->delimiter(',')
        ->type_name("STATE");
    command->add_flag("--mine", j->mine, "only my own");
    command->add_option("--limit", j->limit, "how many (25)")
        ->check(CLI::Range(1U, 100000U).description(""))
        ->type_name("N");

    const auto id = std::make_shared<std::string>();
    command = app.add_subcommand("show", "Show what is known about a job");
    command->add_option("job", *id, "id of the job")->required()->type_name("JOB");
    command->callback([&chosen, id] { chosen = [id](Session& s) { return show(*id, s); }; });

    const auto waiting = std::make_shared<std::string>();
    command = app.add_subcommand("why", "Say why a job waits: for each device, the reason");
    command->add_option("job", *waiting, "id of the job")->required()->type_name("JOB");
    command->callback([&chosen, waiting] { chosen = [waiting](Session& s) { return why(*waiting, s); }; });

    const auto ids = std::make_shared<std::vector<std::string>>();
    command = app.add_subcommand("cancel", "Stop jobs");
    command->add_option("job", *ids, "ids of the jobs")->required()->type_name("JOB");
    command->callback([&chosen, ids] { chosen = [ids](Session& s) { return cancel(*ids, s); }; });

    std::shared_ptr<ValidateOptions> v;
    command = add(app, chosen, "validate", "Check job definitions without running them", validate, v);
    command->add_option("file", v->files, "job definitions (YAML), - is stdin")->required()->type_name("FILE");
    auto* strict = command->add_flag("--strict", v->strict, "also report keys that nothing reads");
    command
        ->add_option_function<std::string>(
            "--schema", [v](const std::string& word) { v->schema = schema_of(word); },
            "one of LAVA's schemas alone: gate, full or strict")
        ->check([](const std::string& word) { return schema_of(word) ? "" : word + " is not gate, full or strict"; })
        ->type_name("SCHEMA")
        ->excludes(strict);

    std::shared_ptr<CheckOptions> c;
    command = add(app, chosen, "check", "Check files of patchbayd: configuration, rules, devices", check, c);
    command->add_option("file", c->files, "what patchbayd would read (YAML)")->required()->type_name("FILE");

    auto* import = app.add_subcommand("import", "Take over the files of another lab server");
    import->require_subcommand(1);
    std::shared_ptr<ImportOptions> i;
    command = add(*import, chosen, "lava", "Make lab.yaml of a LAVA server's files", import_lava, i);
    command->add_option("folder", i->folder, "its /etc/lava-server, or a copy")->required()->type_name("FOLDER");
    command->add_option("--output", i->output, "where the files go; nothing is replaced (./patchbay-import)")
        ->type_name("FOLDER");
    command->add_option("--templates", i->templates, "folder of further device-type templates")->type_name("FOLDER");

    app.add_subcommand("suggest", "List what is attached to this machine, as entries for a device's hardware")
        ->callback([&chosen] { chosen = suggest; });

    const auto device = std::make_shared<std::string>();
    command = app.add_subcommand("devices", "List the devices of the lab, and why one is not Good");
    command->add_option("device", *device, "of this one, all changes of its health")->type_name("DEVICE");
    command->callback([&chosen, device] { chosen = [device](Session& s) { return devices(*device, s); }; });
    app.add_subcommand("reservations", "List the devices that are kept for somebody")->callback([&chosen] {
        chosen = reservations;
    });

    std::shared_ptr<ReserveOptions> r;
    command = add(app, chosen, "reserve", "Keep a device for your own jobs", reserve, r);
    command->add_option("device", r->device, "name of the device")->required()->type_name("DEVICE");
    command->add_option("--for", r->time, "how long, like 2h")->required()->type_name("TIME");
    command->add_option("--idle", r->idle_release, "release it when none of your jobs ran for so long (1h), 0s: never")
        ->type_name("TIME");
    command->add_option("--reason", r->reason, "what others are told")->type_name("TEXT");

    app.add_subcommand("whoami", "Say as whom the server knows you")->callback([&chosen] { chosen = whoami; });
    app.add_subcommand("version", "Say which patchbay this is, and which server")->callback([&chosen] {
        chosen = version;
    });
}

/// Leases of people, and the board within one.
void add_lease_commands(CLI::App& app, Command& chosen) {
    std::shared_ptr<AcquireOptions> a;
    auto* command = add(app, chosen, "acquire", "Get a device to work at", acquire, a);
    command->add_option("device", a->device, "name of the device")->type_name("DEVICE");
    command->add_option("--type", a->type, "any device of this type")->type_name("TYPE");
    command->add_option("--tag", a->tags, "with --type: that has this tag")->type_name("TAG");
    command->add_option("--time", a->time, "how long (2h)")->type_name("TIME");
    command
        ->add_option("--idle", a->idle_release, "release it when nothing is done with it for so long (1h), 0s: never")
        ->type_name("TIME");
    command->add_option("--note", a->note, "what others are told")->type_name("TEXT");
    command->add_option("--priority", a->priority, "in the queue, 0 to 100 (50)")->type_name("N");
    command->add_flag("--personal", a->personal, "others do not see it");
    command->add_flag("-w,--wait", a->wait, "wait until the device is there");

    std::shared_ptr<ExtendOptions> e;
    command = add(app, chosen, "extend", "Keep a leased device longer", extend, e);
    command->add_option("lease", e->lease, "device, or number of the lease")->type_name("DEVICE");
    command->add_option("--time", e->time, "how much longer, like 1h")->required()->type_name("TIME");

    const auto released = std::make_shared<std::string>();
    command = app.add_subcommand("release", "Give a leased or reserved device back");
    command->add_option("device", *released, "device, or number of the lease")->type_name("DEVICE");
    command->callback([&chosen, released] { chosen = [released](Session& s) { return release(*released, s); }; });
    app.add_subcommand("leases", "List who works at which device")->callback([&chosen] { chosen = leases; });

    std::shared_ptr<ConsoleOptions> c;
    command = add(app, chosen, "console", "Show the console of a device, and type at a leased one", console, c);
    command->add_option("device", c->device, "name of the device")->required()->type_name("DEVICE");
    command->add_flag("--read-only", c->read_only, "leave the keyboard to others");

    std::shared_ptr<ExportOptions> x;
    command =
        add(app, chosen, "export", "Make the console of a leased device a port of the network", export_console, x);
    command->add_option("device", x->device, "name of the device")->type_name("DEVICE");
    auto* raw = command->add_flag("--raw", x->raw, "plain TCP, not RFC 2217");
    command->add_flag("--stop", x->stop, "end all exports of the lease")->excludes(raw);

    std::shared_ptr<PowerOptions> p;
    command = add(app, chosen, "power", "Switch the supply of a leased device", power, p);
    command->add_option("action", p->action, "on, off, cycle or status")->required()->type_name("ACTION");
    command->add_option("device", p->device, "name of the device")->type_name("DEVICE");

    const auto reset_device = std::make_shared<std::string>();
    command = app.add_subcommand("reset", "Reset a leased device");
    command->add_option("device", *reset_device, "name of the device")->type_name("DEVICE");
    command->callback(
        [&chosen, reset_device] { chosen = [reset_device](Session& s) { return reset(*reset_device, s); }; });

    std::shared_ptr<LineOptions> l;
    command = add(app, chosen, "line", "Set a line of a leased device", line, l);
    command->add_option("name", l->name, "name of the line")->required()->type_name("NAME");
    command->add_option("action", l->action, "on, off, press or status")->required()->type_name("ACTION");
    command->add_option("device", l->device, "name of the device")->type_name("DEVICE");

    std::shared_ptr<StorageOptions> s;
    command = add(app, chosen, "storage", "Connect or write the medium of a leased device", storage, s);
    command->add_option("action", s->action, "host, board, nobody or write")->required()->type_name("ACTION");
    command->add_option("file", s->file, "write: the image")->type_name("FILE");
    command->add_option("--name", s->name, "which medium, of several")->type_name("NAME");
    command->add_option("--device", s->device, "name of the device")->type_name("DEVICE");
}

void add_globals(CLI::App& app, Globals& globals) {
    app.add_option("--server", globals.server.server, "address of patchbayd or of a LAVA server")->type_name("URL");
    app.add_option("--token-file", globals.server.token_file, "file that holds your token")->type_name("FILE");
    app.add_flag("--json", globals.json, "print JSON: one document, or one for each line");
    app.add_option("--color", globals.colour, "auto, always or never")
        ->check([](const std::string& word) {
            return word == "auto" || word == "always" || word == "never" ? "" : word + " is not auto, always or never";
        })
        ->type_name("WHEN");
    app.set_version_flag("--version", "patchbay " PATCHBAY_VERSION);
    app.footer(
        "The server is --server, PATCHBAY_SERVER, `server:` in ~/.config/patchbay/cli.yaml, or http://127.0.0.1:8080.\n"
        "A token is PATCHBAY_TOKEN, --token-file, or `token:` in that file. More: man patchbay.");
}

ColourChoice choice_of(const std::string& word) {
    if (word == "always") return ColourChoice::always;
    return word == "never" ? ColourChoice::never : ColourChoice::automatic;
}

int code(Exit end) { return static_cast<int>(end); }

std::vector<std::string> names_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

/// The first word that should have been a command; empty when there is none.
std::string unknown_command(const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--server" || arguments[i] == "--token-file" || arguments[i] == "--color")
            ++i;
        else if (!arguments[i].starts_with('-'))
            return arguments[i];
    }
    return {};
}

/// Names what is wrong and what would be right; nothing at all gets the help.
Exit misused(const CLI::App& app, const std::vector<std::string>& arguments, const CLI::ParseError& error,
             Terminal& terminal) {
    const auto chosen = app.get_subcommands();
    const auto word = unknown_command(arguments);
    std::string program = app.get_name();
    if (chosen.empty() && arguments.empty()) {
        terminal.err << app.help();
        return Exit::trouble;
    }
    if (!chosen.empty()) program += " " + chosen.front()->get_name();
    std::string text = error.what();
    if (chosen.empty() && !word.empty()) {
        const auto names = names_of(app);
        const auto* near = config::closest(word, names);
        text = "'" + word + "' is no command";
        if (near) text += "; did you mean '" + *near + "'?";
    } else if (chosen.empty()) {
        text = "a command is missing";
    }
    if (!text.empty()) text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
    terminal.err << program << ": " << text << "\nsee: " << program << " --help\n";
    return Exit::trouble;
}

/// As CLI11 takes them, and with "help X" as "X --help", which is what people type first.
std::vector<std::string> backwards(const std::vector<std::string>& arguments) {
    std::vector<std::string> out{arguments.rbegin(), arguments.rend()};
    if (!out.empty() && out.back() == "help") {
        out.pop_back();
        out.insert(out.begin(), "--help");
    }
    return out;
}

int execute(const Command& command, Session& session) {
    auto& err = session.terminal.err;
    try {
        const auto end = command(session);
        session.terminal.out.flush();
        if (session.terminal.out.good()) return code(end);
        err << "patchbay: stdout: cannot be written; is the disk full or the reader gone?\n";
        return code(Exit::trouble);
    } catch (const Interrupted&) {
        return code(Exit::interrupted);
    } catch (const std::exception& error) {
        session.terminal.out.flush();
        err << session.terminal.err_paint(Colour::red, "patchbay:") << " " << describe(error) << std::endl;
        return code(Exit::trouble);
    }
}

}  // namespace

int run_program(const std::vector<std::string>& arguments, const Environment& environment, Terminal terminal,
                Patience patience) {
    CLI::App app{"Hand jobs to a hardware lab, and see how they go.", "patchbay"};
    app.require_subcommand(1);
    app.fallthrough();
    Globals globals;
    Command chosen;
    add_globals(app, globals);
    add_job_commands(app, chosen);
    add_lab_commands(app, chosen);
    add_lease_commands(app, chosen);
    try {
        app.parse(backwards(arguments));
    } catch (const CLI::Success& help) {
        return app.exit(help, terminal.out, terminal.err);
    } catch (const CLI::ParseError& error) {
        return code(misused(app, arguments, error, terminal));
    }
    terminal.paint = Paint{wants_colour(choice_of(globals.colour), terminal.out_is_tty, environment)};
    terminal.err_paint = Paint{wants_colour(choice_of(globals.colour), terminal.err_is_tty, environment)};
    Session session{terminal, environment, globals.server, globals.json ? Format::json : Format::text};
    session.patience = patience;
    return execute(chosen, session);
}

}  // namespace patchbay::cli
