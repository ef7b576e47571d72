// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "drivers/net/kasa.hpp"
#include "drivers/net/pdu_connect.hpp"
#include "drivers/net/pdu_link.hpp"

namespace patchbay {
namespace {

using asio::ip::tcp;

class KasaLink final : public PduLink {
public:
    KasaLink(const PduModel& model, PduOutlet outlet) : port_{model.kasa->port}, outlet_{std::move(outlet)} {}

    Task<> set(bool on) override { co_await in_time(give_order(on)); }
    Task<std::string> ask() override { return in_time(give_question()); }

private:
    Task<std::string> give_question() {
        tcp::socket socket{co_await asio::this_coro::executor};
        co_await connect_to_pdu(socket, outlet_.host, port_);
        co_return co_await exchange(socket, kasa::question());
    }

    Task<std::string> give_order(bool on) {
        tcp::socket socket{co_await asio::this_coro::executor};
        co_await connect_to_pdu(socket, outlet_.host, port_);
        const auto about = co_await exchange(socket, kasa::question());
        auto answer = co_await exchange(socket, kasa::order(about, outlet_.number, on));
        kasa::check_taken(answer);
        co_return answer;
    }

    static Task<std::string> exchange(tcp::socket& socket, std::string text) {
        const auto message = kasa::enciphered(text);
        co_await asio::async_write(socket, asio::buffer(message), asio::use_awaitable);
        std::string header(kasa::header_bytes, '\0');
        co_await asio::async_read(socket, asio::buffer(header), asio::use_awaitable);
        const auto length = kasa::length_in(header);
        if (length > kasa::longest_answer)
            throw InfrastructureError{"it announces " + std::to_string(length) + " bytes; is it this model?"};
        std::string answer(length, '\0');
        co_await asio::async_read(socket, asio::buffer(answer), asio::use_awaitable);
        co_return kasa::deciphered(answer);
    }

    Task<std::string> in_time(Task<std::string> conversation) {
        try {
            co_return co_await with_deadline(Deadline::in(outlet_.patience), "kasa", std::move(conversation));
        } catch (const TimedOut&) {
            throw InfrastructureError{outlet_.what + " did not answer in time; is it switched on, and this model?"};
        } catch (const InfrastructureError& error) {
            throw InfrastructureError{outlet_.what + ": " + error.what()};
        } catch (const boost::system::system_error& error) {
            if (is_cancellation(std::current_exception())) throw;
            throw InfrastructureError{outlet_.what + ": " + error.code().message() +
                                      "; is it switched on, on this network, and does its firmware still speak the "
                                      "protocol of TCP 9999?"};
        }
    }

    int port_;
    PduOutlet outlet_;
};

}  // namespace

std::unique_ptr<PduLink> make_kasa_link(const PduModel& model, PduOutlet outlet) {
    return std::make_unique<KasaLink>(model, std::move(outlet));
}

}  // namespace patchbay
