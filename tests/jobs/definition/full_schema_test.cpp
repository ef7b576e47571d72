// SPDX-License-Identifier: Apache-2.0
// What LAVA's large schema says about each kind of action (lava_common/schemas): the answers of its own code.
#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "jobs/definition/judgement.hpp"

namespace patchbay {
namespace {

/// "ok", or "<message> @ <path below the action>".
std::string say(const std::string& action, JobSchema schema = JobSchema::full) {
    const auto problem = judge_job(
        "{job_name: x, device_type: q, visibility: public, timeouts: {job: {minutes: 5}}, actions: [" + action + "]}",
        schema);
    if (!problem) return "ok";
    auto text = problem->message_at_path();
    for (const std::string_view start : {"['actions[0]', ", "['actions', "})
        if (const auto at = text.find(start); at != std::string::npos) text.erase(at + 1, start.size() - 1);
    return text;
}

struct Answer {
    std::string body;
    std::string full;
    std::string strict{};  ///< empty: the same
};

void expect_answers(const std::string& kind, const std::vector<Answer>& table) {
    for (const auto& [body, full, strict] : table) {
        const auto action = "{" + kind + ": {" + body + "}}";
        EXPECT_EQ(say(action), full) << action;
        EXPECT_EQ(say(action, JobSchema::strict), strict.empty() ? full : strict) << action;
    }
}

TEST(FullSchema, Deploys) {
    expect_answers(
        "deploy",
        {
            {"to: tmpfs, images: {a: {url: x, image_arg: y}}", "ok"},
            {"to: tmpfs, images: {}", "'images' is empty @ ['deploy', 'tmpfs', 'images', <class 'str'>]"},
            {"to: tmpfs, images: {a: {url: x, overlays: {lava: yes}}}", "ok"},
            {"to: tmpfs, images: {a: {url: x, overlays: {x: 5}}}", "ok",
             "expected a dictionary @ ['deploy', 'tmpfs', 'images', 'a', 'overlays', 'x']"},
            {"to: tftp", "ok"},
            {"to: tftp, kernel: {url: x, type: bzimage}", "not a valid value @ ['deploy', 'tftp', 'kernel', 'type']"},
            {"to: tftp, kernel: {url: x, compression: }", "ok"},
            {"to: tftp, nfsrootfs: {url: x}, persistent_nfs: {address: y}",
             "two or more values in the same group of exclusion 'nfs' @ ['deploy', 'tftp', <nfs>]"},
            {"to: nbd, nbdroot: {url: x}, initrd: {url: x}", "needs a kernel to deploy @ ['deploy', 'nbd', 'kernel']"},
            {"to: nfs, images: {a: {url: x}}", "ok"},
            {"to: nfs, images: {}", "ok", "'images' is empty @ ['deploy', 'nfs', 'images', <class 'str'>]"},
            {"to: flasher, images: {}", "ok"},
            {"to: usb, device: d, images: {b: {url: x}}",
             "required key not provided @ ['deploy', 'usb', 'images', 'image']"},
            {"to: sd, device: d, image: {url: x}", "ok"},
            {"to: iso-installer, images: {iso: {url: x}, preseed: {url: x}}, iso: {installation_size: 2G}", "ok"},
            {"to: iso_installer, images: {iso: {url: x}, preseed: {url: x}}, iso: {installation_size: 2G}",
             "not a valid value @ ['deploy', 'iso_installer', 'to']"},
            {"to: docker, image: 'Debian:12'", "Invalid docker image name @ ['deploy', 'docker', 'image']"},
            {"to: docker, image: 'registry.example/a/debian:12'", "ok"},
            {"to: docker, image: {name: debian, local: yes}", "ok"},
            {"to: uuu, images: {a: {url: x}}", "required key not provided @ ['deploy', 'uuu', 'images', 'boot']"},
            {"to: mps, images: {test_binary_1: {url: x}}", "ok"},
            {"to: mps, images: {binary: {url: x}}", "ok",
             "extra keys not allowed @ ['deploy', 'mps', 'images', 'binary']"},
            {"to: musca, images: {}",
             "'images' has no 'test_binary' entry @ ['deploy', 'musca', 'images', 'test_binary']"},
            {"to: zzz.y", "unknown action type @ ['deploy', 'zzz', 'y']"},
            {"to: 5", "unknown action type @ ['deploy', '5']"},
        });
}

TEST(FullSchema, Boots) {
    expect_answers(
        "boot",
        {
            {"method: qemu, prompts: ['#']", "ok"},
            {"method: qemu, prompts: ['']", "length of value must be at least 1 @ ['boot', 'qemu', 'prompts', 0]"},
            {"method: qemu, media: disk", "not a valid value @ ['boot', 'qemu', 'media']"},
            {"method: u-boot, commands: nfs", "ok"},
            {"method: u_boot, commands: nfs", "'method' should be 'u-boot' @ ['boot', 'u_boot', 'method']"},
            {"method: u-boot", "required key not provided @ ['boot', 'u_boot', 'commands']"},
            {"method: openocd, prompts: ['#']", "ok", "extra keys not allowed @ ['boot', 'openocd', 'prompts']"},
            {"method: ssh, parameters: {hostID: a}", "ok"},
            {"method: qemu, parameters: {hostID: a}", "ok",
             "extra keys not allowed @ ['boot', 'qemu', 'parameters', 'hostID']"},
            {"method: uuu, commands: [{uuu: a}]", "ok"},
            {"method: uuu, commands: [{uuu: 5}]", "expected str @ ['boot', 'uuu', 'commands', 0, 'uuu']"},
            {"method: qdl, firehose_program: a", "required key not provided @ ['boot', 'qdl', 'rawprogram']"},
            {"method: minimal, auto_login: {login_prompt: a, username: b, password_prompt: c}", "ok",
             "extra keys not allowed @ ['boot', 'minimal', 'auto_login', 'password_prompt']"},
            {"method: minimal, auto_login: {login_prompt: a, username: b, login_commands: ['']}",
             "length of value must be at least 1 @ ['boot', 'minimal', 'auto_login', 'login_commands', 0]"},
            {"method: recovery, commands: dance", "not a valid value @ ['boot', 'recovery', 'commands']"},
            {"method: 5", "unknown action type @ ['boot', '5']"},
        });
}

TEST(FullSchema, Tests) {
    const std::string git = "repository: r, from: git, path: p, name: n";
    expect_answers("test", {
                               {"definitions: [{" + git + "}]", "ok"},
                               {"definitions: [{" + git + ", shallow: true}]", "ok",
                                "extra keys not allowed @ ['test', 'definition', 'definitions', 0, 'shallow']"},
                               {"docker: {image: debian}, interactive: []", "ok",
                                "extra keys not allowed @ ['test', 'interactive', 'docker']"},
                               {"docker: {image: debian}, definitions: [{" + git + "}]", "ok"},
                               {"docker: {image: debian}", "invalid action @ ['test']"},
                               {"interactive: [{name: n, prompts: [p], script: [{delay: 5, name: m}]}]", "ok"},
                               {"interactive: [{name: n, prompts: [p], script: [{successes: [{message: ''}]}]}]",
                                "length of value must be at least 1 @ ['test', 'interactive', 'interactive', 0, "
                                "'script', 0, 'successes', 0, "
                                "'message']"},
                               {"services: [{name: n, repository: r, path: p, from: git}]", "ok"},
                               {"services: [{name: n, repository: r, path: p, from: inline}]",
                                "not a valid value @ ['test', 'service', 'services', 0, 'from']"},
                               {"monitors: [{name: 5, start: a, end: b, pattern: c}]",
                                "expected string or buffer @ ['test', 'monitor', 'monitors', 0, 'name']"},
                           });
}

TEST(FullSchema, WhatBreaksLavasCodeIsRefused) {
    expect_answers("test",
                   {
                       {"timeout: {minutes: }, definitions: []",
                        "required key not provided @ ['test', 'definition', 'timeout', 'days']",
                        "extra keys not allowed @ ['test', 'definition', 'timeout', 'minutes']"},
                       {"timeout: {minutes: 1, seconds: x}, definitions: []", "not a valid duration @ ['0']",
                        "extra keys not allowed @ ['test', 'definition', 'timeout', 'minutes']"},
                       {"timeout: {days: 100000000000000000000}, definitions: []", "not a valid duration @ ['0']"},
                   });
    EXPECT_EQ(say("{}"), "invalid action @ ['actions[0]']");
    const auto with_timeouts = [](const std::string& timeouts) {
        const auto problem =
            judge_job("{job_name: x, device_type: q, visibility: public, actions: [], timeouts: {" + timeouts + "}}",
                      JobSchema::full);
        return problem ? problem->message_at_path() : "ok";
    };
    EXPECT_EQ(with_timeouts("job: {minutes: 1, hours: x}"), "not a valid duration @ ['timeouts', 'job']");
    EXPECT_EQ(with_timeouts("job: {minutes: 1}, actions: {5: x}"), "not a valid duration @ ['timeouts', 'actions', 5]");
    EXPECT_EQ(with_timeouts("job: {minutes: 1}, connection: {minutes: 2}, actions: {a: {minutes: 2}}"),
              "Global timeout is larger than job timeout @ ['timeouts', 'actions', 'a']")
        << "actions come before connections";
}

TEST(FullSchema, AMultinodeJobMayHaveEmptyTags) {
    const auto job = [](const std::string& more) {
        const auto problem = judge_job(
            "{job_name: x, visibility: public, timeouts: {job: {minutes: 5}}, actions: [], protocols: "
            "{lava-multinode: {roles: {a: {device_type: q, count: 1}}}}" +
                more + "}",
            JobSchema::full);
        return problem ? problem->message_at_path() : "ok";
    };
    EXPECT_EQ(job(", tags: [], context: {}, environment: {}"), "ok");
    EXPECT_EQ(job(", tags: [a]"), "\"tags\" should not be used with multinode @ []");
}

TEST(Gate, WhatBreaksLavasCodeIsRefused) {
    const auto gate = [](const std::string& more) {
        const auto problem =
            judge_job("{job_name: x, device_type: q, visibility: public, timeouts: {job: {minutes: 5}}, " + more + "}",
                      JobSchema::gate);
        return problem ? problem->message : "ok";
    };
    EXPECT_EQ(gate("actions: [], protocols: {lava-multinode: {}}"),
              "required key not provided @ data['protocols']['lava-multinode']['roles']");
    EXPECT_EQ(gate("actions: [], protocols: {lava-multinode: {roles: {a: {host_role: }}}}"), "ok");
    const std::string monitors = "monitors: [{name: n, start: a, end: b, pattern: c}]";
    EXPECT_EQ(gate("actions: [{test: {" + monitors + ", definitions: 5}}]"),
              "expected a list @ data['actions'][0]['test']['definitions']");
    EXPECT_EQ(gate("actions: [{test: {" + monitors + ", definitions: [5]}}]"),
              "expected dict @ data['actions'][0]['test']['definitions'][0]");
    EXPECT_EQ(gate("actions: [], priority: 100000000000000000000"),
              "Invalid job priority: 100000000000000000000. Should be in [0, 100]");
}

TEST(Gate, ActionsMayHaveKeysThatItDoesNotKnow) {
    const auto gate = [](const std::string& action) {
        const auto problem =
            judge_job("{job_name: x, device_type: q, visibility: public, timeouts: {job: {minutes: 5}}, actions: [{" +
                          action + "}]}",
                      JobSchema::gate);
        return problem ? problem->message : "ok";
    };
    EXPECT_EQ(gate("command: {name: n, role: [a], colour: red}"), "ok");
    EXPECT_EQ(gate("deploy: {to: 5}"), "not a valid value for dictionary value @ data['actions'][0]['deploy']['to']");
    EXPECT_EQ(gate("deploy: {to: tftp, kernel: {type: bzimage}}"), "ok");
    EXPECT_EQ(gate("test: {definitions: [{repository: r, from: f, name: n, path: p, timeout: 5}]}"),
              "expected a dictionary for dictionary value @ "
              "data['actions'][0]['test']['definitions'][0]['timeout']");
    EXPECT_EQ(gate("test: {monitors: [{name: 5, start: a, end: b, pattern: c}]}"),
              "expected string or buffer for dictionary value @ data['actions'][0]['test']['monitors'][0]['name']");
}

}  // namespace
}  // namespace patchbay
