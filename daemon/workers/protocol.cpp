// SPDX-License-Identifier: Apache-2.0
#include "daemon/workers/protocol.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/api/cross_site.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/api/route.hpp"
#include "daemon/http/http_error.hpp"
#include "daemon/workers/caller.hpp"
#include "daemon/workers/handlers.hpp"

namespace patchbay {
namespace {

using enum Method;

// The views behind them are those of LAVA's lava_scheduler_app/views.py, internal_v1_*. Each handler checks the token.
// clang-format off
constexpr Route table[] = {
    {post, "/scheduler/internal/v1/workers/",         Access::anyone, register_worker},
    {get,  "/scheduler/internal/v1/workers/{name}/",  Access::anyone, give_jobs},
    {post, "/scheduler/internal/v1/workers/{name}/",  Access::anyone, refuse_named_registration},
    {get,  "/scheduler/internal/v1/jobs/{job}/",      Access::anyone, give_job_files},
    {post, "/scheduler/internal/v1/jobs/{job}/",      Access::anyone, take_job_state},
    {post, "/scheduler/internal/v1/jobs/{job}/logs/", Access::anyone, take_job_log},
};
// clang-format on

Response method_not_allowed(const std::string& allow) {
    Response response;
    response.status = 405;
    response.content_type.clear();
    response.headers.emplace_back("Allow", allow);
    return response;
}

Task<Response> dispatch(Request& request, Services& lab) {
    auto match = find_route(table, request.method, request.path);
    if (match.allow.empty()) throw not_found();
    if (!match.route) co_return method_not_allowed(match.allow);
    if (match.route->changes() && is_cross_site(request)) throw cross_site();
    Call call{request, lab, std::nullopt, std::move(match.path_values)};
    const bool with_token = !call.path_values.empty();
    auto response = co_await match.route->handler(call);
    response.authenticated = with_token;  // else it had thrown
    co_return response;
}

}  // namespace

bool is_worker_call(const Request& request) { return request.path.starts_with("/scheduler/internal/v1/"); }

Task<Response> answer_worker_call(Request& request, Services& lab) {
    std::exception_ptr failure;
    try {
        co_return co_await dispatch(request, lab);
    } catch (...) {
        failure = std::current_exception();
    }
    co_return answer_for(failure, request);
}

BodyRight worker_body_right(const Request& head, Services& lab) {
    const auto match = find_route(table, head.method, head.path);
    if (!match.route || match.path_values.empty() || !head.path.starts_with("/scheduler/internal/v1/jobs/"))
        return BodyRight::none;
    try {
        attempt_of(head, match.path_values[0], lab);
        return BodyRight::user;
    } catch (const ApiError&) {
        return BodyRight::none;  // with a small body the answer says why
    } catch (const StoreError&) {
        throw HttpError{503, "The lab cannot read its data at the moment."};
    }
}

}  // namespace patchbay
