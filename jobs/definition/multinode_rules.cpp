// SPDX-License-Identifier: Apache-2.0
// Roles of a multinode job: what they may say together (lava_scheduler_app/schema.py, utils.py).
#include "jobs/definition/submission_schema.hpp"

namespace patchbay {
namespace {

using config::Value;
using Found = std::optional<std::string>;

std::string quoted(const Value& value) { return "'" + python_str(value) + "'"; }

Found role_problem(const config::Map& roles, const Value& role) {
    const auto given = [&role](const char* key) {
        const auto* value = role.find(key);
        return value && !value->is_null() ? value : nullptr;
    };
    const auto* host = given("host_role");
    const auto* expect = given("expect_role");
    if (host) {
        if (!roles.contains(python_str(*host))) return "'host_role' " + quoted(*host) + " does not exist";
        if (!expect) return "'expect_role' is required when 'host_role' is used";
        if (!roles.contains(python_str(*expect))) return "'expect_role' " + quoted(*expect) + " does not exist";
    } else if (expect) {
        return "'expect_role' without 'host_role'";
    }
    const bool pinned = role.find("device") || role.find("worker");
    if (role.find("connection")) {
        if (!host) return "connection specified without a host_role";
        if (role.find("device_type"))
            return "lava-multinode protocol cannot support device_type and connection for a single role.";
        if (pinned) return "lava-multinode connection roles cannot specify device or worker.";
    } else if (pinned && !role.find("device_type")) {
        return std::string{role.find("device") ? "'device'" : "'worker'"} + " requires 'device_type'";
    }
    const auto* count = role.find("count");
    const auto* number = count ? count->as_int() : nullptr;
    if (role.find("device") && number && *number != 1)
        return "lava-multinode roles using a specific device must set count to 1.";
    if (host) {
        const auto* host_count = roles.find(python_str(*host))->find("count");
        if (host_count && host_count->as_int() && *host_count->as_int() != 1)
            return "The count for a role designated as a host_role must be 1.";
    }
    return std::nullopt;
}

}  // namespace

std::optional<JobProblem> multinode_problem(const config::Value& job) {
    const auto* protocols = job.find("protocols");
    const auto* multinode = protocols ? protocols->find("lava-multinode") : nullptr;
    if (!multinode) return std::nullopt;
    // LAVA's code breaks on a job without roles, and on a role that is no map.
    const schema::Path place{"protocols", "lava-multinode"};
    static const auto shape = schema::map(schema::Extra::allowed, {schema::required("roles", schema::dict())});
    if (auto problem = schema::check(shape, *multinode, schema::Extra::refused, place))
        return as_job_problem(std::move(*problem));
    const auto* roles = multinode->find("roles")->as_map();
    for (const auto& role : *roles) {
        if (!role.value.is_map()) {
            auto path = place;
            path.push("roles");
            path.push(role.key);
            return as_job_problem({"expected a dictionary", std::move(path), true});
        }
        if (auto words = role_problem(*roles, role.value)) return JobProblem{std::move(*words), {}};
        // The path in the answer begins at the context, as in LAVA.
        const auto* context = role.value.find("context");
        if (!context) continue;
        static const auto rule = submission_context_schema();
        if (auto problem = schema::check(rule, *context, schema::Extra::refused))
            return as_job_problem(std::move(*problem));
    }
    for (const auto& action : *job.find("actions")->as_list())
        for (const auto& body : *action.as_map())
            if (!body.value.find("role"))
                return JobProblem{"Invalid YAML - Did not find a role in action " + quoted(body.key) +
                                      ", check for consistent use of whitespace indents.",
                                  {}};
    return std::nullopt;
}

}  // namespace patchbay
