// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "drivers/net/pdu_connect.hpp"
#include "drivers/net/pdu_link.hpp"
#include "drivers/net/regex.hpp"
#include "drivers/net/telnet_filter.hpp"

namespace patchbay {
namespace {

using asio::ip::tcp;

constexpr std::size_t most_bytes = 64 * 1024;

/// One connection. The device's words so far are kept from the last that was waited for.
class Dialogue {
public:
    Dialogue(const PduTelnet& telnet, const PduOutlet& outlet, PduVariables variables, asio::any_io_executor executor)
        : telnet_{telnet}, outlet_{outlet}, variables_{std::move(variables)}, socket_{executor} {}

    Task<std::string> run(const std::vector<PduExchange>& wanted) {
        waiting_for_ = "a connection";
        co_await connect_to_pdu(socket_, outlet_.host, telnet_.port);
        for (const auto& each : telnet_.login) co_await exchange(each);
        std::string answer;
        for (const auto& each : wanted) answer = co_await exchange(each);
        for (const auto& each : telnet_.logout) co_await exchange(each);
        co_return answer;
    }

    /// Where it stands, for messages.
    std::string place() const {
        const auto end = said_.find_last_not_of("\r\n") + 1;  // 0: it said nothing
        const auto line = said_.substr(0, end);
        const auto last = for_message(line.substr(line.rfind('\n') + 1), {variables_.password});  // it may echo
        return "it was waited for " + waiting_for_ + (last.empty() ? "" : ", and it said '" + last + "'");
    }

private:
    Task<std::string> exchange(const PduExchange& each) {
        if (each.send) co_await send(expand(*each.send, variables_, PduSecrets::plain) + telnet_.line_end);
        if (each.expect.empty()) co_return std::string{};
        waiting_for_ = "'" + each.expect + "'";
        const auto expression = expand(each.expect, variables_, PduSecrets::plain);
        for (;;) {
            if (const auto found = search_regex(expression, said_)) {
                auto answer = said_.substr(0, found->end);
                said_.erase(0, found->end);
                co_return answer;
            }
            co_await read_more();
        }
    }

    Task<> send(std::string text) { co_await asio::async_write(socket_, asio::buffer(text), asio::use_awaitable); }

    Task<> read_more() {
        std::array<char, 1024> piece{};
        const auto count = co_await socket_.async_read_some(asio::buffer(piece), asio::use_awaitable);
        said_ += filter_.feed({piece.data(), count});
        if (said_.size() > most_bytes) said_.erase(0, said_.size() - most_bytes);
        auto answers = filter_.take_answers();
        if (!answers.empty()) co_await send(std::move(answers));
    }

    const PduTelnet& telnet_;
    const PduOutlet& outlet_;
    PduVariables variables_;
    tcp::socket socket_;
    TelnetFilter filter_;
    std::string said_;
    std::string waiting_for_;
};

class TelnetLink final : public PduLink {
public:
    TelnetLink(const PduModel& model, PduOutlet outlet) : model_{model}, outlet_{std::move(outlet)} {}

    Task<> set(bool on) override {
        co_await run(variables_of(model_, outlet_, on ? model_.when_on : model_.when_off), model_.telnet->set);
    }
    Task<std::string> ask() override { return run(variables_of(model_, outlet_, ""), model_.telnet->status); }

private:
    Task<std::string> run(PduVariables variables, std::vector<PduExchange> wanted) {
        const auto executor = co_await asio::this_coro::executor;
        Dialogue dialogue{*model_.telnet, outlet_, std::move(variables), executor};
        try {
            co_return co_await with_deadline(Deadline::in(outlet_.patience), "telnet", dialogue.run(wanted));
        } catch (const TimedOut&) {
            throw InfrastructureError{outlet_.what + " did not answer in time; " + dialogue.place() +
                                      ". Is it switched on, and this model?"};
        } catch (const boost::system::system_error& error) {
            if (is_cancellation(std::current_exception())) throw;
            throw InfrastructureError{outlet_.what + ": " + error.code().message() + " while " + dialogue.place() +
                                      "; is it switched on, on this network, and open to one more user?"};
        }
    }

    PduModel model_;
    PduOutlet outlet_;
};

}  // namespace

std::unique_ptr<PduLink> make_telnet_link(const PduModel& model, PduOutlet outlet) {
    return std::make_unique<TelnetLink>(model, std::move(outlet));
}

}  // namespace patchbay
