// SPDX-License-Identifier: Apache-2.0
#include "tftp/transfer.hpp"

#include <algorithm>

namespace patchbay::tftp {
namespace {

// With a timeout of 1 s: sent again after 1, 3, 7, 15 and 31 s, given up after 47 s.
constexpr unsigned most_unanswered = 5;
constexpr std::chrono::seconds longest_patience{16};

}  // namespace

Transfer::Transfer(Terms terms, std::uint64_t file_size)
    : terms_{std::move(terms)},
      file_size_{file_size},
      last_block_{file_size / terms_.block_size + 1},
      patience_{terms_.timeout} {}

std::size_t Transfer::length(std::uint64_t block) const {
    return static_cast<std::size_t>(std::min<std::uint64_t>(terms_.block_size, file_size_ - offset(block)));
}

std::uint64_t Transfer::acknowledged_bytes() const {
    return std::min<std::uint64_t>(file_size_, acknowledged_ * terms_.block_size);
}

Step Transfer::begin() {
    agreeing_ = !terms_.agreed.empty();
    if (!agreeing_) return window();
    Step step;
    step.packet = OptionAcknowledgement{terms_.agreed};
    return step;
}

Step Transfer::window() {
    Step step;
    step.first = acknowledged_ + 1;
    step.last = std::min(acknowledged_ + terms_.window, last_block_);
    sent_again_ += std::min(sent_, step.last) - acknowledged_;
    sent_ = std::max(sent_, step.last);
    return step;
}

Step Transfer::end(State state, std::string reason, std::optional<Packet> last_word) {
    state_ = state;
    reason_ = std::move(reason);
    Step step;
    step.packet = std::move(last_word);
    return step;
}

Step Transfer::on_packet(const Packet& packet) {
    if (state_ != State::running) return {};
    if (const auto* ack = std::get_if<Acknowledgement>(&packet)) return on_acknowledgement(ack->block);
    if (const auto* error = std::get_if<ErrorMessage>(&packet)) {
        return end(State::ended_by_client,
                   "the client said error " + std::to_string(static_cast<unsigned>(error->code)) + ": " + error->text);
    }
    return end(State::failed, "the client sent what belongs into no transfer that reads",
               ErrorMessage{ErrorCode::illegal_operation, "only acknowledgements are expected here"});
}

Step Transfer::on_acknowledgement(std::uint16_t number) {
    if (agreeing_) {
        if (number != 0) return {};
        agreeing_ = false;
        unanswered_ = 0;
        patience_ = terms_.timeout;
        return window();
    }
    // A window is far shorter than 65536 blocks, so the 16 bits say which block is meant.
    const auto ahead = static_cast<std::uint16_t>(number - wire_number(acknowledged_));
    if (ahead > sent_ - acknowledged_) return {};  // an old one, late
    if (ahead == 0) {
        // Sending a block for every acknowledgement that comes twice would double all that follow (RFC 1123, 4.2.3.1).
        // In a window it says that the first block was lost (RFC 7440, 4): that is believed once.
        if (terms_.window == 1 || repeated_) return {};
        repeated_ = true;
        return window();
    }
    acknowledged_ += ahead;
    repeated_ = false;
    unanswered_ = 0;
    patience_ = terms_.timeout;
    if (acknowledged_ == last_block_) return end(State::complete, {});
    return window();  // of a window that has a hole: what is behind the hole, once more
}

Step Transfer::on_timeout() {
    if (state_ != State::running) return {};
    if (unanswered_ == most_unanswered) {
        return end(State::failed, "the client does not answer any more",
                   ErrorMessage{ErrorCode::undefined, "no acknowledgement came; ask again"});
    }
    ++unanswered_;
    patience_ = std::max(terms_.timeout, std::min(patience_ * 2, longest_patience));
    repeated_ = false;
    return agreeing_ ? begin() : window();
}

}  // namespace patchbay::tftp
