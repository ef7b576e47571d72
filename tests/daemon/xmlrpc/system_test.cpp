// SPDX-License-Identifier: Apache-2.0
// How a call comes in, who makes it, and what the server says of itself.
#include <algorithm>
#include <fstream>
#include <set>

#include "daemon/xmlrpc/methods.hpp"
#include "tests/daemon/xmlrpc/rpc_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class RpcSystemTest : public RpcTest {
protected:
    ApiAnswer with(const std::string& authorization) {
        return lab.send("POST", "/RPC2/", "Authorization: " + authorization + "\r\n",
                        "<methodCall><methodName>system.whoami</methodName></methodCall>");
    }
    ApiAnswer with_pair(const std::string& pair) { return with("Basic " + config::encode_base64(pair)); }
};

TEST_F(RpcSystemTest, EverySlashIsServedAndOnlyPost) {
    const std::string version = "<methodCall><methodName>system.version</methodName></methodCall>";
    for (const std::string path : {"/RPC2", "/RPC2/", "//RPC2"}) {
        const auto answer = lab.send("POST", path, {}, version);
        EXPECT_EQ(answer.status, 200) << path;
        EXPECT_THAT(answer.body, HasSubstr("<value><string>2023.01</string></value>"));
    }
    const auto get = lab.send("GET", "/RPC2");
    EXPECT_EQ(get.status, 405);
    EXPECT_EQ(get.headers.at("Allow"), "POST");
}

TEST_F(RpcSystemTest, AnAnswerIsXmlWithItsCharsetAndNeverCompressed) {
    for (const std::string method : {"system.whoami", "no.such.method"}) {
        const auto answer = lab.send("POST", "/RPC2", "Accept-Encoding: gzip, deflate\r\n",
                                     "<methodCall><methodName>" + method + "</methodName></methodCall>");
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.content_type, "application/xml; charset=utf-8");
        EXPECT_FALSE(answer.headers.contains("Content-Encoding"));
        EXPECT_THAT(answer.body, HasSubstr(method == "system.whoami" ? "<nil/>" : "<fault>"));
    }
}

TEST_F(RpcSystemTest, TheServerNamesItselfAndItsCaller) {
    EXPECT_EQ(said("system.version"), "2023.01");
    EXPECT_EQ(said("system.api_version"), "2");
    EXPECT_EQ(said("system.whoami"), "None");
    EXPECT_EQ(said("system.whoami", {}, "alice"), "alice");
    EXPECT_THAT(said("system.master_config"), HasSubstr("'EVENT_NOTIFICATION': True"));
    EXPECT_THAT(said("system.getCapabilities"), HasSubstr("'auth_token': {'specUrl': 'https://blueprints."));
}

TEST_F(RpcSystemTest, WhoHasAWrongPairIsRefusedByHttpAlsoWhereAnybodyMayCall) {
    const auto token = lab.token("alice");
    EXPECT_EQ(with_pair("alice:" + token).status, 200);
    for (const std::string& pair :
         Texts{"bob:" + token, "alice:wrong", "alice:" + token + "x", "alic:" + token, ":" + token}) {
        const auto answer = with_pair(pair);
        EXPECT_EQ(answer.status, 401) << pair;
        EXPECT_EQ(answer.body, "Invalid token");
        EXPECT_EQ(answer.headers.at("WWW-Authenticate"), "Basic realm=\"XML-RPC Authentication token\"");
    }
    auto disable = [](Database& db) { Users{db}.set_active("alice", false); };
    lab.lab.write(std::move(disable));
    EXPECT_EQ(with_pair("alice:" + token).status, 401);
}

TEST_F(RpcSystemTest, WhoHasAWrongPairIsRefusedAtEveryMethod) {
    const auto header = "Authorization: Basic " + config::encode_base64("alice:" + std::string(40, '0')) + "\r\n";
    for (const auto& method : rpc_methods()) {
        const auto answer =
            lab.send("POST", "/RPC2", header,
                     "<methodCall><methodName>" + std::string{method.name} + "</methodName></methodCall>");
        EXPECT_EQ(answer.status, 401) << method.name;
        EXPECT_EQ(answer.body, "Invalid token") << method.name;
    }
}

