// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/silence.hpp"

#include "core/deadline.hpp"

namespace patchbay {
namespace {

/// Capacitors feed a board for a while; cycle() waits as long.
constexpr auto last_words = 2s;
/// A shell or a boot loader answers at once.
constexpr auto listening = 1s;
/// How long a board may go on: PDUDaemon and others answer before they switch. With the rest it is less than the ten
/// seconds that LAVA's power-off has.
constexpr auto patience = 5s;
/// Enough to know a prompt by, short enough for a message.
constexpr std::size_t most_quoted = 60;

bool is_visible(char c) { return c > ' ' && c < 0x7f; }
bool is_text(char c) { return is_visible(c) || c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0x1b; }

}  // namespace

std::string words_in(std::string_view bytes) {
    std::size_t text = 0, visible = 0;
    std::string words;
    for (const char c : bytes) {
        text += is_text(c) ? 1 : 0;
        visible += is_visible(c) ? 1 : 0;
        if (words.size() >= most_quoted) continue;
        if (is_visible(c)) words += c;
        if (!is_visible(c) && !words.empty() && words.back() != ' ') words += ' ';
    }
    if (visible == 0 || 2 * text <= bytes.size()) return {};
    if (words.back() == ' ') words.pop_back();
    return words;
}

Task<KnownBy> switch_off_and_listen(Power& supply, Witness* console, std::string device) {
    const auto switched = co_await supply.off();
    if (switched == Switched::verified) co_return KnownBy::reading_back;
    if (!console) co_return KnownBy::nothing;
    co_await console->hear(last_words);
    std::string words;
    for (const auto end = Deadline::in(patience); !end.passed();) {
        co_await console->call();
        const auto heard = co_await console->hear(listening);
        words = words_in(heard);
        if (words.empty()) co_return console->has_spoken() ? KnownBy::silence : KnownBy::nothing;
    }
    throw StillOnError{
        "device " + device + ": power: " + supply.description() +
        " was switched off, but the board still speaks on its console: '" + words +
        "'; is it wired to the supply of this board, does its contact open, and is this the board's console?"};
}

}  // namespace patchbay
