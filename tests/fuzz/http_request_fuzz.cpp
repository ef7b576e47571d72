// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a client sends: however they are cut, the same requests or the same refusal come out; paths are
// clean; bodies, filters and links never crash and only refuse in the ways that become an answer.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/multipart.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/route.hpp"
#include "daemon/http/request_reader.hpp"
#include "daemon/http/target.hpp"
#include "daemon/store/device_types.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/migrations.hpp"
#include "daemon/store/results.hpp"
#include "daemon/store/sqlite/sqlite_database.hpp"
#include "daemon/store/workers.hpp"

namespace patchbay {
namespace {

void must(bool condition) {
    if (!condition) std::abort();
}

struct Reading {
    std::vector<Request> requests;
    int refused = 0;
};

/// `piece`: bytes that come at once.
Reading read_all(std::string_view bytes, std::size_t piece) {
    static const HttpLimits limits = [] {
        HttpLimits small;
        small.header_bytes = 2048;
        small.body_bytes = 8192;
        small.trusted_proxies = Subnets{{"192.0.2.0/24"}};
        return small;
    }();
    Reading reading;
    RequestReader reader{limits, "192.0.2.1"};
    try {
        for (;;) {
            while (reader.advance() == RequestReader::State::complete) reading.requests.push_back(reader.take());
            reader.wants_continue();
            const auto room = reader.prepare();
            const auto count = std::min({room.size(), bytes.size(), piece});
            if (count == 0) return reading;
            std::memcpy(room.data(), bytes.data(), count);
            bytes.remove_prefix(count);
            reader.commit(count);
        }
    } catch (const HttpError& error) {
        must(error.status >= 400 && error.status < 600 && *error.what() != '\0');
        reading.refused = error.status;
    }
    return reading;
}

bool same(const Request& left, const Request& right) {
    return left.method == right.method && left.path == right.path && left.query == right.query &&
           left.headers == right.headers && left.body == right.body && left.base_url == right.base_url &&
           left.peer == right.peer;
}

void check_path(const Request& request) {
    const auto& path = request.path;
    must(path == "*" || (path.starts_with('/') && path.ends_with('/')));
    must(path.find("//") == std::string::npos && path.find('\0') == std::string::npos && is_utf8(path));
    must(request.base_url.starts_with("http://") || request.base_url.starts_with("https://"));
    for (const auto& [name, value] : request.query) must(is_utf8(name) && is_utf8(value));
    const auto match = find_route(routes(), request.method, path);
    must(!match.route || !match.allow.empty());
}

void check_body(const Request& request) {
    try {
        const Fields fields{request};
        fields.flag("strict");
        if (const auto text = fields.text("definition")) must(is_utf8(*text));
        fields.required_text("definition");
    } catch (const ApiError& error) {
        must(error.status == 400 || error.status == 415);
    }
    if (const auto parts = parse_multipart(request.body, "x")) {
        for (const auto& [name, value] : *parts) must(value.find("\r\n--x") == std::string::npos);
    }
    for (const auto& [name, value] : parse_form(request.body))
        must(percent_decode(percent_encode(name, Blank::as_plus)).has_value());
}

/// Whatever was asked for is SQL that the database takes.
void run_query(QueryList list, const Query& query, Database& db) {
    switch (list) {
        case QueryList::jobs:
            must(Jobs{db}.count(query, Viewer{}) == 0 && Jobs{db}.list(query, Viewer{UserId{1}, false}).empty());
            break;
        case QueryList::suites:
            must(Results{db}.suites(JobId{1}, query).empty());
            break;
        case QueryList::tests:
            must(Results{db}.tests(JobId{1}, {}, query).empty());
            break;
        case QueryList::devices:
            must(Devices{db}.list(query).empty());
            break;
        case QueryList::device_types:
            must(DeviceTypes{db}.list(query).empty());
            break;
        case QueryList::aliases:
            must(DeviceTypes{db}.aliases(query).empty());
            break;
        case QueryList::tags:
            must(Devices{db}.tags(query).empty());
            break;
        case QueryList::workers:
            must(Workers{db}.list(query).empty());
            break;
    }
}

void check_query(const Request& request) {
    static const auto db = [] {
        // In memory; closed by the end of the process.
        auto made = open_sqlite(":memory:", SqliteAccess::read_write);
        migrate(*made, ":memory:");
        return made;
    }();
    for (const auto list : {QueryList::jobs, QueryList::suites, QueryList::tests, QueryList::devices,
                            QueryList::device_types, QueryList::aliases, QueryList::tags, QueryList::workers}) {
        try {
            const auto query = read_query(request, list, *db);
            must(query.limit > 0 && query.limit <= largest_page && query.offset >= 0);
            run_query(list, query, *db);
            // Lists have plain paths; others would have to be encoded.
            if (request.path.find_first_of("?#%*") != std::string::npos || !request.path.starts_with('/')) continue;
            const auto links = page_links(request, query, 100);
            for (const auto& link : {links.next, links.previous}) {
                if (link) must(parse_target(*link).path == request.path);
            }
        } catch (const ApiError& error) {
            must(error.status == 400);
        }
    }
}

}  // namespace
}  // namespace patchbay

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    const auto whole = read_all(bytes, bytes.size() + 1);
    const auto cut = read_all(bytes, 1 + bytes.size() % 7);
    must(whole.requests.size() == cut.requests.size());
    for (std::size_t i = 0; i < whole.requests.size(); ++i) {
        must(same(whole.requests[i], cut.requests[i]));
        check_path(whole.requests[i]);
        check_body(whole.requests[i]);
        check_query(whole.requests[i]);
    }
    return 0;
}