TEST_F(RpcSystemTest, WhoNeedsToLogInIsToldByAFault) {
    for (const auto& method : rpc_methods()) {
        if (method.who.access == Access::anyone) continue;
        const std::string_view parameters = method.parameters;
        const auto count = parameters.empty() ? 0 : 1 + std::ranges::count(parameters, ',');
        EXPECT_EQ(said(std::string{method.name}, config::List(static_cast<std::size_t>(count), "x")),
                  "Fault 401: Authentication with user and token required for this API.")
            << method.name;
    }
}

TEST_F(RpcSystemTest, WordsThatLavaHadLongAgoAreAnswered) {
    EXPECT_EQ(said("system.pipeline_network_map"), "switches: {}\n");
    EXPECT_EQ(said("system.user_can_view_bundles", {config::Value{config::List{"a"}}}, "alice"), "False");
    EXPECT_EQ(said("close"), "None");
}

TEST_F(RpcSystemTest, APageOfAnotherSiteCallsNothing) {
    // A browser keeps user and token of an URL and sends them with a form of any page.
    const auto answer = lab.send("POST", "/RPC2", authorization("alice") + "Origin: https://evil.example\r\n",
                                 "<methodCall><methodName>system.whoami</methodName></methodCall>");
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.body, "Pages of other sites may change nothing here; use a program, or this site.");
}

TEST_F(RpcSystemTest, OnlyUsersSendLargeCalls) {
    Request head;
    head.path = "/RPC2/";
    EXPECT_EQ(xmlrpc_body_right(head, lab.services()), BodyRight::none);
    head.headers = {{"authorization", "Basic " + config::encode_base64("alice:" + lab.token("alice"))}};
    EXPECT_EQ(xmlrpc_body_right(head, lab.services()), BodyRight::user);
    head.headers = {{"authorization", "Basic " + config::encode_base64("alice:wrong")}};
    EXPECT_EQ(xmlrpc_body_right(head, lab.services()), BodyRight::none);
}

TEST_F(RpcSystemTest, AHeaderThatIsNoneIsTold) {
    const auto refused = [&](const std::string& header) {
        const auto answer = with(header);
        return std::to_string(answer.status) + " " + answer.body;
    };
    EXPECT_EQ(refused("Token " + lab.token("alice")),
              "400 Unsupported HTTP_AUTHORIZATION header, only Basic scheme is supported");
    EXPECT_EQ(refused("basic YTpi"), "400 Unsupported HTTP_AUTHORIZATION header, only Basic scheme is supported");
    EXPECT_EQ(refused("Basic"), "400 Invalid HTTP_AUTHORIZATION header");
    EXPECT_EQ(refused("Basic a"), "400 Corrupted HTTP_AUTHORIZATION header, bad base64 encoding");
    EXPECT_EQ(refused("Basic YWxpY2U="), "400 Corrupted HTTP_AUTHORIZATION header, no user:pass");
}

TEST_F(RpcSystemTest, WhatCannotBeCalledIsAFault) {
    EXPECT_THAT(lab.send("POST", "/RPC2", {}, "hello").body, HasSubstr("<int>-32603</int>"));
    EXPECT_EQ(lab.send("POST", "/RPC2").status, 200) << "nothing is no call";
    EXPECT_EQ(said("nope.nope"), "Fault -32601: No such method: 'nope.nope'");
    EXPECT_THAT(
        said("results.make_custom_query"),
        HasSubstr("Fault -32601: No such method: 'results.make_custom_query'; LAVA has it, this server does not: "
                  "queries are not stored; GET /api/v0.2/jobs/ takes filters"));
    for (const std::string name :
         {"scheduler.workers.get_certificate", "scheduler.workers.set_certificate", "system.get_master_certificate"})
        EXPECT_EQ(said(name, {"bench"}, "root"),
                  "Fault -32601: No such method: '" + name +
                      "'; LAVA had it until 2020.09: a worker has no certificate any more, it shows the token that "
                      "`patchbayd worker token` prints");
    EXPECT_EQ(said("system.methodHelp"),
              "Fault -32603: Internal Server Error (contact server administrator for details): system.methodHelp() "
              "missing required positional argument: 'method_name'");
    EXPECT_EQ(said("system.version", {1, 2}),
              "Fault -32603: Internal Server Error (contact server administrator for details): system.version() takes "
              "at most 0 arguments but 2 were given");
    EXPECT_EQ(said("system.methodHelp", {config::Value{config::List{}}}),
              "Fault 400: Bad request: argument 1 must be a string.");
}

