// SPDX-License-Identifier: Apache-2.0
// A serial port of a console server. Its answers come among the board's bytes, so whoever waits for one of them reads:
// one coroutine at a time, for all others, too.

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <utility>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "devices/capability/console.hpp"
#include "drivers/net/com_port.hpp"
#include "drivers/net/net.hpp"
#include "drivers/net/tcp_link.hpp"
#include "drivers/net/wakeup.hpp"

namespace patchbay {
namespace {

// pyserial waits as long (serial/rfc2217.py), so no server is slower.
constexpr auto answer_timeout = 3s;

/// ", saying 'Port already in use'": the first line of what a server says before it hangs up; empty when it says none.
std::string quoted(std::string_view said) {
    auto line = std::string{said.substr(0, std::min<std::size_t>(said.find_first_of("\r\n"), 80))};
    std::ranges::replace_if(
        line, [](char byte) { return byte < ' ' || byte > '~'; }, '?');
    return line.empty() ? "" : ", saying '" + line + "'";
}

/// Says "I do" for as long as it lives, and wakes the others when it is done.
class Turn {
public:
    Turn(bool& taken, Wakeup& others) : taken_{taken}, others_{others} { taken_ = true; }
    ~Turn() {
        taken_ = false;
        others_.wake_all();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    bool& taken_;
    Wakeup& others_;
};

class Rfc2217Console final : public Driver, public Console, public SerialControl {
public:
    Rfc2217Console(Endpoint endpoint, LineSettings line, const DriverRequest& request)
        : link_{std::move(endpoint), request},
          line_{line},
          label_{request.label},
          received_{request.context.executor},
          sent_{request.context.executor} {}

    void offer(Capabilities& device, const std::string& name) override {
        device.add<Console>(*this, name);
        device.add<SerialControl>(*this, name);
    }

    Task<> make_safe() override { return close(); }

    Task<> open() override {
        if (open_) co_return;
        data_.clear();
        failure_.clear();
        const Turn turn{receiving_, received_};
        co_await link_.connect();
        co_await introduce();
        lost_ = false;
        open_ = true;
    }

    Task<std::string> read_some() override {
        while (data_.empty() && open_) co_await receive();
        if (!data_.empty()) co_return std::exchange(data_, {});
        if (!failure_.empty()) throw ConnectionClosedError{failure_};
        co_return std::string{};
    }

    Task<> write(std::string bytes) override {
        check_open();
        std::function<bool()> may_send = [this] { return !client_.is_suspended() || !open_; };
        co_await receive_until(may_send);
        check_open();
        co_await send(telnet::encode(bytes));
    }

    Task<> close() override {
        open_ = false;
        failure_.clear();
        data_.clear();
        link_.close();
        received_.wake_all();
        sent_.wake_all();
        co_return;
    }

    std::string description() const override { return "rfc2217 " + link_.endpoint().text(); }

    Task<> send_break(Clock::duration held) override {
        check_open();
        auto begun = begin_break(held);
        auto end = ask(control_request(ComPortControl::break_off, "the end of a break"));
        co_await and_finally(std::move(begun), std::move(end));
    }

    Task<> set_speed(int speed) override {
        auto request = speed_request(speed);
        co_await ask(std::move(request));
        line_.speed = speed;
    }

    Task<> set_dtr(bool asserted) override {
        auto request = control_request(asserted ? ComPortControl::dtr_on : ComPortControl::dtr_off, "dtr");
        co_await ask(std::move(request));
        line_.dtr = asserted;
    }

    Task<> set_rts(bool asserted) override {
        auto request = control_request(asserted ? ComPortControl::rts_on : ComPortControl::rts_off, "rts");
        co_await ask(std::move(request));
        line_.rts = asserted;
    }

    Task<ModemLines> modem_lines() override {
        check_open();
        // A server tells changes by itself, and the last of them may not have been read yet.
        while (open_ && !receiving_ && link_.has_bytes()) co_await receive();
        std::function<bool()> told = [this] { return client_.modem_lines().has_value() || !open_; };
        co_await answered(told, "tell the modem lines");
        check_open();
        co_return *client_.modem_lines();
    }

private:
    // -- one reader at a time

