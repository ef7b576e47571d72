// SPDX-License-Identifier: Apache-2.0
#include "daemon/xmlrpc/xmlrpc.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/api/authenticate.hpp"
#include "daemon/api/cross_site.hpp"
#include "daemon/http/http_error.hpp"
#include "daemon/store/store.hpp"
#include "daemon/xmlrpc/codec.hpp"
#include "daemon/xmlrpc/methods.hpp"

namespace patchbay {
namespace {

Response plain_answer(int status, std::string text) {
    Response response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(text);
    return response;
}

Response xml_answer(std::string body) {
    Response response;
    response.content_type = "application/xml; charset=utf-8";
    response.body = std::move(body);
    return response;
}

Response refused_caller(const ApiError& error) {
    auto response = plain_answer(error.status, error.text);
    if (error.status == 401)
        response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"XML-RPC Authentication token\"");
    response.login_failed = dynamic_cast<const LoginRefused*>(&error) != nullptr;
    return response;
}

/// `xml` has a Binary that is empty; its bytes come from `next`.
Task<> write_long(BodyWriter& out, std::string xml, std::function<std::string()> next) {
    const auto place = xml.find("</base64>");
    co_await out.write(xml.substr(0, place));
    std::string bytes;
    for (auto piece = next(); !piece.empty(); piece = next()) {
        bytes += piece;
        const auto whole = bytes.size() - bytes.size() % base64_line_bytes;
        auto lines = base64_lines(std::string_view{bytes}.substr(0, whole));
        co_await out.write(std::move(lines));
        bytes.erase(0, whole);
    }
    co_await out.write(base64_lines(bytes) + xml.substr(place));
}

Task<Response> answer_call(const std::string& body, Services& lab, std::optional<UserRow> user) {
    auto read = read_call(body);
    RpcCall call{lab, std::move(user), std::move(read.arguments)};
    auto response = xml_answer(write_answer(co_await call_method(read.method, call)));
    if (call.long_binary) {
        response.stream = [xml = std::move(response.body), next = std::move(call.long_binary)](BodyWriter& out) {
            return write_long(out, xml, next);
        };
    }
    co_return response;
}

/// Clients try again after an error of HTTP, and give up after a fault: what passes by itself must not be a fault.
Response failed(const Fault& fault) {
    if (fault.code == fault_code::try_again) return plain_answer(503, fault.what());
    return xml_answer(write_fault(fault));
}

}  // namespace

BodyRight xmlrpc_body_right(const Request& head, Services& lab) {
    try {
        return authenticate_basic(head, lab.store.reader()) ? BodyRight::user : BodyRight::none;
    } catch (const ApiError&) {
        return BodyRight::none;  // with a small body the answer says why
    } catch (const StoreError&) {
        throw HttpError{503, "The lab cannot read its data at the moment."};
    }
}

bool is_xmlrpc(const Request& request) { return request.path == "/RPC2/"; }

Task<Response> answer_xmlrpc(Request& request, Services& lab) {
    if (request.method != Method::post) {
        auto response = plain_answer(405, "XML-RPC calls are sent here by POST.\n");
        response.headers.emplace_back("Allow", "POST");
        co_return response;
    }
    std::optional<UserRow> user;
    std::optional<Response> response;
    std::exception_ptr failure;
    bool authenticated = false;
    try {
        if (is_cross_site(request)) throw cross_site();
        user = authenticate_basic(request, lab.store.reader());
        authenticated = user.has_value();
    } catch (const ApiError& error) {
        response = refused_caller(error);
    } catch (...) {
        failure = std::current_exception();
    }
    try {
        if (!response && !failure) response = co_await answer_call(request.body, lab, std::move(user));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) response = failed(fault_for(failure));
    response->authenticated = authenticated;
    co_return std::move(*response);
}

}  // namespace patchbay
