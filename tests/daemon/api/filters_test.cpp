// SPDX-License-Identifier: Apache-2.0
// The lists' filters, ordering and pages.
#include <set>

#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class FiltersTest : public ApiTest {
protected:
    /// 1: alice, finished on qemu-01; 2: alice, running on qemu-02; 3: bob, queued for board; 4: bob, priority high.
    FiltersTest() {
        a_finished_job();
        const auto second = submit("second", "metadata: {build: {id: 7}, arch: arm64}\n");
        lab.schedule(second, "qemu-02");
        lab.start(second);
        auto board = definition("on a board");
        board.replace(board.find("qemu"), 4, "board");
        lab.post_definition(jobs, board, "bob");
        auto high = definition("urgent", "tags: [usb]\n");
        high.replace(high.find("medium"), 6, "high");
        lab.post_definition(jobs, high, "bob");
    }
    Texts ids(const std::string& query) { return column(lab.get(jobs + "?" + query, "alice"), "id"); }
    std::string error(const std::string& target) {
        const auto answer = lab.get(target);
        return std::to_string(answer.status) + " " + answer.body;
    }
    const std::string jobs = "/api/v0.2/jobs/";
};

TEST_F(FiltersTest, ListsAreNewestFirstUnlessOrdered) {
    EXPECT_EQ(ids(""), (Texts{"4", "3", "2", "1"}));
    EXPECT_EQ(ids("ordering=id"), (Texts{"1", "2", "3", "4"}));
    EXPECT_EQ(ids("ordering=-id"), (Texts{"4", "3", "2", "1"}));
    EXPECT_EQ(ids("ordering=start_time"), (Texts{"1", "2", "3", "4"})) << "nulls last";
    EXPECT_EQ(ids("ordering=-start_time,-id"), (Texts{"4", "3", "2", "1"})) << "nulls first";
    EXPECT_EQ(ids("ordering=colour"), (Texts{"4", "3", "2", "1"}));
    EXPECT_EQ(ids("ordering=submitter;DROP%20TABLE%20job"), (Texts{"4", "3", "2", "1"}));
}

TEST_F(FiltersTest, JobsAreFoundByWhatTheyAre) {
    const std::pair<std::string, Texts> table[] = {
        {"id=2", {"2"}},
        {"id__in=1,3", {"3", "1"}},
        {"id__lt=3", {"2", "1"}},
        {"id__gt=2", {"4", "3"}},
        {"id!=2", {"4", "3", "1"}},
        {"state=Running", {"2"}},
        {"state__in=Running,Finished", {"2", "1"}},
        {"state!=Submitted", {"2", "1"}},
        {"health=Complete", {"1"}},
        {"health!=Unknown&state!=Running", {"1"}},
        {"priority=100", {"4"}},
        {"priority__lte=50", {"3", "2", "1"}},
        {"description=second", {"2"}},
        {"description__contains=board", {"3"}},
        {"description__icontains=BOARD", {"3"}},
        {"description__startswith=sec", {"2"}},
        {"description__endswith=ond", {"2"}},
        {"description__contains=%25", {}},
        {"description__contains=_", {}},
        {"description__in=second,urgent", {"4", "2"}},
        {"requested_device_type=board", {"3"}},
        {"requested_device_type__name!=qemu", {"3"}},
        {"actual_device=qemu-01", {"1"}},
        {"actual_device__hostname__startswith=qemu", {"2", "1"}},
        {"actual_device__isnull=true", {"4", "3"}},
        {"actual_device__device_type__name=qemu", {"2", "1"}},
        {"actual_device__isnull=perhaps", {"4", "3", "2", "1"}},
        {"submitter__username=bob", {"4", "3"}},
        {"submitter__username!=bob", {"2", "1"}},
        {"submitter=2", {"2", "1"}},
        {"tags=1", {"4"}},
        {"tags__name=usb", {"4"}},
        {"start_time__isnull=True", {"4", "3"}},
        {"submit_time__gt=2001-01-01T00:00:00Z", {"4", "3", "2", "1"}},
        {"submit_time__gt=2001-01-01T00:00:00+01:00", {"4", "3", "2", "1"}},
        {"submit_time__lt=2001-01-01 00:00", {}},
        {"health_check=false", {"4", "3", "2", "1"}},
        {"health_check=true", {}},
        {"health_check=maybe", {"4", "3", "2", "1"}},
        {"failure_comment__isnull=1", {"4", "3", "2", "1"}},
        {"definition__contains=second", {"2"}},
        {"metadata__arch=arm64", {"2"}},
        {"metadata__build__id=7", {"2"}},
        {"metadata__has_key=arch", {"2"}},
        {"metadata__contains={\"arch\":\"arm64\"}", {"2"}},
        {"no_such_key=1", {"4", "3", "2", "1"}},
        {"state=", {"4", "3", "2", "1"}},
        {"state=Finished&state=Running", {"2"}},
        {"state=Running&state=", {"4", "3", "2", "1"}},
        {"id=2&state=Finished", {}},
    };
    for (const auto& [query, found] : table) {
        std::string encoded;
        for (const char c : query) encoded += c == ' ' ? "%20" : c == '"' ? "%22" : std::string{c};
        EXPECT_EQ(ids(encoded), found) << query;
    }
}

