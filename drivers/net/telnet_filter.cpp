// SPDX-License-Identifier: Apache-2.0
#include "drivers/net/telnet_filter.hpp"

#include <utility>

namespace patchbay {

std::string TelnetFilter::feed(std::string_view bytes) {
    std::string text;
    std::vector<telnet::Command> offers;
    decoder_.feed(bytes, text, offers);
    std::erase(text, '\0');  // what follows a carriage return
    for (const auto& offer : offers)
        if (offer.verb != telnet::sb) options_.hear(offer, answers_);
    return text;
}

std::string TelnetFilter::take_answers() { return std::exchange(answers_, {}); }

}  // namespace patchbay
