// SPDX-License-Identifier: Apache-2.0
// Every URL of the table, and the ways in which clients write URLs.
#include <set>

#include "daemon/api/route.hpp"
#include "tests/daemon/api/smoke_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;

class RoutesTest : public ApiTest {};

struct Example {
    std::string method, route;  ///< as in the table of routes.cpp
    int status;
    std::string content_type;
    std::string who = "";
    std::string id = "";  ///< for the hole, of a thing that is not there and cannot be deleted
};

const Example examples[] = {
    {"GET", "/api/v0.2/", 200, "application/json"},
    {"GET", "/api/v0.2/jobs/", 200, "application/json"},
    {"POST", "/api/v0.2/jobs/", 400, "application/json", "alice"},  // without a body
    {"POST", "/api/v0.2/jobs/batch_cancel/", 400, "application/json", "alice"},
    {"POST", "/api/v0.2/jobs/validate/", 400, "application/json"},
    {"POST", "/api/v0.2/jobs/validate_testdef/", 400, "application/json"},
    {"GET", "/api/v0.2/jobs/{job}/", 200, "application/json"},
    {"PUT", "/api/v0.2/jobs/{job}/", 400, "application/json", "root"},  // without a body
    {"PATCH", "/api/v0.2/jobs/{job}/", 200, "application/json", "root"},
    {"DELETE", "/api/v0.2/jobs/{job}/", 404, "application/json", "root", "99"},
    {"GET", "/api/v0.2/jobs/{job}/artifacts/", 200, "application/json"},
    {"GET", "/api/v0.2/jobs/{job}/artifacts/{name}/", 404, "application/json"},
    {"GET", "/api/v0.2/jobs/{job}/attempts/", 200, "application/json"},
    {"GET", "/api/v0.2/jobs/{job}/cancel/", 200, "application/json", "alice"},
    {"POST", "/api/v0.2/jobs/{job}/cancel/", 200, "application/json", "alice"},
    {"GET", "/api/v0.2/jobs/{job}/csv/", 200, "application/csv"},
    {"GET", "/api/v0.2/jobs/{job}/definition/", 200, "application/json"},
    {"GET", "/api/v0.2/jobs/{job}/events/", 200, "text/event-stream"},
    {"POST", "/api/v0.2/jobs/{job}/fail/", 400, "application/json", "root"},  // it is Finished
    {"GET", "/api/v0.2/jobs/{job}/junit/", 200, "application/xml"},
    {"GET", "/api/v0.2/jobs/{job}/logs/", 200, "application/yaml"},
    {"GET", "/api/v0.2/jobs/{job}/metadata/", 200, "application/json"},
    {"GET", "/api/v0.2/jobs/{job}/notifications/", 200, "application/json"},
    {"POST", "/api/v0.2/jobs/{job}/notifications/retry/", 200, "application/json", "alice"},
    {"GET", "/api/v0.2/jobs/{job}/pipeline/", 404, "application/json", "alice"},  // this machine ran it
    {"POST", "/api/v0.2/jobs/{job}/resubmit/", 201, "application/json", "alice"},
    {"GET", "/api/v0.2/jobs/{job}/suites/", 200, "application/json"},
    {"GET", "/api/v0.2/jobs/{job}/suites/{suite}/", 200, "application/json"},
    {"GET", "/api/v0.2/jobs/{job}/suites/{suite}/csv/", 200, "application/csv"},
    {"GET", "/api/v0.2/jobs/{job}/suites/{suite}/tests/", 200, "application/json"},
    {"GET", "/api/v0.2/jobs/{job}/suites/{suite}/tests/{test}/", 200, "application/json"},
    {"GET", "/api/v0.2/jobs/{job}/suites/{suite}/yaml/", 200, "application/yaml"},
    {"GET", "/api/v0.2/jobs/{job}/tap13/", 200, "application/yaml"},
    {"GET", "/api/v0.2/jobs/{job}/tests/", 200, "application/json"},
    {"GET", "/api/v0.2/jobs/{job}/tests/{test}/", 200, "application/json"},
    {"GET", "/api/v0.2/jobs/{job}/why/", 200, "application/json"},
    {"GET", "/api/v0.2/jobs/{job}/yaml/", 200, "application/yaml"},
    {"GET", "/api/v0.2/devices/", 200, "application/json"},
    {"POST", "/api/v0.2/devices/", 400, "application/json", "root"},
    {"POST", "/api/v0.2/devices/validate/", 200, "application/json", "root"},
    {"GET", "/api/v0.2/devices/{device}/", 200, "application/json"},
    {"PUT", "/api/v0.2/devices/{device}/", 200, "application/json", "root"},
    {"PATCH", "/api/v0.2/devices/{device}/", 200, "application/json", "root"},
    {"DELETE", "/api/v0.2/devices/{device}/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/devices/{device}/health/", 200, "application/json"},
    {"GET", "/api/v0.2/devices/{device}/dictionary/", 200, "text/plain"},
    {"POST", "/api/v0.2/devices/{device}/dictionary/", 400, "application/json", "root"},
    {"POST", "/api/v0.2/devices/{device}/release/", 200, "application/json", "alice"},
    {"POST", "/api/v0.2/devices/{device}/reserve/", 400, "application/json", "alice"},
    {"POST", "/api/v0.2/devices/{device}/set_health/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/devices/{device}/console/", 400, "application/json"},  // it is a WebSocket
    {"GET", "/api/v0.2/leases/", 200, "application/json"},
    {"POST", "/api/v0.2/leases/", 400, "application/json", "alice"},
    {"GET", "/api/v0.2/leases/{job}/", 404, "application/json"},  // it is a job's
    {"POST", "/api/v0.2/leases/{job}/break/", 404, "application/json", "alice"},
    {"GET", "/api/v0.2/leases/{job}/commands/{number}/", 404, "application/json", "alice"},
    {"DELETE", "/api/v0.2/leases/{job}/export/", 404, "application/json", "alice"},
    {"POST", "/api/v0.2/leases/{job}/export/", 404, "application/json", "alice"},
    {"POST", "/api/v0.2/leases/{job}/extend/", 404, "application/json", "alice"},
    {"POST", "/api/v0.2/leases/{job}/line/", 400, "application/json", "alice"},
    {"POST", "/api/v0.2/leases/{job}/power/", 400, "application/json", "alice"},
    {"POST", "/api/v0.2/leases/{job}/release/", 404, "application/json", "alice"},
    {"POST", "/api/v0.2/leases/{job}/reset/", 404, "application/json", "alice"},
    {"POST", "/api/v0.2/leases/{job}/speed/", 400, "application/json", "alice"},
    {"POST", "/api/v0.2/leases/{job}/storage/", 400, "application/json", "alice"},
    {"POST", "/api/v0.2/leases/{job}/upload/", 404, "application/json", "alice"},
    {"GET", "/api/v0.2/devicetypes/", 200, "application/json"},
    {"POST", "/api/v0.2/devicetypes/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/devicetypes/{type}/", 200, "application/json"},
    {"PUT", "/api/v0.2/devicetypes/{type}/", 200, "application/json", "root"},
    {"PATCH", "/api/v0.2/devicetypes/{type}/", 200, "application/json", "root"},
    {"DELETE", "/api/v0.2/devicetypes/{type}/", 400, "application/json", "root"},  // it has devices
    {"GET", "/api/v0.2/devicetypes/{type}/health_check/", 400, "application/json"},
    {"POST", "/api/v0.2/devicetypes/{type}/health_check/", 403, "application/json", "alice"},
    {"GET", "/api/v0.2/devicetypes/{type}/template/", 400, "application/json"},
    {"POST", "/api/v0.2/devicetypes/{type}/template/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/aliases/", 200, "application/json", "alice"},
    {"POST", "/api/v0.2/aliases/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/aliases/{alias}/", 404, "application/json", "alice"},
    {"PUT", "/api/v0.2/aliases/{alias}/", 404, "application/json", "root"},
    {"PATCH", "/api/v0.2/aliases/{alias}/", 404, "application/json", "root"},
    {"DELETE", "/api/v0.2/aliases/{alias}/", 404, "application/json", "root"},
    {"POST", "/api/v0.2/portable_jobs/lower/", 403, "application/json"},
    {"GET", "/api/v0.2/portable_jobs/{number}/", 404, "application/json"},
    {"GET", "/api/v0.2/reservations/", 200, "application/json"},
    {"GET", "/api/v0.2/tags/", 200, "application/json", "alice"},
    {"POST", "/api/v0.2/tags/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/tags/{tag}/", 200, "application/json", "alice"},
    {"PUT", "/api/v0.2/tags/{tag}/", 400, "application/json", "root"},
    {"PATCH", "/api/v0.2/tags/{tag}/", 200, "application/json", "root"},
    {"DELETE", "/api/v0.2/tags/{tag}/", 400, "application/json", "root"},  // a device has it
    {"GET", "/api/v0.2/workers/", 200, "application/json"},
    {"POST", "/api/v0.2/workers/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/workers/{worker}/", 200, "application/json"},
    {"PUT", "/api/v0.2/workers/{worker}/", 200, "application/json", "root"},
    {"PATCH", "/api/v0.2/workers/{worker}/", 200, "application/json", "root"},
    {"DELETE", "/api/v0.2/workers/{worker}/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/workers/{worker}/config/", 400, "application/json"},
    {"POST", "/api/v0.2/workers/{worker}/config/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/workers/{worker}/env/", 400, "application/json"},
    {"POST", "/api/v0.2/workers/{worker}/env/", 400, "application/json", "root"},
    {"POST", "/api/v0.2/workers/{worker}/set_health/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/audit/", 200, "application/json", "root"},
    {"GET", "/api/v0.2/groups/", 200, "application/json", "root"},
    {"POST", "/api/v0.2/groups/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/groups/{group}/", 200, "application/json", "root"},
    {"PUT", "/api/v0.2/groups/{group}/", 400, "application/json", "root"},
    {"PATCH", "/api/v0.2/groups/{group}/", 200, "application/json", "root"},
    {"DELETE", "/api/v0.2/groups/{group}/", 400, "application/json", "root"},  // it has permissions
    {"GET", "/api/v0.2/permissions/devices/", 200, "application/json", "root"},
    {"POST", "/api/v0.2/permissions/devices/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/permissions/devices/{permission}/", 200, "application/json", "root"},
    {"PUT", "/api/v0.2/permissions/devices/{permission}/", 400, "application/json", "root"},
    {"PATCH", "/api/v0.2/permissions/devices/{permission}/", 200, "application/json", "root"},
    {"DELETE", "/api/v0.2/permissions/devices/{permission}/", 404, "application/json", "root", "99"},
    {"GET", "/api/v0.2/permissions/devicetypes/", 200, "application/json", "root"},
    {"POST", "/api/v0.2/permissions/devicetypes/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/permissions/devicetypes/{permission}/", 404, "application/json", "root"},
    {"PUT", "/api/v0.2/permissions/devicetypes/{permission}/", 404, "application/json", "root"},
    {"PATCH", "/api/v0.2/permissions/devicetypes/{permission}/", 404, "application/json", "root"},
    {"DELETE", "/api/v0.2/permissions/devicetypes/{permission}/", 404, "application/json", "root", "99"},
    {"GET", "/api/v0.2/remote-artifact-tokens/", 200, "application/json", "alice"},
    {"POST", "/api/v0.2/remote-artifact-tokens/", 400, "application/json", "alice"},
    {"GET", "/api/v0.2/remote-artifact-tokens/{name}/", 404, "application/json", "alice"},
    {"PUT", "/api/v0.2/remote-artifact-tokens/{name}/", 404, "application/json", "alice"},
    {"PATCH", "/api/v0.2/remote-artifact-tokens/{name}/", 404, "application/json", "alice"},
    {"DELETE", "/api/v0.2/remote-artifact-tokens/{name}/", 404, "application/json", "alice"},
    {"POST", "/api/v0.2/token/", 400, "application/json"},
    {"GET", "/api/v0.2/users/", 200, "application/json", "root"},
    {"POST", "/api/v0.2/users/", 400, "application/json", "root"},
    {"GET", "/api/v0.2/users/{user}/", 200, "application/json", "root"},
    {"PUT", "/api/v0.2/users/{user}/", 400, "application/json", "root"},
    {"PATCH", "/api/v0.2/users/{user}/", 200, "application/json", "root"},
    {"DELETE", "/api/v0.2/users/{user}/", 404, "application/json", "root", "99"},
    {"GET", "/api/v0.2/system/", 200, ""},
    {"GET", "/api/v0.2/system/master_config/", 200, "application/json"},
    {"GET", "/api/v0.2/system/version/", 200, "application/json"},
    {"GET", "/api/v0.2/system/whoami/", 200, "application/json"},
    {"GET", "/api/v0.3/", 200, "application/json"},
    {"GET", "/results/{job}/csv/", 200, "text/csv"},
    {"GET", "/results/{job}/metadata/", 200, "text/yaml"},
    {"GET", "/results/{job}/yaml/", 200, "text/yaml"},
    {"GET", "/results/{job}/yaml_summary/", 200, "text/yaml"},
    {"GET", "/results/{job}/{name}/+testcase-count/", 200, "text/plain"},
    {"GET", "/results/{job}/{name}/csv/", 200, "text/csv"},
    {"GET", "/results/{job}/{name}/yaml/", 200, "text/yaml"},
    {"GET", "/scheduler/job/{job}/", 200, "text/html; charset=utf-8"},
    {"GET", "/scheduler/job/{job}/definition/plain/", 200, "text/plain"},
    {"GET", "/scheduler/job/{job}/log_file/plain/", 200, "application/yaml"},
    {"GET", "/v1/healthz/", 200, "application/json"},
    {"GET", "/v1/prometheus/", 200, "text/plain; version=0.0.4; charset=utf-8"},
};

