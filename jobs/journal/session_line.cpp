// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/session_line.hpp"

#include "core/config/base64.hpp"
#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

using config::Map;
using config::Value;

std::string json_of(Map map) { return config::dump_json(Value{std::move(map)}); }

std::int64_t number_at(const Value& line, std::string_view key) {
    const auto* value = line.find(key);
    const auto* number = value ? value->as_int() : nullptr;
    return number ? *number : 0;
}

std::string text_at(const Value& line, std::string_view key) { return config::string_or_empty(line.find(key)); }

BoardAnswer read_answer(const Value& line) {
    BoardAnswer answer;
    answer.number = number_at(line, "done");
    answer.text = text_at(line, "text");
    answer.state = text_at(line, "state");
    answer.error = text_at(line, "error");
    if (const auto* verified = line.find("verified"); verified && verified->as_bool())
        answer.verified = *verified->as_bool();
    return answer;
}

BoardCommand read_command(const Value& line) {
    BoardCommand command;
    command.number = number_at(line, "do");
    command.what = text_at(line, "what");
    command.name = text_at(line, "name");
    command.value = text_at(line, "value");
    command.user = text_at(line, "user");
    return command;
}

SessionEnd read_end(const Value& line) {
    return {WallTime{std::chrono::microseconds{number_at(line, "ends")}}, text_at(line, "why")};
}

}  // namespace

std::string encode(const SessionEnd& end) {
    Map map;
    map.set("ends", std::int64_t{end.ends.time_since_epoch().count()});
    map.set("why", end.why);
    return json_of(std::move(map));
}

std::string encode(const BoardCommand& command) {
    Map map;
    map.set("do", command.number);
    map.set("what", command.what);
    map.set("name", command.name);
    map.set("value", command.value);
    map.set("user", command.user);
    return json_of(std::move(map));
}

std::string encode(const BoardAnswer& answer) {
    Map map;
    map.set("done", answer.number);
    if (!answer.error.empty()) {
        map.set("error", answer.error);
        return json_of(std::move(map));
    }
    map.set("text", answer.text);
    map.set("state", answer.state);
    if (answer.verified) map.set("verified", *answer.verified);
    return json_of(std::move(map));
}

std::string encode(const ConsoleKeys& keys) {
    Map map;
    map.set("keys", config::encode_base64(keys.bytes));
    return json_of(std::move(map));
}

std::string encode(const ConsolePiece& piece) {
    Map map;
    map.set("console", config::encode_base64(piece.bytes));
    map.set("at", piece.at);
    return json_of(std::move(map));
}

std::string encode(const SessionNotice& notice) {
    Map map;
    map.set("notice", notice.text);
    return json_of(std::move(map));
}

std::string encode(const SessionEnding& ending) {
    Map map;
    map.set("ending", ending.why);
    return json_of(std::move(map));
}

SessionLine read_session_line(std::string_view json) {
    SessionLine read;
    Value line;
    try {
        line = config::parse_json(json);
    } catch (const config::YamlError&) {
        return read;
    }
    if (line.find("ends")) read.end = read_end(line);
    if (line.find("do")) read.command = read_command(line);
    if (line.find("done")) read.answer = read_answer(line);
    if (line.find("notice")) read.notice = SessionNotice{text_at(line, "notice")};
    if (line.find("ending")) read.ending = SessionEnding{text_at(line, "ending")};
    if (line.find("keys")) read.keys = ConsoleKeys{config::decode_base64(text_at(line, "keys")).value_or("")};
    if (line.find("console"))
        read.piece = ConsolePiece{number_at(line, "at"), config::decode_base64(text_at(line, "console")).value_or("")};
    return read;
}

}  // namespace patchbay
