// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/request_reader.hpp"

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "daemon/http/forwarded.hpp"
#include "daemon/http/target.hpp"

namespace patchbay {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t header_chunk = 4 * 1024;
constexpr std::size_t body_chunk = 64 * 1024;

Method method_of(http::verb verb) {
    switch (verb) {
        case http::verb::get:
            return Method::get;
        case http::verb::head:
            return Method::head;
        case http::verb::post:
            return Method::post;
        case http::verb::put:
            return Method::put;
        case http::verb::patch:
            return Method::patch;
        case http::verb::delete_:
            return Method::del;
        case http::verb::options:
            return Method::options;
        default:
            return Method::other;
    }
}

std::string lower_case(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string larger(std::size_t limit) { return " larger than " + std::to_string(limit) + " bytes."; }

[[noreturn]] void refuse(const boost::system::error_code& error, const HttpLimits& limits) {
    if (error == http::error::header_limit) {
        throw HttpError{431, "Request line and headers are" + larger(limits.header_bytes)};
    }
    if (error == http::error::body_limit) throw HttpError{413, "The body is" + larger(limits.body_bytes)};
    if (error == http::error::bad_version) throw HttpError{505, "Only HTTP/1.0 and HTTP/1.1 are served."};
    throw HttpError{400, "The request is not HTTP: " + error.message() + "."};
}

}  // namespace

struct RequestReader::Parser {
    using Message = http::request_parser<http::string_body>;

    Parser(const HttpLimits& l, std::string p, BodyRule r, Transport t)
        : limits{l}, peer{std::move(p)}, rule{std::move(r)}, transport{t} {
        trusted = limits.trusted_proxies.contain(peer);
        begin();
    }

    const HttpLimits& limits;
    std::string peer;
    BodyRule rule;
    Transport transport;
    bool trusted = false;
    boost::beast::flat_buffer buffer;
    std::optional<Message> message;
    bool header_checked = false;
    bool continue_wanted = false;
    std::optional<BodyRight> right;  ///< when it was asked for
    bool last_keep_alive = true;
    bool last_http10 = false;

    void begin() {
        message.emplace();
        message->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
        message->body_limit(limits.body_bytes);
        header_checked = false;
        continue_wanted = false;
        right.reset();
    }

    void check_header();
    void check_size();
    Request head() const;
    std::string base_url() const;
    std::string client() const;
};

/// What a parser may accept and a server behind a proxy must not (RFC 9112 sections 3.2 and 6.1).
void RequestReader::Parser::check_header() {
    const auto& fields = message->get().base();
    const auto encodings = fields.count(http::field::transfer_encoding);
    const auto lengths = fields.count(http::field::content_length);
    if (encodings > 0 && lengths > 0) {
        throw HttpError{400, "Both Content-Length and Transfer-Encoding are given."};
    }
    if (encodings > 1 || lengths > 1) throw HttpError{400, "The length of the body is given twice."};
    if (encodings == 1) {
        if (lower_case(fields[http::field::transfer_encoding]) != "chunked" || message->get().version() < 11) {
            throw HttpError{400, "Of all transfer encodings only 'chunked' is understood."};
        }
    }
    const auto hosts = fields.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && message->get().version() >= 11)) {
        throw HttpError{400, "The request needs exactly one Host header."};
    }
    if (hosts == 1 && !is_host(fields[http::field::host])) throw HttpError{400, "The Host header is no host name."};
    if (const auto expect = fields.find(http::field::expect); expect != fields.end()) {
        if (lower_case(expect->value()) != "100-continue") throw HttpError{417, "Only 100-continue can be expected."};
        continue_wanted = message->get().version() >= 11;
    }
}

/// Who has no right to a large body is told as soon as it is known to be one.
void RequestReader::Parser::check_size() {
    if (right || !rule) return;
    const auto announced = message->content_length();
    const auto size = std::max<std::uint64_t>(announced ? *announced : 0, message->get().body().size());
    if (size <= limits.small_body_bytes) return;
    right = rule(head());
    if (*right != BodyRight::none) return;
    throw HttpError{413, "The body is" + larger(limits.small_body_bytes) + " More needs a valid token."};
}