    /// Reads once, or waits until another coroutine has read.
    Task<> receive() {
        if (receiving_) {
            co_await received_.wait();
            co_return;
        }
        const Turn turn{receiving_, received_};
        if (!introduced_) {
            co_await resume();
            co_return;
        }
        const bool alive = co_await pull();
        if (alive) co_return;
        lost_ = true;
        introduced_ = false;
    }

    /// Returns whether there was anything; false: the connection is lost or closed.
    Task<bool> pull() {
        const auto bytes = co_await link_.read_some();
        if (bytes.empty()) co_return false;
        std::string reply;
        client_.feed(bytes, data_, reply);
        if (!reply.empty()) co_await send(std::move(reply));
        co_return true;
    }

    Task<> receive_until(std::function<bool()> ready) {
        while (!ready()) co_await receive();
    }

    /// The same, but a server that says nothing is an error.
    Task<> answered(std::function<bool()> ready, std::string what) {
        bool timed_out = false;
        try {
            co_await with_deadline(Deadline::in(answer_timeout), what, receive_until(std::move(ready)));
        } catch (const TimedOut&) {
            timed_out = true;
        }
        if (timed_out) throw_mute(what);
    }

    // -- what is asked of the server

    /// Once this has run, also when it failed, the server may have begun.
    Task<> begin_break(Clock::duration held) {
        auto request = control_request(ComPortControl::break_on, "break");
        co_await ask(std::move(request));
        co_await sleep_for(held);
    }

    Task<> ask(ComPortRequest request) {
        check_open();
        co_await send(client_.ask(request));
        std::function<bool()> is_answered = [this, &request] { return client_.answer_to(request) || !open_; };
        co_await answered(is_answered, "set " + request.text);
        check_open();
        check_answer(request);
    }

    void check_answer(const ComPortRequest& request) const {
        const auto answer = client_.answer_to(request);
        if (answer == request.value || !request.is_answered_by_value) return;
        throw InfrastructureError{label_ + ": " + link_.endpoint().text() + " did not set " + request.text +
                                  "; look which settings its port allows"};
    }

    /// Options and settings of a new connection. The caller has the turn.
    Task<> introduce() {
        client_ = {};
        forget_unsent();
        const auto data_before = data_.size();  // a reader may fetch it meanwhile
        std::string failure;
        bool hung_up = false;
        try {
            co_await with_deadline(Deadline::in(answer_timeout), "COM-PORT", negotiate());
            const auto wanted = requests_of(line_);
            for (const auto& request : wanted) co_await ask_first(request);
        } catch (const TimedOut&) {
            failure = "does not answer to the COM-PORT option";
        } catch (const ConnectionClosedError&) {
            hung_up = true;
        }
        if (hung_up) {
            co_await read_last_words();
            failure = "ends the connection at once" +
                      quoted(std::string_view{data_}.substr(std::min(data_before, data_.size())));
        }
        if (failure.empty() && client_.support() == ComPortClient::Support::refused)
            failure = "refuses the COM-PORT option";
        introduced_ = failure.empty();
        if (introduced_) co_return;
        link_.close();
        // Who agreed before it hung up has the port for somebody else.
        const auto next = client_.support() == ComPortClient::Support::agreed
                              ? "does somebody else use this port of the console server?"
                              : "it does not speak RFC 2217 on this port; correct 'port', or use the driver tcp";
        throw InfrastructureError{label_ + ": " + link_.endpoint().text() + " " + failure + ": " + next};
    }

    /// A server says why it hangs up; a question of ours that it did not wait for may fail before that is read.
    Task<> read_last_words() {
        while (link_.has_bytes()) {
            const auto bytes = co_await link_.read_some();
            if (bytes.empty()) co_return;
            std::string unsent;
            client_.feed(bytes, data_, unsent);
        }
    }