TEST_F(FiltersTest, BadValuesNameTheFilter) {
    const auto choice = [](const std::string& field, const std::string& word) {
        return "400 {\"" + field + "\":[\"Select a valid choice. " + word + "\"]}";
    };
    const auto unknown = [&](const std::string& field) {
        return choice(field, "That choice is not one of the available choices.");
    };
    const auto word = [&](const std::string& field, const std::string& text) {
        return choice(field, text + " is not one of the available choices.");
    };
    EXPECT_EQ(error(jobs + "?id__lt=x"), "400 {\"id__lt\":[\"Enter a number.\"]}");
    EXPECT_EQ(error(jobs + "?submit_time__gt=2026-01-01"), "400 {\"submit_time__gt\":[\"Enter a valid date/time.\"]}");
    EXPECT_EQ(error(jobs + "?requested_device_type=nope"), unknown("requested_device_type"));
    EXPECT_EQ(error(jobs + "?actual_device=nope"), unknown("actual_device"));
    EXPECT_EQ(error(jobs + "?tags=99"), unknown("tags"));
    EXPECT_EQ(error(jobs + "?submitter=99"), unknown("submitter"));
    EXPECT_EQ(error(jobs + "?priority=abc"), word("priority", "abc"));
    EXPECT_EQ(error(jobs + "?state=Flying"), word("state", "Flying"));
    EXPECT_EQ(error(jobs + "?state=finished"), word("state", "finished"));
    EXPECT_EQ(error(jobs + "?state!=Flying"), word("state", "Flying"));
    EXPECT_EQ(error(jobs + "?state__in=Finished,Flying"), word("state__in", "Flying"));
    EXPECT_EQ(error(jobs + "?health=Great"), word("health", "Great"));
    EXPECT_EQ(error("/api/v0.2/devices/?health=Splendid"), word("health", "Splendid"));
    EXPECT_EQ(error("/api/v0.2/devices/?device_type=nope"), unknown("device_type"));
    EXPECT_EQ(error("/api/v0.2/jobs/1/tests/?result=great"), word("result", "great"));
    EXPECT_EQ(error(jobs + "?metadata__contains=[1]"), "400 {\"metadata__contains\":[\"Enter a JSON object.\"]}");
    EXPECT_EQ(error(jobs + "?metadata__contains=x"), "400 {\"metadata__contains\":[\"Enter a JSON object.\"]}");
}

