// SPDX-License-Identifier: Apache-2.0
// The one promise to a lab's owner: whenever a job is told to stop, the machine ends up off and the log ends with one
// verdict. Each job is run again and again, stopped at its first suspension point, at its second, and so on until it
// ends before the stop comes. A suspension point is where the event loop has nothing of the job left to run at once.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include "core/config/yaml.hpp"
#include "core/process/spawn.hpp"
#include "tests/jobs/actions/sim_loaders.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay::testing {
namespace {

const std::string reason = "The job was canceled";

/// Where the stops of one job have come.
struct Visits {
    std::size_t points = 0;                     // suspension points, each visited once
    std::map<std::string, std::size_t> inside;  // by action: how many of them lay in it, or in one below it
    std::set<std::string> actions;              // all that the job's pipeline has
};

void note_actions(const config::Value& node, std::set<std::string>& names) {
    if (const auto* name = node.find("name")) names.insert(config::python_str(*name));
    const auto* below = node.find("pipeline");
    if (!below) return;
    for (const auto& child : *below->as_list()) note_actions(child, names);
}

void note_stop(const RecordingSink& sink, Visits& visits) {
    std::set<std::string> stopped;
    for (const auto& record : sink.records) {
        if (record.find("\"fail\": \"" + reason) == std::string::npos) continue;
        const auto parsed = config::parse_yaml(record);
        const auto* name = parsed.find("msg")->find("case");
        if (name) stopped.insert(config::python_str(*name));
    }
    for (const auto& name : stopped) ++visits.inside[name];
}

using Prepare = void (*)(SimJob&);

/// No board can fetch any more what the job had put there for it.
void expect_nothing_served(const SimJob& job) {
    for (const auto* root : {"tftp", "nfs"}) {
        const auto folder = job.folder / root;
        ASSERT_TRUE(!std::filesystem::exists(folder) || std::filesystem::is_empty(folder)) << folder;
    }
}

/// What must hold wherever the job was stopped.
void check_end(const SimJob& job, const JobOutcome& outcome) {
    ASSERT_FALSE(job.board->powered);
    ASSERT_GE(job.board->made_safe, 1);
    ASSERT_EQ(job.sink.failure_of("power-off"), "");
    ASSERT_EQ(job.sink.job_results(), 1u);
    ASSERT_NE(job.sink.records.back().find("\"case\": \"job\""), std::string::npos);
    ASSERT_FALSE(std::filesystem::exists(job.directory()));
    ASSERT_FALSE(job.left_running);
    expect_nothing_served(job);
    if (outcome.passed()) return;  // the actions were over already
    ASSERT_EQ(outcome.error, ErrorType::canceled) << outcome.error_msg;
    ASSERT_EQ(outcome.error_msg, reason);
}

using Check = void (*)(const SimJob&);

/// `until_boot`: only the points before the machine boots. `also`: what must hold besides.
Visits stop_everywhere(Prepare prepare, SimJob::Time time = SimJob::Time::simulated, bool until_boot = false,
                       Check also = nullptr) {
    Visits visits;
    std::size_t canceled = 0;
    for (std::size_t point = 1;; ++point) {
        SCOPED_TRACE("canceled at suspension point " + std::to_string(point));
        SimJob job{time};
        prepare(job);
        job.cancel_after = point;
        const auto outcome = job.run();
        check_end(job, outcome);
        if (also) also(job);
        if (::testing::Test::HasFatalFailure()) break;
        if (job.handlers < point) {  // it was over before
            EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
            note_actions(job.described, visits.actions);
            break;
        }
        ++visits.points;
        if (until_boot && job.board->boots > 0) {
            note_actions(job.described, visits.actions);
            break;
        }
        if (outcome.passed()) continue;
        ++canceled;
        note_stop(job.sink, visits);
    }
    EXPECT_GT(canceled, 0u);
    return visits;
}

const std::vector<std::string> cases{"a pass", "b fail"};

/// Two tries of a boot, a login, a test; images and the overlay come from this host.
void boot_and_test(SimJob& job) {
    job.step = 500ms;
    job.definition = job_text(deploy_block() +
                              boot_block("    failure_retry: 2\n"
                                         "    auto_login: {login_prompt: 'login:', username: root,\n"
                                         "                 password_prompt: 'Password:', password: toor,\n"
                                         "                 login_commands: [stty]}\n") +
                              test_block("smoke"));
    auto& board = *job.board;
    board.boot_takes = 500ms;
    board.off_takes = 500ms;
    board.boots_in_turn = {{say("Linux version 6.1\r\n"), hang_up()}};
    board.boot = {pause(1s),         say("Linux version 6.1\r\n"), pause(1s),   say("login: "), expect_line("root"),
                  say("Password: "), expect_line("toor"),          say_prompt()};
    board.answers = {{"lava-test-runner", test_run("0_smoke", "42_1.1.2.1", cases) + std::string{test_exit}, 1s},
                     {"", "", 1s}};
}

/// The other kinds of test: typed commands, with a delay, and a monitor; the kernel warns on its way.
void interactive_and_monitor(SimJob& job) {
    job.step = 500ms;
    job.definition =
        job_text(deploy_block() + boot_block() +
                 "- test:\n    timeout: {minutes: 5}\n    monitors:\n"
                 "    - {name: m, start: TAP, end: Totals, pattern: '(?P<result>ok) \\d+ (?P<test_case_id>\\w+)', "
                 "fixupdict: {ok: "
                 "pass}}\n"
                 "- test:\n    timeout: {minutes: 5}\n    interactive:\n"
                 "    - name: basic\n      prompts: ['root@pb-guest:']\n      echo: discard\n      script:\n"
                 "      - {command: uname, name: system, successes: [{message: Linux}]}\n"
                 "      - {delay: 3}\n"
                 "      - {command: uptime, name: up}\n");
    job.board->boot = {say("Linux version 6.1\r\nBUG: late\r\n"),
                       pause(1s),
                       say_prompt(),
                       pause(2s),
                       say("TAP\r\nok 1 a\r\n"),
                       pause(1s),
                       say("Totals\r\n")};
    job.board->answers = {{"uname", "Linux\r\n", 1s}, {"", "", 1s}};
}

/// A board of which the console tells whether it is off: it is listened to when it is cut.
void listened_to(SimJob& job) {
    job.step = 500ms;
    job.definition = job_text("- boot: {method: minimal, prompts: ['root@pb-guest:'], timeout: {minutes: 2}}\n");
    job.board->takes_images = false;
    job.board->unverified = true;
    job.board->boot = {say("Linux version 6.1\r\n"), pause(1s), say_prompt()};
}

/// A test definition as an archive and in a git repository.
struct Sources {
    TemporaryFolder folder;
    Sources() {
        const auto make = "cd " + folder.path.string() +
                          " && printf 'metadata: {format: Lava-Test Test Definition 1.0, name: t}\\nrun: {steps: "
                          "[\"true\"]}\\n' > t.yaml"
                          " && tar -cf tests.tar t.yaml && git init -q . && git add t.yaml"
                          " && git -c user.name=t -c user.email=t@example.org commit -q -m t";
        if (std::system(make.c_str()) != 0) throw std::runtime_error{"cannot make the sources of the tests"};
    }
};

/// A root for boards, as an archive.
struct RootArchive {
    TemporaryFolder folder;
    RootArchive() {
        const auto make = "cd " + folder.path.string() +
                          " && mkdir -p r/etc r/bin && echo sh > r/bin/sh && tar -C r "
                          "-cf root.tar .";
        if (std::system(make.c_str()) != 0) throw std::runtime_error{"cannot make the root of the boards"};
    }
};

/// The servers of this host, with folders of their own. Returns where boards' files come from.
std::string serve(SimJob& job) {
    static const RootArchive archive;
    for (const auto* root : {"tftp", "nfs"}) std::filesystem::create_directories(job.folder / root);
    job.settings.tftp_root = job.folder / "tftp";
    job.settings.nfs_root = job.folder / "nfs";
    job.settings.dispatcher_ip = job.settings.tftp_ip = job.settings.nfs_ip = "127.0.0.1";
    job.settings.allowed_file_paths.push_back(archive.folder.path);
    for (const auto* method : {"tftp", "nbd"}) job.description.deploy_methods.set(method, config::Value{});
    job.prepare = nullptr;  // the deploy puts the files there
    return "file://" + archive.folder.path.string();
}

/// A board from power-on by its boot loader to a login and a test; its kernel comes by TFTP, its root by NFS.
void board_with_a_loader(SimJob& job) {
    job.step = 500ms;
    auto loader = sim_loader("u-boot");
    loader.commands = {"dhcp", "tftp {KERNEL_ADDR} {KERNEL}",
                       "setenv bootargs root=/dev/nfs nfsroot={NFS_SERVER_IP}:{NFSROOTFS}", "{BOOTX}"};
    put_loader(job, loader);
    const auto files = serve(job);
    job.definition = job_text(
        "- deploy:\n    to: tftp\n    os: oe\n    timeout: {minutes: 2}\n"
        "    kernel: {url: 'file://@FOLDER@/kernel', type: image}\n    nfsrootfs: {url: '" +
        files +
        "/root.tar'}\n"
        "- boot:\n    method: u-boot\n    commands: ramdisk\n    prompts: ['root@board01:']\n"
        "    timeout: {minutes: 5}\n"
        "    auto_login: {login_prompt: 'login:', username: tester}\n" +
        test_block("smoke"));
    auto& board = *job.board;
    board.off_takes = board.boot_takes = 500ms;
    board.prompt = shell_prompt;
    board.boot = loader.start;
    for (const auto& step : {say("=> "),
                             expect_line("dhcp"),
                             pause(1s),
                             say("=> "),
                             expect_line("tftp"),
                             say("Loading: *\b####"),
                             pause(2s),
                             say("\r\ndone\r\n=> "),
                             expect_line("setenv"),
                             say("=> "),
                             expect_line("booti"),
                             pause(1s),
                             say("Starting kernel ...\r\n"),
                             pause(1s),
                             say("[    0.0] Linux version 6.6\r\n"),
                             pause(1s),
                             say("board01 login: "),
                             expect_line("tester"),
                             pause(1s),
                             say_prompt()}) {
        board.boot.push_back(step);
    }
    board.answers = {{"lava-test-runner", test_run("0_smoke", "42_1.1.2.1", cases) + std::string{test_exit}, 1s},
                     {"", "", 1s}};
}

/// Its root is served by a program of this host.
void board_with_an_nbd_root(SimJob& job) {
    put_loader(job, sim_loader("u-boot"));
    serve(job);
    std::ofstream{job.folder / "disk"} << std::string(4096, 'x');
    job.definition = job_text(
        "- deploy:\n    to: nbd\n    timeout: {minutes: 1}\n    kernel: {url: 'file://@FOLDER@/kernel', type: image}\n"
        "    initrd: {url: 'file://@FOLDER@/initrd'}\n    nbdroot: {url: 'file://@FOLDER@/disk'}\n"
        "- boot: {method: u-boot, commands: ramdisk, prompts: ['root@board01:'], timeout: {minutes: 5}}\n",
        "protocols: {lava-xnbd: {port: auto}}\n");
}

void expect_no_nbd_server(const SimJob& job) {
    ASSERT_EQ(job.tool("pgrep -af \"nbd-server.*$PWD\" | grep -v pgrep"), "");
}

/// Programs of this host that work for the device.
void commands(SimJob& job) {
    job.description.user_commands["lamp"] = {{"true", "true"}, {"true"}};
    job.description.commands["power_off"] = {{"true"}, {}};
    job.definition = job_text("- command: {name: lamp, timeout: {minutes: 1}}\n");
}

/// A drive with the overlay, which a program of this host makes; tests from elsewhere.
void with_programs(SimJob& job) {
    static const Sources sources;
    const auto url = "file://" + sources.folder.path.string();
    job.settings.allowed_file_paths.push_back(sources.folder.path);
    job.definition = job_text(
        "- deploy:\n    to: tmpfs\n    os: oe\n    timeout: {minutes: 2}\n    images:\n"
        "      kernel: {image_arg: '-kernel {kernel}', url: 'file://@FOLDER@/kernel'}\n" +
        boot_block() +
        "- test:\n    timeout: {minutes: 3}\n    definitions:\n"
        "    - {from: url, name: t, path: t.yaml, repository: '" +
        url +
        "/tests.tar'}\n"
        "    - {from: git, name: g, path: t.yaml, repository: '" +
        url + "'}\n");
}

/// They do all their work without ever waiting, or wait for one piece of work, which ends here before a stop reaches it
/// (append-overlays: ImageOverlay.ThatIsLargeIsGivenUpWhenTheJobIsCanceled).
const std::set<std::string> never_wait{
    "append-overlays",      "compress-overlay",       "deploy-device-env",      "export-device-env",
    "inline-repo-action",   "lava-multinode-overlay", "lava-vland-overlay",     "persistent-nfs-overlay",
    "test-install-overlay", "test-overlay",           "test-runscript-overlay",
};

/// They switch the machine off: no stop reaches them.
const std::set<std::string> shielded{"finalize", "power-off", "read-feedback"};

void tell(const std::string& name, const Visits& visits) {
    std::cout << name << ": stopped at each of " << visits.points << " suspension points; inside";
    for (const auto& [action, count] : visits.inside) std::cout << " " << action << ":" << count;
    std::cout << "\n";
}

TEST(CancelAnywhere, LeavesTheMachineOffAndOneVerdict) {
    const auto boot = stop_everywhere(boot_and_test);
    tell("boot and test", boot);
    // The same points on every machine and under every load: the clock is simulated.
    const auto again = stop_everywhere(boot_and_test);
    EXPECT_EQ(again.points, boot.points);
    EXPECT_EQ(again.inside, boot.inside);
    const auto typed = stop_everywhere(interactive_and_monitor);
    tell("interactive and monitor", typed);
    const auto device = stop_everywhere(commands, SimJob::Time::real);
    tell("commands of the device", device);
    const auto programs = stop_everywhere(with_programs, SimJob::Time::real, true);
    tell("deploy with programs of this host", programs);

    std::set<std::string> all, visited;
    std::size_t points = 0;
    for (const auto* visits : {&boot, &typed, &device, &programs}) {
        points += visits->points;
        all.insert(visits->actions.begin(), visits->actions.end());
        for (const auto& [name, count] : visits->inside) visited.insert(name);
    }
    for (const auto& name : all) {
        if (shielded.contains(name)) continue;
        EXPECT_NE(visited.contains(name), never_wait.contains(name)) << name << ": where can a stop come inside it?";
    }
    std::cout << points << " suspension points in " << visited.size() << " actions\n";
    EXPECT_GT(points, 200u);
    RecordProperty("suspension_points", static_cast<int>(points));
}

TEST(CancelAnywhere, AlsoInEachStepOfABoardWithABootLoader) {
    const auto visits = stop_everywhere(board_with_a_loader);
    tell("board with a boot loader", visits);
    for (const auto* step :
         {"tftp-deploy", "file-download", "extract-nfsrootfs", "pdu-reboot", "bootloader-interrupt",
          "bootloader-commands", "auto-login-action", "login-action", "expect-shell-connection", "lava-test-shell"}) {
        EXPECT_GT(visits.inside.contains(step) ? visits.inside.at(step) : 0u, 0u) << step;
    }
    EXPECT_GE(visits.inside.at("bootloader-commands"), 4u) << "while the board fetches its kernel by TFTP, too";
}

TEST(CancelAnywhere, AlsoWhileARootIsServedToABoard) {
    if (!find_program("nbd-server")) GTEST_SKIP() << "nbd-server is not installed";
    const auto visits = stop_everywhere(board_with_an_nbd_root, SimJob::Time::real, true, expect_no_nbd_server);
    tell("board with a root over NBD", visits);
    EXPECT_GT(visits.inside.at("xnbd-server-deploy"), 2u);
}

TEST(CancelAnywhere, AlsoWhileABoardThatWasCutIsListenedTo) {
    const auto visits = stop_everywhere(listened_to);
    tell("listened to", visits);
    EXPECT_GT(visits.inside.at("pdu-reboot"), 3u);
}

}  // namespace
}  // namespace patchbay::testing
