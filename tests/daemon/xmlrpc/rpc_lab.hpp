// SPDX-License-Identifier: Apache-2.0
#pragma once
// The small lab of the API's tests, spoken to by XML-RPC.

#include "core/config/base64.hpp"
#include "daemon/xmlrpc/codec.hpp"
#include "daemon/xmlrpc/xmlrpc.hpp"
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay::testing {

class RpcTest : public ApiTest {
protected:
    RpcTest() {
        lab.handler = [](Request& request, Services& services) {
            return is_xmlrpc(request) ? answer_xmlrpc(request, services) : answer_api(request, services);
        };
    }

    std::string authorization(const std::string& who) {
        if (who.empty()) return {};
        return "Authorization: Basic " + config::encode_base64(who + ":" + lab.token(who)) + "\r\n";
    }

    ApiAnswer call(const std::string& method, const config::List& arguments = {}, const std::string& who = "") {
        // An answer's parameters are written as those of a call.
        std::string xml = "<methodCall><methodName>" + method + "</methodName><params>";
        for (const auto& argument : arguments) {
            const auto answer = write_answer(argument);
            const auto begin = answer.find("<param>");
            xml += answer.substr(begin, answer.find("</params>") - begin);
        }
        return lab.send("POST", "/RPC2", authorization(who), xml + "</params></methodCall>");
    }

    /// What a method answers, read back; of a fault "Fault 404: ...".
    config::Value value(const std::string& method, const config::List& arguments = {}, const std::string& who = "") {
        const auto answer = call(method, arguments, who);
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.content_type, "application/xml; charset=utf-8");
        auto xml = answer.body;
        const bool fault = xml.find("<fault>") != std::string::npos;
        const auto replace = [&xml](std::string_view from, std::string_view to) {
            if (const auto at = xml.find(from); at != std::string::npos) xml.replace(at, from.size(), to);
        };
        replace("<fault>", "<params><param>");
        replace("</fault>", "</param></params>");
        replace("<methodResponse>", "<methodCall><methodName>answer</methodName>");
        replace("</methodResponse>", "</methodCall>");
        auto read = read_call(xml, {64 * 1024 * 1024, 64, 1'000'000, 256}).arguments.at(0);
        if (!fault) return read;
        return "Fault " + config::python_str(*read.find("faultCode")) + ": " + *read.find("faultString")->as_string();
    }
    /// The same in Python's notation.
    std::string said(const std::string& method, const config::List& arguments = {}, const std::string& who = "") {
        return config::python_str(value(method, arguments, who));
    }
};

}  // namespace patchbay::testing
