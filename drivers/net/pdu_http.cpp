// SPDX-License-Identifier: Apache-2.0
#include "core/errors.hpp"
#include "drivers/hardware_workers.hpp"
#include "drivers/net/http_session.hpp"
#include "drivers/net/pdu_link.hpp"
#include "drivers/net/regex.hpp"

namespace patchbay {
namespace {

/// "pdu1" and "http://pdu1/" alike: "http://pdu1".
std::string base_url(std::string host) {
    if (host.find("://") == std::string::npos) host = "http://" + host;
    while (host.ends_with('/')) host.pop_back();
    return host;
}

/// For a log-out after what was wanted has failed, perhaps because the time was up.
constexpr std::chrono::seconds logout_patience{2};

/// One log-in, what is wanted, one log-out. On a worker.
class Conversation {
public:
    Conversation(const PduHttp& http, const PduOutlet& outlet, const PduVariables& variables)
        : http_{http}, outlet_{outlet}, variables_{variables}, session_{outlet.what, outlet.patience} {}

    std::string run(const std::vector<PduHttpStep>& wanted) {
        std::string answer;
        std::exception_ptr failure;
        try {
            for (const auto& step : http_.login) ask(step);
            for (const auto& step : wanted) answer = ask(step);
        } catch (...) {
            failure = std::current_exception();
        }
        try {
            // Some devices let nobody else in until their only user has left.
            if (failure) session_.allow_at_least(logout_patience);
            for (const auto& step : http_.logout) ask(step);
        } catch (const InfrastructureError&) {
            if (!failure) throw;
        }
        if (failure) std::rethrow_exception(failure);
        return answer;
    }

private:
    std::string text(const std::string& from, PduSecrets secrets) const { return expand(from, variables_, secrets); }

    std::string ask(const PduHttpStep& step) {
        HttpAsk ask;
        ask.method = step.method;
        ask.url = base_url(text(outlet_.host, PduSecrets::plain)) + text(step.path, PduSecrets::percent_encoded);
        ask.body = text(step.body, PduSecrets::percent_encoded);
        ask.content_type = step.content_type;
        ask.headers = step.headers;
        if (http_.auth != "none") {
            ask.user = variables_.user;
            ask.password = variables_.password;
        }
        ask.digest = http_.auth == "digest";
        ask.verify_tls = http_.verify_tls;
        auto answer = session_.ask(ask);
        if (!step.expect.empty() && !search_regex(text(step.expect, PduSecrets::plain), answer))
            throw_refused("did not say that it worked", answer);
        if (!step.refused.empty() && search_regex(text(step.refused, PduSecrets::plain), answer))
            throw_refused("refused", answer);
        return answer;
    }

    [[noreturn]] void throw_refused(const std::string& fact, const std::string& answer) const {
        throw InfrastructureError{outlet_.what + " " + fact + ": '" + for_message(answer, {variables_.password}) +
                                  "'; look at its own page"};
    }

    const PduHttp& http_;
    const PduOutlet& outlet_;
    const PduVariables& variables_;
    HttpSession session_;
};

class HttpLink final : public PduLink {
public:
    HttpLink(const PduModel& model, PduOutlet outlet) : model_{model}, outlet_{std::move(outlet)} {}

    Task<> set(bool on) override {
        co_await run(variables_of(model_, outlet_, on ? model_.when_on : model_.when_off), model_.http->set);
    }
    Task<std::string> ask() override { return run(variables_of(model_, outlet_, ""), model_.http->status); }

private:
    Task<std::string> run(PduVariables variables, std::vector<PduHttpStep> steps) {
        auto work = [http = *model_.http, outlet = outlet_, variables = std::move(variables),
                     steps = std::move(steps)] {
            return Conversation{http, outlet, variables}.run(steps);
        };
        co_return co_await on_hardware_worker(std::move(work));
    }

    PduModel model_;
    PduOutlet outlet_;
};

}  // namespace

std::unique_ptr<PduLink> make_http_link(const PduModel& model, PduOutlet outlet) {
    return std::make_unique<HttpLink>(model, std::move(outlet));
}

PduVariables variables_of(const PduModel& model, const PduOutlet& outlet, const std::string& value) {
    PduVariables variables;
    variables.outlet = outlet.number;
    variables.bank_size = model.bank_size;
    variables.value = value;
    variables.user = outlet.user;
    variables.password = outlet.password;
    return variables;
}

}  // namespace patchbay
