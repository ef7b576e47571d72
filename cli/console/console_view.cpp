// SPDX-License-Identifier: Apache-2.0
#include "cli/console/console_view.hpp"

#include <utility>

#include "cli/json.hpp"
#include "core/config/base64.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::cli {
namespace {

/// The server takes 64 KiB in one message.
constexpr std::size_t most_keys = 16 * 1024;

bool flag_at(const config::Value& object, std::string_view key) {
    const auto* value = object.find(key);
    return value && value->as_bool() && *value->as_bool();
}

}  // namespace

std::string ConsoleView::note(const std::string& text) const { return "\r\n[" + text + "]\r\n"; }

std::string ConsoleView::greet(const config::Value& said) {
    live_ = flag_at(said, "live");
    const auto device = text_at(said, "device");
    if (const auto job = text_at(said, "job"); job != std::exchange(job_, job)) next_.reset();
    if (std::exchange(greeted_, true)) return note("connected again to " + device);
    if (live_)
        return "[console of " + device + ", lease of " + text_at(said, "user") + "; Ctrl-] ? shows the menu]\r\n";
    return "[" + device + " runs job " + text_at(said, "job") + " of " + text_at(said, "user") +
           ": you can only read; Ctrl-] q leaves]\r\n";
}

std::string ConsoleView::show(std::string_view message) {
    config::Value said;
    try {
        said = config::parse_json(message);
    } catch (const config::YamlError&) {
        return {};
    }
    if (said.find("console")) {
        auto bytes = config::decode_base64(text_at(said, "console")).value_or("");
        next_ = int_at(said, "at");
        if (next_) *next_ += static_cast<std::int64_t>(bytes.size());
        return bytes;
    }
    if (said.find("notice")) return note(text_at(said, "notice"));
    if (said.find("live")) return greet(said);
    if (!said.find("writer")) return {};
    auto writer = flag_at(said, "you") ? "you" : text_at(said, "writer");
    if (writer == std::exchange(writer_, writer)) return {};
    if (writer == "you") return note("you have the keyboard");
    return note(writer.empty() ? "nobody has the keyboard" : writer + " has the keyboard; Ctrl-] a asks for it");
}

std::string ConsoleView::place() const { return next_ ? "job=" + job_ + "&from=" + std::to_string(*next_) : ""; }

std::vector<std::string> messages_of(const Keys& keys) {
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < keys.bytes.size(); at += most_keys) {
        config::Map map;
        put(map, "keys", config::encode_base64(std::string_view{keys.bytes}.substr(at, most_keys)));
        messages.push_back(config::dump_json(config::Value{std::move(map)}));
    }
    return messages;
}

std::string message_of(const Wish& wish) {
    config::Map map;
    if (wish.what == "ask" || wish.what == "take" || wish.what == "who") {
        put(map, wish.what, true);
    } else if (wish.what == "give") {
        put(map, "give", wish.value);
    } else {
        put(map, "do", wish.what);
        put(map, "value", wish.value);
    }
    return config::dump_json(config::Value{std::move(map)});
}

}  // namespace patchbay::cli
