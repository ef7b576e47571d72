// SPDX-License-Identifier: Apache-2.0
// Any bytes as an XML-RPC call: a call within its limits or a fault comes out; what was read can be written, and what
// was written is read as the same.
#include <cstdint>
#include <cstdlib>

#include "daemon/xmlrpc/codec.hpp"

namespace patchbay {
namespace {

constexpr XmlRpcLimits limits{64 * 1024, 24, 500, 16};
constexpr std::string_view answer_begins = "<params>\n";

void must(bool condition) {
    if (!condition) std::abort();
}

/// The answer's parameters as those of a call.
std::string as_call(const std::string& answer) {
    const auto begin = answer.find(answer_begins);
    const auto end = answer.rfind("</methodResponse>");
    must(begin != std::string::npos && end != std::string::npos);
    return "<methodCall><methodName>m</methodName>" + answer.substr(begin, end - begin) + "</methodCall>";
}

config::Value again(const std::string& answer) {
    const auto call = read_call(as_call(answer));
    must(call.method == "m" && call.arguments.size() == 1);
    return call.arguments[0];
}

}  // namespace
}  // namespace patchbay

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    try {
        const auto call = read_call({reinterpret_cast<const char*>(data), size}, limits);
        must(!call.method.empty());
        const auto written = write_answer(again(write_answer(call.arguments)));
        must(write_answer(again(written)) == written);
    } catch (const Fault& fault) {
        must(fault.code < 0 && *fault.what() != '\0');
    }
    return 0;
}