std::string name_of(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::patch:
            return "PATCH";
        case Method::del:
            return "DELETE";
        default:
            return "?";
    }
}

std::string filled(std::string route, const std::string& id = {}) {
    const std::pair<std::string, std::string> values[] = {
        {"{job}", "1"},          {"{suite}", "1"},      {"{test}", "1"},    {"{tag}", "1"},
        {"{device}", "qemu-01"}, {"{type}", "qemu"},    {"{alias}", "x86"}, {"{worker}", "bench"},
        {"{group}", "1"},        {"{permission}", "1"}, {"{user}", "2"},    {"{name}", "0_smoke"}};
    for (const auto& [hole, value] : values) {
        if (const auto at = route.find(hole); at != std::string::npos)
            route.replace(at, hole.size(), id.empty() ? value : id);
    }
    return route;
}

TEST_F(RoutesTest, EachAnswersHoweverItsSlashesAreWritten) {
    ASSERT_EQ(a_finished_job().value, 1);
    grant(lab.lab, Restrictable::device, "qemu-01", Permission::change, add_group(lab.lab, "keepers"));
    std::set<std::pair<std::string, std::string>> seen;
    for (const auto& example : examples) {
        SCOPED_TRACE(example.method + " " + example.route);
        seen.emplace(example.method, example.route);
        const auto path = filled(example.route, example.id);
        const auto without = path.substr(0, path.size() - 1);
        std::string doubled;
        for (const char c : path) doubled += c == '/' ? "//" : std::string{c};
        for (const auto& target : {path, without, doubled, path + "?format=json&limit=256&format=json"}) {
            SCOPED_TRACE(target);
            const auto answer = lab.send(example.method, target, lab.authorization(example.who));
            EXPECT_EQ(answer.status, example.status) << answer.body;
            EXPECT_EQ(answer.content_type, example.content_type);
            EXPECT_FALSE(answer.headers.contains("Location"));
            EXPECT_TRUE(answer.headers.contains("Allow"));
        }
    }
    for (const auto& route : routes()) {
        const auto method = name_of(route.method);
        EXPECT_TRUE(seen.contains({method, std::string{route.path}}))
            << method << " " << route.path << " has no example in this test";
    }
}

