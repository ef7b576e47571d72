// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <string>

namespace patchbay {

/// Stops one coroutine tree and remembers why. The reason becomes the job's error_msg.
class Cancellation {
public:
    /// The first request wins; a later one only changes what reason() says.
    void request(std::string reason) {
        reason_ = std::move(reason);
        const bool first = !requested_;
        requested_ = true;
        if (first) signal_.emit(boost::asio::cancellation_type::terminal);
    }
    bool requested() const { return requested_; }
    const std::string& reason() const { return reason_; }
    boost::asio::cancellation_slot slot() { return signal_.slot(); }

private:
    boost::asio::cancellation_signal signal_;
    bool requested_ = false;
    std::string reason_;
};

}  // namespace patchbay
