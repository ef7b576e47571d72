// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/response_head.hpp"

#include <array>
#include <charconv>

namespace patchbay {
namespace {

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

/// "Sun, 22 Nov 2026 08:58:39 GMT"; formatted once a second.
std::string_view http_date(std::time_t now) {
    thread_local std::time_t last = -1;
    thread_local std::array<char, 32> text;
    thread_local std::size_t size = 0;
    if (now != last) {
        std::tm parts{};
        gmtime_r(&now, &parts);
        size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        last = now;
    }
    return {text.data(), size};
}

/// No header of ours may end early, whatever a handler put into it.
void append_value(std::string& out, std::string_view value) {
    for (const char c : value) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
}

}  // namespace

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 413:
            return "Payload Too Large";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        case 507:
            return "Insufficient Storage";
        default:
            return status < 400 ? "OK" : "Error";
    }
}

std::string format_head(const Response& response, const Framing& framing) {
    std::string out;
    out.reserve(320);
    // A chunked body needs HTTP/1.1; to an HTTP/1.0 client everything is answered in its own version.
    out += framing.http10 ? "HTTP/1.0 " : "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(response.status));
    out += ' ';
    out += reason_phrase(response.status);
    out += "\r\nServer: patchbay\r\nDate: ";
    out += http_date(framing.now);
    out += framing.keep_alive ? "\r\nConnection: keep-alive\r\n" : "\r\nConnection: close\r\n";
    const bool bodiless = response.status == 204 || response.status == 304;
    if (!response.content_type.empty() && !bodiless) {
        out += "Content-Type: ";
        append_value(out, response.content_type);
        out += "\r\n";
    }
    if (framing.content_length) {
        if (!bodiless) {
            out += "Content-Length: ";
            append_number(out, *framing.content_length);
            out += "\r\n";
        }
    } else if (!framing.http10) {
        out += "Transfer-Encoding: chunked\r\n";
    }
    for (const auto& [name, value] : response.headers) {
        append_value(out, name);
        out += ": ";
        append_value(out, value);
        out += "\r\n";
    }
    out += "X-Content-Type-Options: nosniff\r\n\r\n";
    return out;
}

Response plain_error(const HttpError& error) {
    Response response;
    response.status = error.status;
    response.body = "{\"detail\":\"";
    for (const char c : std::string_view{error.what()}) {
        if (c == '"' || c == '\\') response.body += '\\';
        response.body += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    response.body += "\"}";
    const auto wait = error.retry_after.count();
    if (wait > 0) response.headers.emplace_back("Retry-After", std::to_string(wait));
    return response;
}

}  // namespace patchbay
