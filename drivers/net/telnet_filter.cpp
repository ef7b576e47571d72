// SPDX-License-Identifier: Apache-2.0
#include "drivers/net/telnet_filter.hpp"

#include <utility>

namespace patchbay {
namespace {

constexpr unsigned char se = 240, sb = 250, will = 251, wont = 252, do_it = 253, dont = 254, iac = 255;

}  // namespace

std::string TelnetFilter::feed(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        switch (state_) {
            case State::text:
                if (byte == iac) {
                    state_ = State::command;
                } else if (byte != 0) {
                    text += c;
                }
                break;
            case State::command:
                state_ = State::text;
                if (byte == iac) {
                    text += c;
                } else if (byte == sb) {
                    state_ = State::inside;
                } else if (byte >= will) {
                    verb_ = byte;
                    state_ = State::option;
                }
                break;
            case State::option:
                state_ = State::text;
                if (verb_ == will || verb_ == do_it) {
                    answers_ += static_cast<char>(iac);
                    answers_ += static_cast<char>(verb_ == will ? dont : wont);
                    answers_ += c;
                }
                break;
            case State::inside:
                if (byte == iac) state_ = State::inside_command;
                break;
            case State::inside_command:
                state_ = byte == se ? State::text : State::inside;
                break;
        }
    }
    return text;
}

std::string TelnetFilter::take_answers() { return std::exchange(answers_, {}); }

}  // namespace patchbay
