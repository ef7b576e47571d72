// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/respond.hpp"

#include <spdlog/spdlog.h>

#include "core/errors.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/schedule/admission.hpp"

namespace patchbay {

ApiError api_error(int status, std::string_view key, std::string_view text) {
    JsonWriter json;
    json.begin_object().member(key, text).end_object();
    return ApiError{status, json.take(), text};
}

ApiError field_error(std::string_view field, std::string_view text) {
    JsonWriter json;
    json.begin_object().key(field).begin_array().value(text).end_array().end_object();
    return ApiError{400, json.take(), text};
}

ApiError unknown_key(std::string_view field, std::string_view key) {
    return field_error(field, "Invalid pk \"" + std::string{key} + "\" - object does not exist.");
}
ApiError not_a_choice(std::string_view field, std::string_view word) {
    return field_error(field, "\"" + std::string{word} + "\" is not a valid choice.");
}

ApiError not_found() { return api_error(404, "detail", "Not found."); }
ApiError permission_denied() { return api_error(403, "detail", "You do not have permission to perform this action."); }
ApiError cross_site() {
    return api_error(403, "detail", "Pages of other sites may change nothing here; use a program, or this site.");
}
ApiError credentials_missing() { return api_error(403, "detail", "Authentication credentials were not provided."); }

Response json_answer(int status, std::string body) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

Response message_answer(std::string_view text, int status) {
    JsonWriter json;
    json.begin_object().member("message", text).end_object();
    return json_answer(status, json.take());
}

Response no_content() {
    Response response;
    response.status = 204;
    response.content_type.clear();
    return response;
}

Response file_answer(std::string content_type, const std::string& filename, std::string body) {
    Response response;
    response.content_type = std::move(content_type);
    response.headers.emplace_back("Content-Disposition", "attachment; filename=" + filename);
    response.body = std::move(body);
    return response;
}

namespace {

std::string refused_submission(const SubmissionRefused& refusal) {
    using Reason = SubmissionRefused::Reason;
    const std::string text = refusal.what();
    switch (refusal.reason) {
        case Reason::bad_data:
            return "Problem with submitted job data: " + text;
        case Reason::devices_unavailable:
            return "Devices unavailable: " + text;
        default:
            return "job submission failed: " + text + ".";
    }
}

}  // namespace

Response answer_for(std::exception_ptr failure, const Request& request) {
    if (is_cancellation(failure)) std::rethrow_exception(failure);
    try {
        std::rethrow_exception(failure);
    } catch (const LoginRefused& error) {
        auto response = json_answer(error.status, error.what());
        response.login_failed = true;
        return response;
    } catch (const ApiError& error) {
        return json_answer(error.status, error.what());
    } catch (const SubmissionRefused& refusal) {
        return message_answer(refused_submission(refusal), 400);
    } catch (const SharingRefusal& refusal) {
        return message_answer(refusal.what(), 400);
    } catch (const JobError& error) {
        const auto refused = api_error(400, "detail", error.what());
        return json_answer(refused.status, refused.what());
    } catch (const InfrastructureError& error) {
        spdlog::error("request failed method={} path={} error={}", request.method_name, request.path, describe(error));
        return json_answer(503, R"({"detail":"The lab cannot store or read its data at the moment."})");
    } catch (const std::exception& error) {
        spdlog::error("request failed method={} path={} error={}", request.method_name, request.path, describe(error));
        return json_answer(500, R"({"detail":"Internal server error."})");
    }
}

}  // namespace patchbay
