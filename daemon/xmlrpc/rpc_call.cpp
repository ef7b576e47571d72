// SPDX-License-Identifier: Apache-2.0
#include "daemon/xmlrpc/rpc_call.hpp"

#include "core/text.hpp"
#include "daemon/store/store.hpp"
#include "daemon/xmlrpc/fault.hpp"

namespace patchbay {
namespace {

Fault bad_argument(std::size_t index, std::string_view must) {
    return Fault{400, "Bad request: argument " + std::to_string(index + 1) + " must be " + std::string{must} + "."};
}

std::optional<std::string> read_text(const config::Value& value) {
    if (const auto* text = value.as_string()) return *text;
    if (const auto* number = value.as_int()) return std::to_string(*number);
    return std::nullopt;
}

}  // namespace

Viewer RpcCall::viewer() const { return viewer_of(lab.store.reader(), user); }

const config::Value* RpcCall::argument(std::size_t index) const {
    if (index >= arguments.size() || arguments[index].is_null()) return nullptr;
    return &arguments[index];
}

std::optional<std::string> RpcCall::maybe_text(std::size_t index) const {
    const auto* value = argument(index);
    if (!value) return std::nullopt;
    auto text = read_text(*value);
    if (!text) throw bad_argument(index, "a string");
    return text;
}

std::string RpcCall::text(std::size_t index) const {
    auto text = maybe_text(index);
    if (!text) throw bad_argument(index, "a string");
    return std::move(*text);
}

std::int64_t RpcCall::number(std::size_t index, std::int64_t otherwise) const {
    const auto* value = argument(index);
    if (!value) return otherwise;
    if (const auto* given = value->as_int()) return *given;
    const auto* text = value->as_string();
    const auto number = text ? whole_number(*text) : std::nullopt;
    if (!number) throw bad_argument(index, "a number");
    return *number;
}

bool RpcCall::flag(std::size_t index, bool otherwise) const {
    const auto* value = argument(index);
    if (!value) return otherwise;
    if (const auto* flag = value->as_bool()) return *flag;
    if (const auto* number = value->as_int()) return *number != 0;
    throw bad_argument(index, "a boolean");
}

std::optional<std::vector<std::string>> RpcCall::texts(std::size_t index, std::string_view what) const {
    const auto* value = argument(index);
    if (!value) return std::nullopt;
    const auto* list = value->as_list();
    if (!list) throw Fault{400, std::string{what} + " argument must be a list"};
    std::vector<std::string> texts;
    for (const auto& item : *list) {
        auto text = read_text(item);
        if (!text) throw Fault{400, std::string{what} + " must hold strings"};
        texts.push_back(std::move(*text));
    }
    return texts;
}

}  // namespace patchbay
