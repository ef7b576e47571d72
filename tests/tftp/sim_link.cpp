// SPDX-License-Identifier: Apache-2.0
#include "tests/tftp/sim_link.hpp"

namespace patchbay::tftp {
namespace {

using namespace std::chrono_literals;
using Moment = std::chrono::microseconds;

enum class To { client, server };

class Fetch {
public:
    Fetch(const std::string& file, const Options& options, Link link)
        : file_{file},
          link_{std::move(link)},
          random_{link_.seed},
          transfer_{agree(options, file.size()), file.size()} {}

    Fetched run() {
        send(transfer_.begin());
        client_alarm_ = 3s;
        // The client gives up after a minute without news, as boot loaders do.
        while (transfer_.state() == Transfer::State::running && now_ < client_news_ + 60s) step();
        result_.server = transfer_.state();
        result_.blocks_again = transfer_.sent_again();
        return std::move(result_);
    }

private:
    /// Whichever comes first: a datagram, the server's or the client's alarm.
    void step() {
        const auto next = under_way_.empty() ? Moment::max() : under_way_.begin()->first;
        if (next <= server_alarm_ && next <= client_alarm_) {
            now_ = next;
            const auto [to, bytes] = under_way_.begin()->second;
            under_way_.erase(under_way_.begin());
            to == To::client ? client_hears(bytes) : send(transfer_.on_packet(parse(bytes)));
        } else if (server_alarm_ <= client_alarm_) {
            now_ = server_alarm_;
            send(transfer_.on_timeout());
        } else {
            now_ = client_alarm_;
            acknowledge();
        }
    }

    void send(const Step& step) {
        if (step.packet) post(To::client, format(*step.packet));
        for (auto block = step.first; block <= step.last; ++block) {
            const std::string_view bytes{file_.data() + transfer_.offset(block), transfer_.length(block)};
            post(To::client, format(Data{Transfer::wire_number(block), bytes}));
        }
        if (!step.empty()) server_alarm_ = now_ + transfer_.patience();
    }

    void post(To to, std::string bytes) {
        result_.datagrams += to == To::client;
        const auto chance = [this](double part) { return std::uniform_real_distribution{}(random_) < part; };
        if (link_.loses ? link_.loses(count_++) : chance(link_.lost)) return;
        const auto arrives = now_ + 100us + (chance(link_.late) ? 250us : 0us);
        if (chance(link_.doubled)) under_way_.emplace(arrives + 50us, std::pair{to, bytes});
        under_way_.emplace(arrives, std::pair{to, std::move(bytes)});
    }

    void acknowledge() {
        post(To::server, format(Acknowledgement{Transfer::wire_number(have_)}));
        in_window_ = 0;
        client_alarm_ = now_ + 3s;
    }

    void client_hears(const std::string& bytes) {
        const auto packet = parse(bytes);
        if (std::holds_alternative<OptionAcknowledgement>(packet)) {
            if (have_ == 0) acknowledge();
        } else if (const auto* data = std::get_if<Data>(&packet)) {
            if (data->block != Transfer::wire_number(have_ + 1)) {
                if (hole_said_ != have_ || transfer_.terms().window == 1) acknowledge();
                hole_said_ = have_;
                return;
            }
            ++have_;
            client_news_ = now_;
            client_alarm_ = now_ + 3s;
            result_.bytes += data->bytes;
            result_.complete = data->bytes.size() < transfer_.terms().block_size;
            if (++in_window_ == transfer_.terms().window || result_.complete) acknowledge();
        }
    }

    const std::string& file_;
    Link link_;
    std::mt19937 random_;
    Transfer transfer_;
    std::multimap<Moment, std::pair<To, std::string>> under_way_;
    Moment now_{}, server_alarm_{}, client_alarm_{}, client_news_{};
    std::uint64_t have_ = 0, hole_said_ = UINT64_MAX, in_window_ = 0, count_ = 0;
    Fetched result_;
};

}  // namespace

Fetched fetch(const std::string& file, const Options& options, Link link) {
    return Fetch{file, options, std::move(link)}.run();
}

}  // namespace patchbay::tftp