TEST_F(RpcSystemTest, EveryMethodOfLavaIsThereOrNamedAsMissing) {
    std::set<std::string, std::less<>> lavas;
    std::ifstream file{PATCHBAY_SOURCE_DIR "/tests/compat/golden/listMethods.txt"};
    for (std::string line; std::getline(file, line);) lavas.insert(line.substr(0, line.find('\t')));
    ASSERT_GT(lavas.size(), 90U);
    std::set<std::string, std::less<>> known;
    for (const auto& method : rpc_methods()) known.emplace(method.name);
    EXPECT_EQ(known.size(), rpc_methods().size());
    for (const auto& [name, reason] : missing_rpc_methods()) {
        EXPECT_TRUE(known.emplace(name).second) << name << " is not missing";
        EXPECT_FALSE(reason.empty()) << name;
    }
    for (const auto& name : lavas) EXPECT_TRUE(known.contains(name)) << name;
    EXPECT_TRUE(std::ranges::is_sorted(rpc_methods(), {}, &RpcMethod::name)) << "find_rpc_method() relies on it";
    EXPECT_TRUE(std::ranges::is_sorted(missing_rpc_methods(), {}, &MissingRpcMethod::name));
}

TEST_F(RpcSystemTest, MethodsAreListedWithTheirParameters) {
    const auto names = said("system.listMethods");
    EXPECT_THAT(names, HasSubstr("'system.version'"));
    EXPECT_THAT(names, Not(HasSubstr("make_custom_query")));
    EXPECT_EQ(said("system.methodHelp", {"system.methodHelp"}), "system.methodHelp(method_name)");
    EXPECT_EQ(said("system.methodHelp", {"nope"}), "");
    EXPECT_EQ(said("system.methodSignature", {"system.version"}), "undef");
    EXPECT_EQ(said("system.methodSignature", {"system.multicall"}), "['array', 'array']");
    EXPECT_EQ(said("system.methodSignature", {"nope"}), "");
}

config::Value entry(const std::string& name, config::List arguments = {}) {
    config::Map map;
    map.set("methodName", name);
    map.set("params", std::move(arguments));
    return map;
}

TEST_F(RpcSystemTest, SeveralCallsInOneAnswerOneByOne) {
    const config::List calls{entry("system.version"), entry("system.whoami"), entry("nope.nope")};
    EXPECT_EQ(said("system.multicall", {config::Value{calls}}, "root"),
              "[['2023.01'], ['root'], {'faultCode': -32601, 'faultString': \"No such method: 'nope.nope'\"}]");
    EXPECT_EQ(said("system.multicall",
                   {config::Value{config::List{entry("system.multicall", {config::Value{config::List{}}}), 7}}}),
              "[{'faultCode': -32602, 'faultString': 'system.multicall: it cannot call itself'}, {'faultCode': -32602, "
              "'faultString': 'system.multicall: each call is a struct of methodName and params'}]");
    EXPECT_EQ(said("system.multicall", {"x"}), "Fault -32602: system.multicall: the calls are an array");
    EXPECT_EQ(said("system.multicall", {config::Value{config::List(101, entry("system.version"))}}),
              "Fault -32602: system.multicall: at most 100 calls at once");
}

TEST_F(RpcSystemTest, SeveralCallsDoNotAskForAHundredLargeAnswers) {
    const auto job = submit();
    lab.schedule(job, "qemu-01");
    lab.start(job);
    lab.record(job,
               R"({"dt": "2026-11-22T06:51:13.000001", "lvl": "info", "msg": ")" + std::string(250'000, 'x') + "\"}");
    const auto logs = entry("scheduler.jobs.logs", {job.value});
    EXPECT_EQ(value("system.multicall", {config::Value{config::List(5, logs)}}).as_list()->size(), 5U);
    const auto many = value("system.multicall", {config::Value{config::List(100, logs)}});
    EXPECT_EQ(
        config::python_str(many.as_list()->back()),
        "{'faultCode': -32602, 'faultString': 'system.multicall: the answers are too large; ask for fewer at once'}");
}

}  // namespace
}  // namespace patchbay
