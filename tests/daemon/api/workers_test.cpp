// SPDX-License-Identifier: Apache-2.0
// The machine of the daemon, as LAVA's worker.
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class ApiWorkersTest : public ApiTest {
protected:
    const std::string bench = "/api/v0.2/workers/bench/";
    ApiAnswer change(const std::string& json, const std::string& who = "root") {
        return lab.send("PATCH", bench, lab.authorization(who) + "Content-Type: application/json\r\n", json);
    }
    ApiAnswer set_health(const std::string& json) {
        return lab.post(bench + "set_health/", "application/json", json, "root");
    }
    std::string device_health(const std::string& name) {
        return *lab.get("/api/v0.2/devices/" + name + "/?all=1").json().find("health")->as_string();
    }
};

TEST_F(ApiWorkersTest, ItIsListedAndShown) {
    const auto shown = lab.get(bench);
    EXPECT_EQ(shown.status, 200);
    EXPECT_THAT(shown.body, HasSubstr(R"({"hostname":"bench","health":"Active","state":"Online","description":null,)"
                                      R"("last_ping":)"));
    EXPECT_THAT(shown.body, HasSubstr(R"("job_limit":0,"version":"2023.01"})"));
    EXPECT_EQ(column(lab.get("/api/v0.2/workers/?health=Active"), "hostname"), (Texts{"bench"}));
    EXPECT_EQ(column(lab.get("/api/v0.2/workers/?state=Offline"), "hostname"), (Texts{}));
    EXPECT_EQ(lab.get("/api/v0.2/workers/?health=Lazy").status, 400);
    EXPECT_EQ(lab.get("/api/v0.2/workers/nope/").status, 404);
}

TEST_F(ApiWorkersTest, ItsHealthIsSetAndWhatCannotBeIsNamed) {
    EXPECT_EQ(*change(R"({"health": "Maintenance", "description": "desk", "job_limit": 2})").json().find("health"),
              config::Value{"Maintenance"});
    EXPECT_THAT(lab.get(bench).body, HasSubstr(R"("description":"desk")"));
    EXPECT_EQ(set_health(R"({"health": "ACTIVE", "reason": "cleaned"})").status, 202);
    EXPECT_EQ(device_health("qemu-01"), "Unknown");
    EXPECT_EQ(change(R"({"health": "Odd"})").body, R"({"health":["\"Odd\" is not a valid choice."]})");
    EXPECT_EQ(change(R"({"job_limit": -1})").body,
              R"({"job_limit":["Ensure this value is greater than or equal to 0."]})");
    EXPECT_EQ(set_health(R"({"health": "odd"})").body, R"({"message":"Wrong worker health Odd"})");
    EXPECT_EQ(set_health("{}").status, 400);
    EXPECT_EQ(set_health(R"({"health": ""})").status, 400);
    EXPECT_EQ(change(R"({"health": "Active"})", "alice").status, 403);
}

TEST_F(ApiWorkersTest, RetiredItTakesItsDevicesAlong) {
    EXPECT_EQ(set_health(R"({"health": "retired"})").status, 202);
    EXPECT_EQ(device_health("qemu-01"), "Retired");
}

TEST_F(ApiWorkersTest, ThisMachineIsSetUpByTheFileOnly) {
    const auto refused = lab.post(bench + "env/", "application/json", R"({"env": "{}"})", "root");
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body,
                HasSubstr("worker 'bench': what it is like and which devices it has stands in the lab's"));
    EXPECT_EQ(lab.send("DELETE", bench, lab.authorization("root")).status, 400);
    EXPECT_EQ(lab.post("/api/v0.2/workers/", "application/json", R"({"hostname": "bench"})", "root").status, 400);
    EXPECT_EQ(lab.send("DELETE", "/api/v0.2/workers/nope/", lab.authorization("root")).status, 404);
    EXPECT_EQ(lab.get(bench + "config/").body, R"({"detail":"Worker 'bench' does not have 'dispatcher' file"})");
}

}  // namespace
}  // namespace patchbay