TEST_F(RoutesTest, WhatOthersMayNotUseIsRefusedToThem) {
    a_finished_job();
    for (const auto& route : routes()) {
        if (route.who.access == Access::anyone) continue;
        SCOPED_TRACE(route.path);
        const auto method = name_of(route.method);
        const auto answer = lab.send(method, filled(std::string{route.path}));
        EXPECT_EQ(answer.status, 403);
        EXPECT_EQ(answer.body, R"({"detail":"Authentication credentials were not provided."})");
        if (route.who.access != Access::superuser && route.who.permission.empty()) continue;
        const auto user = lab.send(method, filled(std::string{route.path}), lab.authorization("alice"));
        EXPECT_EQ(user.status, 403);
        EXPECT_EQ(user.body, R"({"detail":"You do not have permission to perform this action."})");
    }
}

TEST_F(RoutesTest, AWrongTokenIsRefusedAtEachOfThem) {
    a_finished_job();
    const std::pair<std::string, std::string> wrong[] = {
        {"Token " + std::string(40, '0'), "Invalid token."},
        {"Token", "Invalid token header. No credentials provided."},
        {"Token a b", "Invalid token header. Token string should not contain spaces."}};
    for (const auto& route : routes()) {
        SCOPED_TRACE(route.path);
        for (const auto& [header, text] : wrong) {
            const auto answer =
                lab.send(name_of(route.method), filled(std::string{route.path}), "Authorization: " + header + "\r\n");
            EXPECT_EQ(answer.status, 403);
            EXPECT_EQ(answer.body, "{\"detail\":\"" + text + "\"}");
        }
    }
    EXPECT_EQ(lab.job(JobId{1}).state, JobState::finished);
}