/// The request without its body.
Request RequestReader::Parser::head() const {
    const auto& parsed = message->get();
    Request request;
    request.method = method_of(parsed.method());
    request.method_name = parsed.method_string();
    auto target = parse_target(parsed.target());
    request.path = std::move(target.path);
    request.query = std::move(target.query);
    request.headers.reserve(8);
    for (const auto& field : parsed.base()) {
        request.headers.emplace_back(lower_case(field.name_string()), field.value());
    }
    request.base_url = base_url();
    request.peer = client();
    return request;
}

std::string RequestReader::Parser::base_url() const {
    const auto& fields = message->get().base();
    std::string scheme = transport == Transport::tls ? "https" : "http";
    std::string_view host = fields[http::field::host];
    if (trusted) {
        if (const auto sent = fields.find("X-Forwarded-Proto"); sent != fields.end() && sent->value() == "https") {
            scheme = "https";
        }
        if (const auto sent = fields.find("X-Forwarded-Host"); sent != fields.end() && is_host(sent->value())) {
            host = sent->value();
        }
    }
    scheme += "://";
    scheme += host.empty() ? std::string_view{"localhost"} : host;
    return scheme;
}

std::string RequestReader::Parser::client() const {
    if (!trusted) return peer;
    std::vector<std::string_view> forwarded_for;
    const auto [first, last] = message->get().base().equal_range("X-Forwarded-For");
    for (auto field = first; field != last; ++field) forwarded_for.emplace_back(field->value());
    return client_address(peer, forwarded_for, limits.trusted_proxies);
}

RequestReader::RequestReader(const HttpLimits& limits, std::string peer, BodyRule rule, Transport transport)
    : parser_{std::make_unique<Parser>(limits, std::move(peer), std::move(rule), transport)} {}

RequestReader::~RequestReader() = default;

boost::asio::mutable_buffer RequestReader::prepare() {
    return parser_->buffer.prepare(state() == State::body ? body_chunk : header_chunk);
}

void RequestReader::commit(std::size_t bytes) { parser_->buffer.commit(bytes); }

RequestReader::State RequestReader::state() const {
    if (parser_->message->is_done()) return State::complete;
    if (parser_->message->is_header_done()) return State::body;
    return parser_->buffer.size() > 0 || parser_->message->got_some() ? State::header : State::idle;
}

RequestReader::State RequestReader::advance() {
    auto& parser = *parser_;
    while (!parser.message->is_done() && parser.buffer.size() > 0) {
        boost::system::error_code error;
        const auto used = parser.message->put(parser.buffer.data(), error);
        parser.buffer.consume(used);
        if (error == http::error::need_more) break;
        if (error) refuse(error, parser.limits);
        if (parser.message->is_header_done() && !parser.header_checked) {
            parser.check_header();
            parser.header_checked = true;
            parser.message->eager(true);
        } else if (used == 0) {
            break;
        }
    }
    if (parser.header_checked) parser.check_size();
    return state();
}

bool RequestReader::wants_continue() {
    return std::exchange(parser_->continue_wanted, false) && state() == State::body && parser_->buffer.size() == 0;
}

std::size_t RequestReader::large_body_bytes() const {
    const auto size = parser_->message->get().body().size();
    return size > parser_->limits.small_body_bytes ? size : 0;
}

BodyRight RequestReader::body_right() const { return parser_->right.value_or(BodyRight::user); }

bool RequestReader::is_body_of_user() const { return parser_->right == BodyRight::user; }

void RequestReader::drop() {
    parser_->begin();
    parser_->buffer = {};
}

Request RequestReader::take() {
    auto& parser = *parser_;
    auto& message = parser.message->get();
    parser.last_keep_alive = message.keep_alive();
    parser.last_http10 = message.version() < 11;
    auto request = parser.head();
    request.body = std::move(message.body());
    parser.begin();
    return request;
}

bool RequestReader::keep_alive() const { return parser_->last_keep_alive; }
bool RequestReader::is_http10() const { return parser_->last_http10; }

}  // namespace patchbay