TEST_F(FiltersTest, AFloodOfFiltersIsTheClientsMistake) {
    std::string many = "?id=1";
    for (int i = 0; i < 800; ++i) many += "&metadata__" + std::to_string(i) + "=1";
    EXPECT_EQ(error(jobs + many), R"(400 {"detail":"More than 100 filters; ask for less at once."})");
    std::string ids = "?id__in=1", order = "?ordering=-id", path = "?metadata", repeated = "?";
    for (int i = 2; i < 2500; ++i) {
        ids += "," + std::to_string(i);
        order += ",id";
        path += "__a";
        if (i < 800) repeated += "state=Finished&";
    }
    for (const auto& query : {ids, order, path, repeated}) {
        EXPECT_EQ(lab.get(jobs + query).status, 200) << query.substr(0, 20);
    }
    EXPECT_EQ(column(lab.get(jobs + order), "id"), (Texts{"4", "3", "2", "1"}));
}

TEST_F(FiltersTest, AFloodOfKeysIsTheClientsMistake) {
    std::string keys = "0";
    for (int i = 1; i < 1500; ++i) keys += "," + std::to_string(i);
    for (const std::string lookup : {"has_keys", "has_any_keys", "build__has_keys"}) {
        const auto name = "metadata__" + lookup;
        EXPECT_EQ(error(jobs + "?" + name + "=" + keys),
                  "400 {\"" + name + "\":[\"More than 100 keys; ask for less at once.\"]}");
        EXPECT_EQ(lab.get(jobs + "?" + name + "=" + keys.substr(0, keys.find(",100"))).status, 200);
    }
}

TEST_F(FiltersTest, APageOfLargeJobsEndsEarlyAndTheNextOneGoesOn) {
    auto large = a_job(alice);
    large.definition.append(1'500'000, 'x');
    for (int i = 0; i < 8; ++i) lab.lab.add_job(large);
    const auto after = [](const std::string& text, std::string_view key, char end) {
        const auto at = text.find(key);
        return at == std::string::npos
                   ? ""
                   : text.substr(at + key.size(), text.find(end, at + key.size()) - at - key.size());
    };
    for (const std::string query : {"?limit=50", "?limit=50&description__contains=m"}) {
        Texts seen;
        std::string target = jobs + query;
        int pages = 0;
        for (; !target.empty() && pages < 50; ++pages) {
            const auto page = lab.get(target).body;
            EXPECT_LT(page.size(), 8U * 1024 * 1024);
            for (std::size_t at = 0; (at = page.find("{\"id\":", at)) != std::string::npos; ++at) {
                const auto begin = page.substr(at, 40);  // metadata may have an id, too
                if (begin.find(",\"submitter\":") != std::string::npos) seen.push_back(after(begin, ":", ','));
            }
            target = after(page.substr(0, 200), "\"next\":\"http://lab.example", '"');
        }
        EXPECT_GT(pages, 1) << query;
        const std::set<std::string> once{seen.begin(), seen.end()};
        EXPECT_EQ(once.size(), seen.size()) << query;
        EXPECT_GE(seen.size(), 8U) << query;
    }
}

TEST_F(FiltersTest, PagesLinkToEachOther) {
    const auto page = lab.get("/api/v0.2/jobs/?limit=2&offset=1&format=json&state!=Canceling").json();
    EXPECT_EQ(*page.find("count"), config::Value{4});
    EXPECT_EQ(*page.find("next"),
              config::Value{"http://lab.example/api/v0.2/jobs/?format=json&limit=2&offset=3&state%21=Canceling"});
    EXPECT_EQ(*page.find("previous"),
              config::Value{"http://lab.example/api/v0.2/jobs/?format=json&limit=2&state%21=Canceling"});
    Texts names;
    for (const auto& [name, value] : *page.as_map()) names.push_back(*name.as_string());
    EXPECT_EQ(names, (Texts{"count", "next", "previous", "results"}));

    std::string target = "/api/v0.2/jobs/?limit=1";
    Texts seen;
    for (int pages = 0; !target.empty() && pages < 10; ++pages) {
        const auto answer = lab.get(target + "&format=json&limit=1");  // as KernelCI follows links
        for (auto& id : column(answer, "id")) seen.push_back(std::move(id));
        const auto json = answer.json();
        const auto* next = json.find("next");
        target = next->is_null() ? "" : next->as_string()->substr(std::string{"http://lab.example"}.size());
    }
    EXPECT_EQ(seen, (Texts{"4", "3", "2", "1"}));
}