TEST_F(RoutesTest, UnknownPathsAreJson404) {
    for (const std::string path :
         {"/", "/nothing", "/api/", "/api/v0.1/jobs/", "/api/v0.2/no-such-thing/", "/api/v9.9/jobs/", "/RPC2", "/RPC2/",
          "/api/v0.2/jobs/1/nothing/", "/api/v0.2/devices/qemu-01/certificate/", "/api/v0.2/workers/bench/certificate/",
          "/api/v0.2/jobs/1/suites/1/tests/1/more/", "/scheduler/job/1/nothing", "*", "/api/v0.2/../../etc/passwd",
          "/api/v0.2/devices/..%2f..%2fetc/"}) {
        SCOPED_TRACE(path);
        for (const std::string method : {"GET", "POST", "DELETE", "BREW"}) {
            const auto answer = lab.send(method, path);
            EXPECT_EQ(answer.status, 404);
            EXPECT_EQ(answer.content_type, "application/json");
            EXPECT_EQ(answer.body, R"({"detail":"Not found."})");
        }
    }
}

TEST_F(RoutesTest, AnIdThatIsNoneIs404) {
    a_finished_job();
    for (const std::string id :
         {"999999", "abc", "-1", "1x", "0x1", "1.1", "1.0.0", "99999999999999999999", "%00", "1%20", "%2e%2e"}) {
        SCOPED_TRACE(id);
        for (const std::string rest : {"", "logs/", "cancel/", "suites/", "tests/", "junit/", "events/", "metadata/"}) {
            const auto answer = lab.get("/api/v0.2/jobs/" + id + "/" + rest, "root");
            EXPECT_EQ(answer.status, id == "%00" ? 400 : 404) << rest;
        }
        EXPECT_EQ(lab.get("/api/v0.2/jobs/1/suites/" + id + "/").status, id == "%00" ? 400 : 404);
        EXPECT_EQ(lab.get("/api/v0.2/jobs/1/tests/" + id + "/").status, id == "%00" ? 400 : 404);
    }
    EXPECT_EQ(lab.get("/api/v0.2/jobs/1.0/").status, 200) << "the sub id of a job that is its whole group";
}

