// SPDX-License-Identifier: Apache-2.0
// Expat reports elements as they come, so that what is too deep or too much is refused before it is kept.
#include <expat.h>

#include <charconv>
#include <climits>
#include <exception>
#include <memory>
#include <vector>

#include "core/config/base64.hpp"
#include "daemon/xmlrpc/codec.hpp"

namespace patchbay {
namespace {

enum class Tag {
    call,
    method,
    params,
    param,
    value,
    array,
    data,
    structure,
    member,
    name,
    nil,
    boolean,
    integer,
    number,
    text,
    time,
    base64,
};

struct KnownTag {
    std::string_view name;
    Tag tag;
};
constexpr KnownTag known_tags[] = {
    {"methodCall", Tag::call}, {"methodName", Tag::method}, {"params", Tag::params},
    {"param", Tag::param},     {"value", Tag::value},       {"array", Tag::array},
    {"data", Tag::data},       {"struct", Tag::structure},  {"member", Tag::member},
    {"name", Tag::name},       {"nil", Tag::nil},           {"boolean", Tag::boolean},
    {"int", Tag::integer},     {"i4", Tag::integer},        {"i8", Tag::integer},
    {"double", Tag::number},   {"string", Tag::text},       {"dateTime.iso8601", Tag::time},
    {"base64", Tag::base64},
};

bool may_hold(Tag outer, Tag inner) {
    switch (inner) {
        case Tag::call:
            return false;
        case Tag::method:
        case Tag::params:
            return outer == Tag::call;
        case Tag::param:
            return outer == Tag::params;
        case Tag::value:
            return outer == Tag::param || outer == Tag::data || outer == Tag::member;
        case Tag::data:
            return outer == Tag::array;
        case Tag::member:
            return outer == Tag::structure;
        case Tag::name:
            return outer == Tag::member;
        default:
            return outer == Tag::value;
    }
}

Fault no_call() { return {fault_code::not_a_call, "Unable to decode request"}; }
Fault unreadable() { return {fault_code::internal, "Unable to decode request"}; }

Fault unreadable_because(const std::string& reason) {
    return {fault_code::internal, "Unable to decode request: " + reason};
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

template <class Number>
config::Value read_number(std::string_view text) {
    text = trim(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    Number number{};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size())
        throw unreadable_because("'" + std::string{text.substr(0, 40)} + "' is not a number");
    return number;
}

config::Value read_scalar(Tag tag, std::string text) {
    switch (tag) {
        case Tag::nil:
            return {};
        case Tag::boolean:
            if (trim(text) != "0" && trim(text) != "1") throw unreadable_because("a boolean is 0 or 1");
            return trim(text) == "1";
        case Tag::integer:
            return read_number<std::int64_t>(text);
        case Tag::number:
            return read_number<double>(text);
        case Tag::time:
            return config::Timestamp{std::string{trim(text)}};
        case Tag::base64: {
            auto bytes = config::decode_base64(text);
            if (!bytes) throw unreadable_because("bad base64");
            return config::Binary{std::move(*bytes)};
        }
        default:
            return text;
    }
}

/// An element that has begun, with what its children have left in it.
struct Open {
    Tag tag;
    std::string text{};
    std::string name{};
    std::optional<config::Value> value{};
    config::List list{};
    config::Map map{};
};

class CallReader {
public:
    explicit CallReader(const XmlRpcLimits& limits) : limits_{limits}, parser_{XML_ParserCreate(nullptr)} {
        if (!parser_) throw std::bad_alloc{};
        XML_SetUserData(parser_.get(), this);
        XML_SetElementHandler(parser_.get(), on_start, on_end);
        XML_SetCharacterDataHandler(parser_.get(), on_text);
        XML_SetStartDoctypeDeclHandler(parser_.get(), on_doctype);
    }

    MethodCall read(std::string_view xml) {
        if (xml.size() > limits_.bytes || xml.size() > INT_MAX) throw unreadable_because("it is too long");
        const auto status = XML_Parse(parser_.get(), xml.data(), static_cast<int>(xml.size()), XML_TRUE);
        if (failure_) std::rethrow_exception(failure_);
        if (status != XML_STATUS_OK) throw unreadable();
        return std::move(call_);
    }

private:
    struct Free {
        void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
    };

    /// Nothing is thrown through Expat, which is C.
    template <class Step>
    static void guarded(void* self, Step step) {
        auto& reader = *static_cast<CallReader*>(self);
        if (reader.failure_) return;  // Expat may report a little more before it stops
        try {
            step(reader);
        } catch (...) {
            reader.failure_ = std::current_exception();
            XML_StopParser(reader.parser_.get(), XML_FALSE);
        }
    }
    static void on_start(void* self, const XML_Char* name, const XML_Char**) {
        guarded(self, [name](CallReader& reader) { reader.start(name); });
    }
    static void on_end(void* self, const XML_Char*) {
        guarded(self, [](CallReader& reader) { reader.end(); });
    }
    static void on_text(void* self, const XML_Char* text, int size) {
        guarded(self, [=](CallReader& reader) { reader.add({text, static_cast<std::size_t>(size)}); });
    }
    static void on_doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
        guarded(self, [](CallReader&) { throw unreadable_because("a document type is not allowed"); });
    }

    void start(std::string_view name) {
        if (++elements_ > limits_.elements) throw unreadable_because("it has too many values");
        if (open_.size() >= limits_.depth) throw unreadable_because("it is nested too deeply");
        for (const auto& known : known_tags) {
            if (known.name != name) continue;
            if (open_.empty() ? known.tag != Tag::call : !may_hold(open_.back().tag, known.tag)) throw no_call();
            open_.push_back({known.tag});
            return;
        }
        throw no_call();
    }

    void add(std::string_view text) {
        if (!open_.empty()) open_.back().text += text;
    }

    void end() {
        auto done = std::move(open_.back());
        open_.pop_back();
        if (done.tag == Tag::call) {
            if (done.name.empty()) throw no_call();
            call_ = {std::move(done.name), std::move(done.list)};
        } else {
            hand_over(std::move(done), open_.back());
        }
    }

    void hand_over(Open done, Open& outer) const {
        switch (done.tag) {
            case Tag::method:
            case Tag::name:
                outer.name = std::move(done.text);
                break;
            case Tag::params:
            case Tag::data:
                outer.list = std::move(done.list);
                break;
            case Tag::param:
                if (!done.value) throw no_call();
                outer.list.push_back(std::move(*done.value));
                break;
            case Tag::member:
                if (!done.value) throw no_call();
                if (outer.map.size() >= limits_.members) throw unreadable_because("a struct has too many members");
                outer.map.set(std::move(done.name), std::move(*done.value));
                break;
            case Tag::value: {
                auto value = done.value ? std::move(*done.value) : config::Value{std::move(done.text)};
                if (outer.tag == Tag::data) {
                    outer.list.push_back(std::move(value));
                } else {
                    set_once(outer, std::move(value));
                }
                break;
            }
            case Tag::array:
                set_once(outer, std::move(done.list));
                break;
            case Tag::structure:
                set_once(outer, std::move(done.map));
                break;
            default:
                set_once(outer, read_scalar(done.tag, std::move(done.text)));
        }
    }

    static void set_once(Open& outer, config::Value value) {
        if (outer.value) throw no_call();
        outer.value = std::move(value);
    }

    const XmlRpcLimits& limits_;
    std::unique_ptr<XML_ParserStruct, Free> parser_;
    std::vector<Open> open_;
    std::size_t elements_ = 0;
    std::exception_ptr failure_;
    MethodCall call_;
};

}  // namespace

MethodCall read_call(std::string_view xml, const XmlRpcLimits& limits) { return CallReader{limits}.read(xml); }

}  // namespace patchbay
