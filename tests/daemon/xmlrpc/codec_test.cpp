// SPDX-License-Identifier: Apache-2.0
// Calls in, answers out. The texts are what Python's xmlrpc.client writes, and what LAVA answered.
#include "daemon/xmlrpc/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay {
namespace {

using ::testing::HasSubstr;

std::string call(const std::string& values) {
    std::string xml = "<?xml version='1.0'?>\n<methodCall>\n<methodName>a.b</methodName>\n<params>\n";
    return xml + values + "</params>\n</methodCall>\n";
}
config::Value one(const std::string& value) {
    const auto read = read_call(call("<param>\n<value>" + value + "</value>\n</param>\n"));
    EXPECT_EQ(read.method, "a.b");
    return read.arguments.at(0);
}

/// "-32603 text", or what was read.
std::string refusal(const std::string& xml, const XmlRpcLimits& limits = {}) {
    try {
        return "read " + read_call(xml, limits).method;
    } catch (const Fault& fault) {
        return std::to_string(fault.code) + " " + fault.what();
    }
}

TEST(XmlRpcCall, EveryTypeIsReadAsPythonReadsIt) {
    EXPECT_EQ(one("<int>64</int>"), config::Value{64});
    EXPECT_EQ(one("<i4>-7</i4>"), config::Value{-7});
    EXPECT_EQ(one("<i8>+4294967296</i8>"), config::Value{std::int64_t{4294967296}});
    EXPECT_EQ(one("<boolean>1</boolean>"), config::Value{true});
    EXPECT_EQ(one("<boolean>0</boolean>"), config::Value{false});
    EXPECT_EQ(one("<double>1.5</double>"), config::Value{1.5});
    EXPECT_EQ(one("<nil/>"), config::Value{});
    EXPECT_EQ(one("<string>a &lt;b&gt; &amp; &#233; <![CDATA[<c>]]></string>"), config::Value{"a <b> & \u00e9 <c>"});
    EXPECT_EQ(one("<string> kept \r\n </string>"), config::Value{" kept \n "});
    EXPECT_EQ(one("untyped"), config::Value{"untyped"});
    EXPECT_EQ(one(""), config::Value{""});
    EXPECT_EQ(one("<base64>\naGVsbG8=\n</base64>"), config::Value{config::Binary{"hello"}});
    EXPECT_EQ(one("<dateTime.iso8601>20261122T06:51:13</dateTime.iso8601>"),
              config::Value{config::Timestamp{"20261122T06:51:13"}});
}

TEST(XmlRpcCall, ArraysAndStructsAreReadInOrder) {
    const auto value =
        one("<array>\n<data><value><int>1</int></value>\n<value><array><data></data></array></value>"
            "<value><struct><member><name>b</name><value>x</value></member>"
            "<member><name>a</name><value><nil/></value></member></struct></value></data></array>");
    EXPECT_EQ(config::python_str(value), "[1, [], {'b': 'x', 'a': None}]");
}

TEST(XmlRpcCall, ParametersMayBeMissing) {
    EXPECT_TRUE(read_call("<methodCall><methodName>a</methodName></methodCall>").arguments.empty());
    EXPECT_TRUE(read_call(call("")).arguments.empty());
}

TEST(XmlRpcCall, WhatIsNoXmlAndWhatIsNoCallAreTold) {
    EXPECT_EQ(refusal("hello"), "-32603 Unable to decode request");
    EXPECT_EQ(refusal(""), "-32603 Unable to decode request");
    EXPECT_EQ(refusal("<methodCall><methodName>a"), "-32603 Unable to decode request");
    EXPECT_EQ(refusal(call("\xff")), "-32603 Unable to decode request");
    EXPECT_EQ(refusal("<?xml version='1.0'?><x/>"), "-32600 Unable to decode request");
    EXPECT_EQ(refusal("<methodCall/>"), "-32600 Unable to decode request");
    EXPECT_EQ(refusal(call("<param/>")), "-32600 Unable to decode request");
    EXPECT_EQ(refusal(call("<param><value><int>1</int><int>2</int></value></param>")),
              "-32600 Unable to decode request");
    EXPECT_EQ(refusal(call("<value>1</value>")), "-32600 Unable to decode request");
    EXPECT_EQ(refusal(call("<param><value><struct><member><name>a</name></member></struct></value></param>")),
              "-32600 Unable to decode request");
}

TEST(XmlRpcCall, ValuesThatAreNoneAreNamed) {
    const auto because = [](const std::string& value) {
        return refusal(call("<param><value>" + value + "</value></param>"));
    };
    EXPECT_THAT(because("<int>abc</int>"), HasSubstr("-32603 Unable to decode request: 'abc' is not a number"));
    EXPECT_THAT(because("<int>99999999999999999999</int>"), HasSubstr("is not a number"));
    EXPECT_THAT(because("<int></int>"), HasSubstr("is not a number"));
    EXPECT_THAT(because("<boolean>yes</boolean>"), HasSubstr("a boolean is 0 or 1"));
    EXPECT_THAT(because("<base64>a</base64>"), HasSubstr("bad base64"));
}

TEST(XmlRpcCall, NoEntityOfAClientIsEverExpanded) {
    const std::string laughs =
        "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"
        "<methodCall><methodName>&b;</methodName></methodCall>";
    EXPECT_EQ(refusal(laughs), "-32603 Unable to decode request: a document type is not allowed");
    EXPECT_EQ(refusal("<!DOCTYPE x SYSTEM 'file:///etc/passwd'><methodCall/>"),
              "-32603 Unable to decode request: a document type is not allowed");
    EXPECT_EQ(refusal("<methodCall><methodName>&b;</methodName></methodCall>"), "-32603 Unable to decode request");
}

TEST(XmlRpcCall, EveryBoundHolds) {
    XmlRpcLimits limits{200, 12, 40, 2};
    const auto nested = [](int depth) {
        std::string xml = "<param><value>1</value></param>";
        for (int i = 0; i < depth; ++i)
            xml.insert(xml.find("<value>") + 7, "<array><data><value>")
                .insert(xml.rfind("</value>"), "</value></data></array>");
        return call(xml);
    };
    limits.bytes = 10'000;
    EXPECT_EQ(refusal(nested(2), limits), "read a.b");
    EXPECT_THAT(refusal(nested(3), limits), HasSubstr("nested too deeply"));
    std::string many;
    for (int i = 0; i < 30; ++i) many += "<param><value>1</value></param>";
    EXPECT_THAT(refusal(call(many), limits), HasSubstr("too many values"));
    const std::string member = "<member><name>a</name><value>1</value></member>";
    const auto members = [&](const std::string& all) {
        return call("<param><value><struct>" + all + "</struct></value></param>");
    };
    EXPECT_EQ(refusal(members(member + member + member), limits), "read a.b") << "the same one again";
    EXPECT_THAT(
        refusal(members(member + "<member><name>b</name><value/></member><member><name>c</name><value/></member>"),
                limits),
        HasSubstr("too many members"));
    limits.bytes = 50;
    EXPECT_THAT(refusal(call(""), limits), HasSubstr("too long"));
    EXPECT_THAT(refusal(nested(5000)), HasSubstr("nested too deeply"));
}

TEST(XmlRpcAnswer, IsWhatPythonWrites) {
    EXPECT_EQ(write_answer(64),
              "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><int>64</int></value>\n</param>\n"
              "</params>\n</methodResponse>\n");
    config::Map map;
    map.set("a<", config::List{true, 1.5, config::Value{}, "<&>\"'"});
    map.set("t", rpc_time(WallTime{std::chrono::microseconds{1'795'330'273'999'999}}));
    EXPECT_EQ(
        write_answer(config::Value{map}),
        "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><struct>\n<member>\n<name>a&lt;</name>\n"
        "<value><array><data>\n<value><boolean>1</boolean></value>\n<value><double>1.5</double></value>\n"
        "<value><nil/></value><value><string>&lt;&amp;&gt;\"'</string></value>\n</data></array></value>\n"
        "</member>\n<member>\n<name>t</name>\n"
        "<value><dateTime.iso8601>20261122T06:51:13</dateTime.iso8601></value>\n</member>\n</struct></value>\n"
        "</param>\n</params>\n</methodResponse>\n");
}

TEST(XmlRpcAnswer, Base64HasLinesOf76Characters) {
    EXPECT_THAT(write_answer(config::Binary{""}), HasSubstr("<value><base64>\n</base64></value>\n"));
    EXPECT_THAT(
        write_answer(config::Binary{std::string(58, 'a')}),
        HasSubstr("<value><base64>\nYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\n"
                  "YQ==\n</base64></value>\n"));
}

TEST(XmlRpcAnswer, IsAlwaysXml) {
    EXPECT_THAT(write_answer(std::string{"a\0b\x1b\xff"
                                         "c\t\u2028",
                                         10}),
                HasSubstr("<string>a?b?\ufffd"
                          "c\t\u2028</string>"));
    EXPECT_THROW(write_answer(std::int64_t{1} << 31), Fault);
    EXPECT_NO_THROW(write_answer((std::int64_t{1} << 31) - 1));
}

TEST(XmlRpcAnswer, AFaultIsLavas) {
    EXPECT_EQ(write_fault(Fault{404, "Job '99' was not found."}),
              "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n"
              "<value><int>404</int></value>\n</member>\n<member>\n<name>faultString</name>\n"
              "<value><string>Job '99' was not found.</string></value>\n</member>\n</struct></value>\n</fault>\n"
              "</methodResponse>\n");
}

}  // namespace
}  // namespace patchbay
