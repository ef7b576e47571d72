// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "core/config/base64.hpp"
#include "daemon/api/exports/xml_text.hpp"
#include "daemon/xmlrpc/codec.hpp"

namespace patchbay {
namespace {

constexpr std::string_view prologue = "<?xml version='1.0'?>\n<methodResponse>\n";

std::string rpc_text(std::string_view text) { return xml_text(text, "\"", "?"); }

/// Appends one value, in the line breaks of Python.
class ValueWriter {
public:
    explicit ValueWriter(std::string& out) : out_{out} {}

    void write(const config::Value& value) { std::visit(*this, value.storage()); }

    void operator()(std::monostate) { out_ += "<value><nil/></value>"; }
    void operator()(bool flag) { scalar("boolean", flag ? "1" : "0"); }
    void operator()(std::int64_t number) {
        using Int = std::numeric_limits<std::int32_t>;
        if (number < Int::min() || number > Int::max())
            throw Fault{fault_code::internal,
                        "Internal Server Error (contact server administrator for details): int exceeds XML-RPC limits"};
        scalar("int", std::to_string(number));
    }
    void operator()(double number) { scalar("double", config::python_str(number)); }
    void operator()(const std::string& text) { scalar("string", rpc_text(text)); }
    void operator()(const config::Timestamp& time) { scalar("dateTime.iso8601", rpc_text(time.text)); }
    void operator()(const config::BigInt& number) { scalar("string", number.digits); }
    void operator()(const config::Binary& binary) {
        out_ += "<value><base64>\n" + base64_lines(binary.bytes) + "</base64></value>\n";
    }
    void operator()(const config::List& list) {
        out_ += "<value><array><data>\n";
        for (const auto& item : list) write(item);
        out_ += "</data></array></value>\n";
    }
    void operator()(const config::Map& map) {
        out_ += "<value><struct>\n";
        for (const auto& [key, value] : map) {
            out_ += "<member>\n<name>" + rpc_text(config::python_str(key)) + "</name>\n";
            write(value);
            out_ += "</member>\n";
        }
        out_ += "</struct></value>\n";
    }

private:
    void scalar(std::string_view type, std::string_view text) {
        out_.append("<value><").append(type).append(">").append(text);
        out_.append("</").append(type).append("></value>\n");
    }

    std::string& out_;
};

}  // namespace

std::string base64_lines(std::string_view bytes) {
    constexpr std::size_t digits_of_line = base64_line_bytes / 3 * 4;
    const auto digits = config::encode_base64(bytes);
    std::string out;
    out.reserve(digits.size() + digits.size() / digits_of_line + 1);
    for (std::size_t at = 0; at < digits.size(); at += digits_of_line) out.append(digits, at, digits_of_line) += '\n';
    return out;
}

std::string write_answer(const config::Value& value) {
    std::string out{prologue};
    out += "<params>\n<param>\n";
    ValueWriter{out}.write(value);
    return out + "</param>\n</params>\n</methodResponse>\n";
}

std::string write_fault(const Fault& fault) {
    std::string out{prologue};
    out += "<fault>\n";
    ValueWriter{out}.write(fault_value(fault));
    return out + "</fault>\n</methodResponse>\n";
}

config::Value fault_value(const Fault& fault) {
    config::Map map;
    map.set("faultCode", fault.code);
    map.set("faultString", fault.what());
    return map;
}

config::Value rpc_time(WallTime time) {
    auto text = format_log_time(time).substr(0, std::string_view{"2026-11-22T06:51:13"}.size());
    std::erase(text, '-');
    return config::Timestamp{std::move(text)};
}

config::Value rpc_time(const std::optional<WallTime>& time) { return time ? rpc_time(*time) : config::Value{}; }

}  // namespace patchbay