TEST_F(FiltersTest, OddLimitsAndOffsetsArePutRight) {
    for (const std::string odd : {"limit=0", "limit=-1", "limit=ten", "limit=", "limit=99999999999999999999",
                                  "offset=-5", "offset=x", "limit=100000"}) {
        const auto answer = lab.get(jobs + "?" + odd);
        EXPECT_EQ(answer.status, 200) << odd;
        EXPECT_EQ(column(answer, "id").size(), 4u) << odd;
    }
    const auto far = lab.get(jobs + "?offset=100&limit=3").json();
    EXPECT_EQ(*far.find("results"), (config::Value{config::List{}}));
    EXPECT_TRUE(far.find("next")->is_null());
    EXPECT_EQ(*far.find("previous"), config::Value{"http://lab.example/api/v0.2/jobs/?limit=3&offset=97"});
    const auto last = lab.get(jobs + "?offset=9223372036854775807&limit=1000").json();
    EXPECT_TRUE(last.find("next")->is_null()) << "a client that follows it would begin again";
}

TEST_F(FiltersTest, LinksUseTheHostThatTheClientSaw) {
    lab.limits.trusted_proxies = Subnets{{"192.0.2.1"}};
    const auto answer = lab.send("GET", "//api/v0.2//jobs?limit=1",
                                 "Host: 127.0.0.1:8080\r\nX-Forwarded-Proto: https\r\n"
                                 "X-Forwarded-Host: lab.example:8443\r\n");
    EXPECT_EQ(*answer.json().find("next"), config::Value{"https://lab.example:8443/api/v0.2/jobs/?limit=1&offset=1"});
}

TEST_F(FiltersTest, DevicesAreFoundByWhatTheyAre) {
    const auto names = [&](const std::string& query) {
        return column(lab.get("/api/v0.2/devices/?" + query), "hostname");
    };
    EXPECT_EQ(names(""), (Texts{"board-01", "qemu-01", "qemu-02"}));
    EXPECT_EQ(names("ordering=-hostname"), (Texts{"qemu-02", "qemu-01", "board-01"}));
    EXPECT_EQ(names("device_type=qemu"), (Texts{"qemu-01", "qemu-02"}));
    EXPECT_EQ(names("device_type__name!=qemu"), (Texts{"board-01"}));
    EXPECT_EQ(names("state=Running"), (Texts{"qemu-02"}));
    EXPECT_EQ(names("health=good"), (Texts{"board-01", "qemu-01", "qemu-02"})) << "in any case of letters";
    EXPECT_EQ(names("tags__name=usb"), (Texts{"qemu-01"}));
    EXPECT_EQ(names("worker_host=bench&hostname__startswith=q&limit=1"), (Texts{"qemu-01"}));
}

TEST_F(FiltersTest, TestsAreFoundByWhatTheyAre) {
    const auto names = [&](const std::string& query) {
        return column(lab.get("/api/v0.2/jobs/1/tests/?" + query), "name");
    };
    EXPECT_EQ(names(""), (Texts{"validate", "speed", "case-skip", "case-unknown", "case-pass"}));
    EXPECT_EQ(names("result=FAIL"), (Texts{"speed"}));
    EXPECT_EQ(names("result!=pass"), (Texts{"speed", "case-skip", "case-unknown"}));
    EXPECT_EQ(names("name__startswith=case-"), (Texts{"case-skip", "case-unknown", "case-pass"}));
    EXPECT_EQ(names("measurement__gt=2"), (Texts{"speed"}));
    EXPECT_EQ(names("suite__name=lava"), (Texts{"validate"}));
    EXPECT_EQ(names("test_set__name=disk"), (Texts{"speed"}));
    EXPECT_EQ(names("limit=2&offset=1"), (Texts{"speed", "case-skip"}));
    EXPECT_EQ(error("/api/v0.2/jobs/1/tests/?measurement__gt=x"), "400 {\"measurement__gt\":[\"Enter a number.\"]}");
}

}  // namespace
}  // namespace patchbay
