// SPDX-License-Identifier: Apache-2.0
// What the gate asks of the bodies of actions, and of `notify`.
#include "jobs/definition/audio_step.hpp"
#include "jobs/definition/submission_schema.hpp"

namespace patchbay {

using namespace schema;

namespace {

Rule deploy() {
    const auto with_url = map({required("url", text())});
    std::vector<Key> tftp{required("to", literal("tftp")), optional("timeout", submission_duration_schema())};
    for (const auto* file : {"kernel", "ramdisk", "nbdroot", "initrd", "nfsrootfs", "dtb", "modules", "tee"})
        tftp.push_back(optional(file, with_url));
    // The second takes what the first refuses; of a deploy that neither takes, the first one's words are shown.
    return any({map(Extra::allowed, std::move(tftp)),
                map(Extra::allowed, {required("to", text()), optional("timeout", submission_duration_schema())})});
}

Rule boot() {
    const auto auto_login = map(Extra::refused, {
                                                    required("login_prompt", text()),
                                                    required("username", text()),
                                                    optional("password_prompt", text()),
                                                    optional("password", text()),
                                                    optional("login_commands", list()),
                                                });
    return map(Extra::allowed, {
                                   required("method", text()),
                                   optional("timeout", submission_duration_schema()),
                                   optional("auto_login", auto_login),
                                   optional("parameters", map(Extra::refused, {every_text(any({text(), boolean()}))})),
                                   optional("commands", any({text(), list()})),
                               });
}

Rule definitions() {
    const auto inline_definition = map(Extra::refused, {
                                                           optional("metadata", dict()),
                                                           optional("install", dict()),
                                                           optional("run", dict()),
                                                           optional("parse", dict()),
                                                       });
    const auto entry = map(Extra::allowed, {
                                               required("repository", any({inline_definition, text()})),
                                               required("from", text()),
                                               required("name", text()),
                                               required("path", text()),
                                               optional("parameters", dict()),
                                               optional("timeout", submission_duration_schema()),
                                           });
    return map(Extra::allowed, {
                                   required("definitions", list_of({entry})),
                                   optional("timeout", submission_duration_schema()),
                               });
}

Rule suite_name() { return made_of(std::string{letters} + std::string{digits} + "-_", "", "Invalid character"); }

Rule monitors() {
    const auto entry = map(Extra::refused, {
                                               required("name", suite_name()),
                                               required("start", text()),
                                               required("end", text()),
                                               required("pattern", text()),
                                               optional("fixupdict", dict()),
                                               optional("expected", list_of({text()})),
                                           });
    return map(Extra::allowed, {
                                   required("monitors", list_of({entry})),
                                   optional("timeout", submission_duration_schema()),
                               });
}

Rule interactive() {
    const auto failure =
        map(Extra::refused, {
                                required("message", text()),
                                optional("exception", words({"InfrastructureError", "JobError", "TestError"})),
                                optional("error", text()),
                            });
    const auto step =
        map(Extra::refused, {
                                optional("name", suite_name()),
                                optional("command", any({null(), text()})),
                                optional("delay", integer()),
                                optional("lava-send", text()),
                                optional("lava-sync", text()),
                                optional("lava-wait", text()),
                                optional("lava-wait-all", text()),
                                optional("wait_for_prompt", boolean()),
                                optional("failures", list_of({failure})),
                                optional("successes", list_of({map(Extra::refused, {required("message", text())})})),
                            });
    const auto entry = map(Extra::refused, {
                                               required("name", suite_name()),
                                               required("prompts", list_of({all({text(), length(1)})})),
                                               required("script", list_of({step})),
                                               optional("echo", literal("discard")),
                                               optional("expected", list_of({text()})),
                                           });
    return map(Extra::allowed, {
                                   required("interactive", list_of({entry})),
                                   optional("timeout", submission_duration_schema()),
                               });
}

Rule services() {
    const auto entry = map(Extra::allowed, {
                                               required("name", text()),
                                               required("from", text()),
                                               required("repository", text()),
                                               required("path", text()),
                                               optional("service", text()),
                                           });
    return map(Extra::allowed, {
                                   required("services", list_of({entry})),
                                   optional("timeout", submission_duration_schema()),
                               });
}

/// Ours; the last, so that of a test which is none of LAVA's the words are LAVA's.
Rule audio() {
    return map(Extra::allowed, {
                                   required("audio", all({audio_steps_schema(), length(1)})),
                                   optional("timeout", submission_duration_schema()),
                               });
}

Rule command() {
    return map(Extra::allowed, {
                                   required("name", text()),
                                   optional("timeout", submission_duration_schema()),
                                   optional("namespace", text()),
                               });
}

Rule callback() {
    return map(Extra::allowed, {
                                   required("url", text()),
                                   optional("method", words({"GET", "POST"})),
                                   optional("token", text()),
                                   optional("header", text()),
                                   optional("dataset", words({"minimal", "logs", "results", "all"})),
                                   optional("content-type", words({"json", "urlencoded"})),
                               });
}

}  // namespace

schema::Rule submission_action_schema() {
    return map({
        optional("deploy", deploy()),
        optional("boot", boot()),
        optional("test", any({monitors(), interactive(), definitions(), services(), audio()})),
        optional("command", command()),
    });
}

schema::Rule submission_notify_schema() {
    const auto criteria =
        map(Extra::allowed,
            {
                required("status", words({"running", "complete", "incomplete", "canceled", "finished", "all"})),
                optional("type", words({"progression", "regression"})),
            });
    const auto recipient =
        map(Extra::refused, {required("to", map(Extra::refused, {
                                                                    required("method", words({"email", "irc"})),
                                                                    optional("user", text()),
                                                                    optional("email", text()),
                                                                    optional("handle", text()),
                                                                    optional("server", text()),
                                                                }))});
    const auto saved = map(Extra::refused, {required("username", text()), required("name", text())});
    const auto conditions = map(Extra::refused, {required("entity", text()), optional("conditions", dict())});
    const auto compare = map(Extra::allowed, {
                                                 optional("query", any({saved, conditions})),
                                                 optional("blacklist", list_of({text()})),
                                             });
    return map(Extra::allowed, {
                                   required("criteria", criteria),
                                   optional("verbosity", words({"verbose", "quiet", "status-only"})),
                                   optional("recipients", list_of({recipient})),
                                   exclusive("callback", "legacy_callback", callback()),
                                   exclusive("callbacks", "legacy_callback", list_of({callback()})),
                                   optional("compare", compare),
                               });
}

}  // namespace patchbay
