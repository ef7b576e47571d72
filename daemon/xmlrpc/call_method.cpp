// SPDX-License-Identifier: Apache-2.0
#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/errors.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "daemon/store/store.hpp"
#include "daemon/xmlrpc/methods.hpp"

namespace patchbay {
namespace {

constexpr const char* internal_error = "Internal Server Error (contact server administrator for details): ";

/// The parameters that have no default, by name.
std::vector<std::string> required(std::string_view parameters) {
    std::vector<std::string> names;
    while (!parameters.empty()) {
        const auto parameter = parameters.substr(0, parameters.find(", "));
        if (parameter.find('=') == std::string_view::npos) names.emplace_back(parameter);
        parameters.remove_prefix(std::min(parameter.size() + 2, parameters.size()));
    }
    return names;
}

std::size_t count(std::string_view parameters) {
    if (parameters.empty()) return 0;
    return static_cast<std::size_t>(std::count(parameters.begin(), parameters.end(), ',')) + 1;
}

Fault no_such_method(const std::string& name) {
    const auto text = "No such method: '" + name + "'";
    const auto known = std::ranges::find(missing_rpc_methods(), name, &MissingRpcMethod::name);
    if (known == missing_rpc_methods().end()) return {fault_code::no_such_method, text};
    return {fault_code::no_such_method, text + "; " + std::string{known->reason}};
}

std::string refused_submission(const SubmissionRefused& refusal) {
    using Reason = SubmissionRefused::Reason;
    const std::string text = refusal.what();
    switch (refusal.reason) {
        case Reason::devices_unavailable:
            return "Device unavailable: " + text;
        case Reason::unknown_tag:
            return "Invalid job definition: " + text + ".";
        case Reason::queue_full:
            return "Job submission failed: " + text + ".";
        default:
            return "Problem with submitted job data: " + text;
    }
}

/// In words like those of Python.
void check_number(const RpcMethod& method, std::size_t given) {
    const auto names = required(method.parameters);
    const auto call = internal_error + std::string{method.name} + "() ";
    if (given < names.size())
        throw Fault{fault_code::internal, call + "missing required positional argument: '" + names[given] + "'"};
    if (given > count(method.parameters))
        throw Fault{fault_code::internal, call + "takes at most " + std::to_string(count(method.parameters)) +
                                              " arguments but " + std::to_string(given) + " were given"};
}

}  // namespace

const RpcMethod* find_rpc_method(std::string_view name) {
    const auto table = rpc_methods();
    const auto found = std::ranges::lower_bound(table, name, {}, &RpcMethod::name);
    return found != table.end() && found->name == name ? &*found : nullptr;
}

Task<config::Value> call_method(const std::string& name, RpcCall& call) {
    const auto* method = find_rpc_method(name);
    if (!method) throw no_such_method(name);
    check_number(*method, call.arguments.size());
    if (method->who.access != Access::anyone && !call.user)
        throw Fault{401, "Authentication with user and token required for this API."};
    if (method->who.access == Access::superuser && !call.user->superuser)
        throw Fault{403, "User '" + call.user->name + "' is not a superuser."};
    if (!has_permission(method->who, call.user, call.lab.store.reader()))
        throw Fault{403, "User '" + call.user->name + "' is missing permission lava_scheduler_app." +
                             std::string{method->who.permission} + "."};
    co_return co_await method->handler(call);
}

Fault fault_for(std::exception_ptr failure) {
    if (is_cancellation(failure)) std::rethrow_exception(failure);
    try {
        std::rethrow_exception(failure);
    } catch (const Fault& fault) {
        return fault;
    } catch (const SubmissionRefused& refusal) {
        return {400, refused_submission(refusal)};
    } catch (const ApiError& error) {
        return {error.status, error.text};
    } catch (const JobError& error) {
        return {400, error.what()};
    } catch (const InfrastructureError& error) {
        spdlog::error("call failed error={}", describe(error));
        return {fault_code::try_again, "The lab cannot store or read its data at the moment."};
    } catch (const std::exception& error) {
        spdlog::error("call failed error={}", describe(error));
        return {fault_code::internal, internal_error + std::string{"see its log."}};
    }
}

}  // namespace patchbay
