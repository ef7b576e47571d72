// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/full_schema.hpp"

#include "jobs/definition/submission_schema.hpp"

namespace patchbay {

using namespace schema;

schema::Rule full_duration_schema() {
    const auto unit = [](const char* name) { return map({required(name, at_least(1)), optional("skip", boolean())}); };
    return any({unit("days"), unit("hours"), unit("minutes"), unit("seconds")});
}

schema::Rule name_schema() { return made_of(std::string{letters} + std::string{digits} + "-_.", "^[-_a-zA-Z0-9.]+$"); }

schema::Rule text_or_texts() { return any({text(), texts()}); }
schema::Rule texts() { return list_of({text()}); }

SchemaKeys joined(SchemaKeys keys, const SchemaKeys& more) {
    keys.insert(keys.end(), more.begin(), more.end());
    return keys;
}

namespace {

bool within(std::string_view text, std::string_view set) {
    return text.find_first_not_of(set) == std::string_view::npos;
}

/// ^[a-z0-9]+[a-z0-9._/:-]*[a-z0-9]+(:[a-zA-Z0-9_]+[a-zA-Z0-9._-]*)?$
bool is_docker_image(std::string_view image) {
    const auto edge = std::string{lower} + std::string{digits};
    const auto word = std::string{letters} + std::string{digits} + "_";
    const auto is_name = [&](std::string_view name) {
        return name.size() >= 2 && within(name, edge + "._/:-") && within(name.substr(0, 1), edge) &&
               within(name.substr(name.size() - 1), edge);
    };
    if (is_name(image)) return true;
    const auto colon = image.rfind(':');
    if (colon == std::string_view::npos) return false;
    const auto tag = image.substr(colon + 1);
    return is_name(image.substr(0, colon)) && !tag.empty() && within(tag.substr(0, 1), word) &&
           within(tag, word + ".-");
}

}  // namespace

schema::Rule docker_image_schema() { return matching(is_docker_image, "Invalid docker image name"); }

schema::Rule docker_schema(SchemaKeys more, const char* image_key) {
    const SchemaKeys keys{
        required(image_key, docker_image_schema()),
        optional("local", boolean()),
        optional("container_name", text()),
        optional("network_from", text()),
        optional("login", map({required("registry", text()), optional("user", text()), optional("password", text())})),
    };
    return map(joined(keys, more));
}

schema::Rule action_schema(SchemaKeys keys) {
    const SchemaKeys common{
        optional("namespace", all({text(), none_of({"common", "docker-test-shell"},
                                                   "'common' and 'docker-test-shell' are reserved namespace names")})),
        optional("connection-namespace", text()),
        optional("protocols", anything()),
        optional("role", texts()),
        optional("timeout", full_duration_schema()),
        optional("timeouts", map({every_text(full_duration_schema())})),
        optional("repeat", at_least(1)),
        optional("failure_retry", at_least(1)),
        optional("failure_retry_interval", at_least(1)),
    };
    return map(joined(std::move(keys), common));
}

namespace {

Rule timeouts() {
    const auto named = map({every_text(full_duration_schema())});
    return map({
        required("job", full_duration_schema()),
        optional("action", full_duration_schema()),
        optional("actions", named),
        optional("connection", full_duration_schema()),
        optional("connections", named),
        optional("queue", full_duration_schema()),
    });
}

Rule multinode(const Rule& context_rule) {
    const auto count = at_least(0);
    const auto with_device = map({
        required("device_type", text()),
        optional("device", text()),
        optional("worker", text()),
        required("count", count),
        optional("context", context_rule),
        optional("tags", texts()),
        optional("environment", dict()),
        optional("essential", boolean()),
        optional("timeout", full_duration_schema()),
    });
    const auto connected = map({
        required("connection", text()),
        required("count", count),
        required("expect_role", text()),
        required("host_role", text()),
        optional("essential", boolean()),
        optional("request", text()),
        optional("tags", texts()),
        optional("environment", dict()),
        optional("timeout", full_duration_schema()),
        optional("context", context_rule),
    });
    return map({
        required("roles", map({every_text(any({with_device, connected}))})),
        optional("timeout", full_duration_schema()),
    });
}

Rule notify() {
    const auto criteria = any({
        map({required("status", words({"all"}))}),
        map({
            required("status", words({"finished", "running", "complete", "canceled", "incomplete"})),
            optional("dependency_query", text()),
        }),
        map({
            required("status", words({"complete", "incomplete"})),
            optional("type", words({"regression", "progression"})),
        }),
    });
    const auto recipient = map({required("to", map({
                                                   required("method", words({"email", "irc"})),
                                                   optional("user", text()),
                                                   optional("email", text()),
                                                   optional("server", text()),
                                                   optional("handle", text()),
                                               }))});
    const auto callback = map({
        required("url", text()),
        optional("method", words({"GET", "POST"})),
        optional("token", text()),
        optional("header", text()),
        optional("dataset", words({"minimal", "logs", "results", "all"})),
        optional("content-type", words({"json", "urlencoded"})),
    });
    const auto query = any({map({required("username", text()), required("name", text())}),
                            map({required("entity", text()), optional("conditions", map({every_text(text())}))})});
    return map({
        required("criteria", criteria),
        optional("verbosity", words({"verbose", "quiet", "status-only"})),
        optional("recipients", list_of({recipient})),
        exclusive("callback", "callback", callback),
        exclusive("callbacks", "callback", list_of({callback})),
        optional("compare", map({optional("query", query), optional("blacklist", texts())})),
    });
}

}  // namespace

schema::Rule full_job_schema() {
    const auto context_rule = [inner = submission_context_schema()](const Value& value, Context& around) {
        // Unknown context variables are never ignored.
        Context own{around.path, Extra::refused};
        return inner(value, own);
    };
    const auto body = dict();
    const auto xnbd =
        map({required("port", any({words({"auto"}), integer()})), optional("timeout", full_duration_schema())});
    return map({
        required("job_name", all({text(), length(1, 200)})),
        optional("device_type", all({text(), length(1, 200)})),
        optional("device", all({text(), length(1)})),
        optional("worker", all({text(), length(1)})),
        required("timeouts", timeouts()),
        required("visibility", any({literal("public"), literal("personal"), map({optional("group", texts())})})),
        optional("context", context_rule),
        optional("metadata", map({every_text(anything())})),
        optional("priority", any({words({"high", "medium", "low"}), all({at_least(0), at_most(100)})})),
        optional("tags", texts()),
        optional("secrets", map({every_text(text())})),
        optional("environment", dict()),
        optional("protocols", map({optional("lava-multinode", multinode(context_rule)), optional("lava-xnbd", xnbd)})),
        optional("notify", notify()),
        optional("reboot_to_fastboot", boolean()),
        required("actions", list_of({map({optional("deploy", body), optional("boot", body), optional("test", body),
                                          optional("command", body)})})),
    });
}

}  // namespace patchbay
