// SPDX-License-Identifier: Apache-2.0
// XML-RPC calls that a LAVA 2023.01 answered, sent again: the same bytes come back, but for what the table names with
// its reason.
#include <algorithm>
#include <sstream>

#include "tests/compat/exchange.hpp"
#include "tests/core/config/typed_json.hpp"
#include "tests/daemon/xmlrpc/rpc_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

struct RpcDifference {
    std::string_view where, reason;
};
constexpr RpcDifference differences[] = {
    {"c-invalid/16-no-device-type.submit", "LAVA answers an internal error; a mistake of the client is named as such"},
    {"c-invalid/60-yaml-python-object.validate", "LAVA answers an internal error; it is a problem of the job"},
    {"c-invalid/63b-metadata-list-value.submit", "later versions of LAVA take any value in metadata"},
};

class RpcReplay : public RpcTest {
protected:
    RpcReplay() {
        lab.add_user("admin", true);
        lab.add_user("joe");
        lab.lab.add_devices({a_device("qemu-01"), a_device("qemu-02")});
    }

    ApiAnswer replay(const config::Value& exchange) {
        const auto& who = *exchange.find("who")->as_string();
        if (const auto* file = exchange.find("definition")) {
            const auto text = read_text(golden_file("c-invalid") / *file->as_string());
            return call(*exchange.find("method")->as_string(), {text}, who);
        }
        const auto headers =
            who == "bad" ? "Authorization: Basic " + config::encode_base64("admin:" + std::string(40, '0')) + "\r\n"
                         : authorization(who);
        return lab.send("POST", "/RPC2", headers, *exchange.find("request")->as_string());
    }
};

TEST_F(RpcReplay, IsAnsweredAsRecorded) {
    std::istringstream file{read_text(golden_file("rpc.jsonl"))};
    int same = 0;
    for (std::string line; std::getline(file, line);) {
        const auto exchange = config::parse_json(line);
        const auto& name = *exchange.find("name")->as_string();
        const auto ours = replay(exchange);
        const bool as_recorded =
            ours.status == *exchange.find("status")->as_int() && ours.body == *exchange.find("answer")->as_string();
        const auto* meant = std::ranges::find(differences, name, &RpcDifference::where);
        const bool may_differ = meant != std::end(differences);
        same += as_recorded;
        EXPECT_NE(as_recorded, may_differ) << name << "\n  ours:     " << ours.status << " " << ours.body
                                           << "\n  recorded: " << *exchange.find("answer")->as_string();
    }
    EXPECT_GT(same, 90);
}

}  // namespace
}  // namespace patchbay