    Task<> negotiate() {
        co_await send(client_.hello());
        while (client_.support() == ComPortClient::Support::unknown) co_await pull_or_throw();
        if (client_.support() == ComPortClient::Support::refused) co_return;
        const ComPortRequest all_modem_lines{ComPortCommand::set_modem_mask, "\xff", "modem mask"};
        co_await send(client_.ask(all_modem_lines));
    }

    Task<> ask_first(ComPortRequest request) {
        if (client_.support() == ComPortClient::Support::refused) co_return;
        co_await send(client_.ask(request));
        bool timed_out = false;
        try {
            co_await with_deadline(Deadline::in(answer_timeout), request.text, pull_answer(request));
        } catch (const TimedOut&) {
            timed_out = true;
        }
        if (timed_out) throw_mute("set " + request.text);
        check_answer(request);
    }

    Task<> pull_answer(const ComPortRequest& request) {
        while (!client_.answer_to(request)) co_await pull_or_throw();
    }

    Task<> pull_or_throw() {
        const bool alive = co_await pull();
        if (!alive) throw ConnectionClosedError{"closed"};
    }

    [[noreturn]] void throw_mute(const std::string& what) const {
        throw InfrastructureError{label_ + ": " + link_.endpoint().text() + " was asked to " + what +
                                  ", and did not answer within " + std::to_string(answer_timeout.count()) +
                                  " s; look whether the console server's port is in use elsewhere"};
    }

    /// After a lost connection: the same port with the same settings, once. A reader that was cancelled in the middle
    /// is followed by the next one.
    Task<> resume() {
        if (!open_) co_return;
        try {
            if (lost_) co_await link_.reconnect();
            lost_ = false;
            co_await introduce();
        } catch (const InfrastructureError& error) {
            failure_ = error.what();
            open_ = false;
        }
    }

    // -- one writer at a time, so that no command is cut by another

    Task<> send(std::string bytes) {
        const int connection = connection_;
        unsent_ += bytes;
        queued_ += bytes.size();
        const auto end = queued_;
        while (taken_ < end) {
            if (sending_) {
                co_await sent_.wait();
            } else {
                co_await flush();
            }
            if (connection != connection_ || !link_.is_open())
                throw ConnectionClosedError{label_ + ": " + link_.endpoint().text() +
                                            " lost the connection while it was written to"};
        }
    }

    Task<> flush() {
        const Turn turn{sending_, sent_};
        const int connection = connection_;
        while (connection == connection_ && !(leaving_.empty() && unsent_.empty())) {
            if (leaving_.empty()) leaving_.swap(unsent_);
            const auto size = co_await link_.write_some(leaving_);
            if (connection != connection_) co_return;
            leaving_.erase(0, size);
            taken_ += size;
        }
    }

    void forget_unsent() {
        ++connection_;
        unsent_.clear();
        leaving_.clear();
        queued_ = taken_ = 0;
        sent_.wake_all();
    }

    void check_open() const {
        if (open_) return;
        throw ConnectionClosedError{failure_.empty() ? label_ + ": the console is not open" : failure_};
    }

    TcpLink link_;
    LineSettings line_;
    std::string label_;
    bool open_ = false;
    bool lost_ = false;        ///< the connection has ended, and is not made anew yet
    bool introduced_ = false;  ///< options and settings are those of this connection
    std::string failure_;      ///< why the console ended
    ComPortClient client_;
    std::string data_;  ///< of the board, not handed out yet
    bool receiving_ = false;
    Wakeup received_;
    bool sending_ = false;
    Wakeup sent_;
    int connection_ = 0;
    std::string unsent_, leaving_;        ///< what waits, and what is being written
    std::size_t queued_ = 0, taken_ = 0;  ///< bytes, of this connection
};

}  // namespace

DriverPtr make_rfc2217_console(const DriverRequest& request) {
    auto endpoint = read_endpoint(request.options);
    const auto line = read_line_settings(request.options);
    request.options.finish();
    return std::make_unique<Rfc2217Console>(std::move(endpoint), line, request);
}

}  // namespace patchbay