TEST_F(RoutesTest, AWrongMethodNamesWhatIsAllowed) {
    const auto answer = lab.send("DELETE", "/api/v0.2/jobs/", lab.authorization("root"));
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.body, R"({"detail":"Method \"DELETE\" not allowed."})");
    EXPECT_EQ(answer.headers.at("Allow"), "GET, POST, HEAD, OPTIONS");
    EXPECT_EQ(lab.send("GET", "/api/v0.2/jobs/validate/").headers.at("Allow"), "POST, OPTIONS");
    EXPECT_EQ(lab.send("BREW", "/api/v0.2/jobs/").body, R"({"detail":"Method \"BREW\" not allowed."})");
}

TEST_F(RoutesTest, HeadIsAnsweredByGetAndOptionsDescribes) {
    EXPECT_EQ(lab.send("HEAD", "/api/v0.2/jobs/").status, 200);
    const auto options = lab.send("OPTIONS", "/api/v0.2/jobs/");
    EXPECT_EQ(options.status, 200);
    EXPECT_EQ(options.headers.at("Allow"), "GET, POST, HEAD, OPTIONS");
    EXPECT_THAT(options.body, HasSubstr("multipart/form-data"));
}

TEST_F(RoutesTest, ASuffixAsksForJsonAsInLava) {
    ASSERT_EQ(a_finished_job().value, 1);
    for (const std::string path : {"jobs", "jobs/1", "jobs/1/suites", "jobs/1/suites/1/tests/1", "devices",
                                   "devices/qemu-01", "devicetypes/qemu", "system/version"}) {
        const auto plain = lab.get("/api/v0.2/" + path + "/?format=json");
        ASSERT_EQ(plain.status, 200) << path;
        for (const std::string end : {"", "/", "?format=json"}) {
            const auto answer = lab.get("/api/v0.2/" + path + ".json" + end);
            EXPECT_EQ(answer.status, 200) << path;
            EXPECT_EQ(answer.body, plain.body) << path;
        }
    }
    EXPECT_EQ(lab.post_definition("/api/v0.2/jobs.json", definition(), "alice").status, 201);
    EXPECT_EQ(lab.post_definition("/api/v0.2/jobs/validate.json", definition() + "# " + std::string(100'000, 'x')).body,
              R"({"message":"Job valid."})")
        << "large bodies, too";
    for (const std::string path : {"jobs.xml", "jobs/1.yaml", "nothing.json", ".json", "jobs/.json", "jobs.json.json"})
        EXPECT_EQ(lab.get("/api/v0.2/" + path).status, 404) << path;
    EXPECT_EQ(lab.get("/api/v0.2/jobs.json?format=xml").status, 404);
}

TEST_F(RoutesTest, ASuffixIsPartOfTheNameOfWhatIsChanged) {
    const std::string tokens = "/api/v0.2/remote-artifact-tokens/";
    for (const std::string name : {"netrc", "netrc.json"})
        lab.post(tokens, "application/json", R"({"name": ")" + name + R"(", "token": "secret"})", "alice");
    EXPECT_EQ(lab.send("DELETE", tokens + "netrc.json", lab.authorization("alice")).status, 204);
    EXPECT_EQ(column(lab.get(tokens, "alice"), "name"), (Texts{"netrc"}));
}

TEST_F(RoutesTest, OnlyJsonCanBeAskedFor) {
    EXPECT_EQ(lab.get("/api/v0.2/jobs/?format=json").status, 200);
    EXPECT_EQ(lab.get("/api/v0.2/jobs/?format=xml").status, 404);
    EXPECT_EQ(lab.send("GET", "/api/v0.2/jobs/", "Accept: application/xml\r\n").status, 200);
}

}  // namespace
}  // namespace patchbay
