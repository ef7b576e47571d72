// SPDX-License-Identifier: Apache-2.0
// What is told about a job, a device and a worker; compared with what a LAVA 2023.01 said.
#include "daemon/events/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/config/yaml.hpp"
#include "daemon/api/times.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class EventTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    EventTexts texts{"org.lavasoftware"};
    std::vector<Change> changes;
    UserId admin = lab.add_user("admin");

    EventTest() {
        lab.store->on_changes([this](const std::vector<Change>& told) { changes = told; });
        auto device = a_device("qemu-01");
        device.worker_host = "peer-worker";
        lab.add_devices({device});
        changes.clear();
    }
    Event event(const Change& change) { return texts.of(change, lab.reader(), wall_now()).value(); }
    /// Of the last write.
    std::vector<std::string> data() {
        std::vector<std::string> all;
        for (const auto& change : changes) all.push_back(event(change).data);
        return all;
    }
};

struct Recorded {
    std::vector<std::string> texts;
    config::Value data;
    std::string line;
};

std::vector<Recorded> recording() {
    std::ifstream file{std::string{PATCHBAY_SOURCE_DIR} + "/tests/compat/golden/a-shell/websocket-events.jsonl"};
    std::vector<Recorded> all;
    for (std::string line; std::getline(file, line);) {
        Recorded one;
        const auto parsed = config::parse_json(line);
        for (const auto& text : *parsed.as_list()) one.texts.push_back(*text.as_string());
        one.data = config::parse_json(one.texts.at(4));
        one.line = line;
        all.push_back(std::move(one));
    }
    return all;
}

WallTime time_in(const Recorded& recorded, std::string_view key) {
    return parse_time(*recorded.data.find(key)->as_string()).value();
}

TEST_F(EventTest, TheLifeOfAJobIsToldByteForByteAsLavaToldIt) {
    const auto recorded = recording();
    ASSERT_EQ(recorded.size(), 7U);
    auto job = a_job(admin);
    job.description = "a-shell every result kind";
    const auto submitted = time_in(recorded[0], "submit_time");
    const auto begun = time_in(recorded[4], "start_time");
    const auto ended = time_in(recorded[6], "end_time");
    std::vector<Event> events;
    const auto tell = [&] {
        for (const auto& change : std::exchange(changes, {})) events.push_back(event(change));
    };
    const auto id = lab.add_job(job, submitted);
    tell();
    lab.write([id](Database& db) {
        Devices{db}.reserve("qemu-01", id);
        Jobs{db}.schedule(id, "qemu-01");
    });
    tell();
    lab.write([=](Database& db) {
        Devices{db}.start("qemu-01", id);
        Jobs{db}.start(id, begun);
    });
    tell();
    lab.write([=](Database& db) {
        Devices{db}.release("qemu-01", id);
        Jobs{db}.finish(id, JobHealth::complete, ended);
    });
    tell();
    ASSERT_EQ(events.size(), recorded.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        auto event = events[i];
        EXPECT_EQ(event.topic, recorded[i].texts[0]) << i;
        EXPECT_EQ(event.time.size(), recorded[i].texts[2].size()) << "no zone";
        EXPECT_EQ(event.user, recorded[i].texts[3]) << i;
        EXPECT_EQ(event.data, recorded[i].texts[4]) << i;
        // With the parts that are never the same, the frame is, too.
        event.uuid = recorded[i].texts[1];
        event.time = recorded[i].texts[2];
        EXPECT_EQ(as_list(event), recorded[i].line);
    }
}

TEST_F(EventTest, AJobWithoutADeviceSaysNoneAndAJobOfNoTypeSaysNone) {
    auto job = a_job(admin);
    job.requested_device_type.reset();
    job.health_check = true;
    job.description = "caf\xc3\xa9 \"1\"";
    lab.add_job(job, WallTime{3s});
    EXPECT_EQ(data(), (std::vector<std::string>{
                          R"({"health": "Unknown", "state": "Submitted", "job": 1, "description": "caf\u00e9 \"1\"", )"
                          R"("priority": 50, "submit_time": "1970-01-01T00:00:03+00:00", "submitter": "admin", )"
                          R"("health_check": true})"}));
}

TEST_F(EventTest, HealthOfDevicesAndWorkersIsTold) {
    lab.write([](Database& db) { Devices{db}.set_health("qemu-01", DeviceHealth::maintenance, "cable", wall_now()); });
    const auto told = event(changes.at(0));
    EXPECT_EQ(told.topic, "org.lavasoftware.device");
    EXPECT_EQ(told.user, "lavaserver");
    EXPECT_EQ(told.data, R"({"health": "Maintenance", "state": "Idle", "device": "qemu-01", "device_type": "qemu", )"
                         R"("worker": "peer-worker", "health_reason": "cable"})");
    const auto worker = event(WorkerNews{"peer-worker", WorkerHealth::maintenance});
    EXPECT_EQ(worker.topic, "org.lavasoftware.worker");
    EXPECT_EQ(worker.data, R"({"hostname": "peer-worker", "health": "Maintenance", "state": "Online"})");
}

TEST_F(EventTest, WhatAJobSaidOfItsDeviceIsToldWhenEverybodySeesTheJob) {
    const auto told_of = [&](Visibility visibility) {
        auto job = a_job(admin);
        job.visibility = visibility;
        const auto id = lab.add_job(job);
        lab.write([id](Database& db) {
            Jobs{db}.schedule(id, "qemu-01");
            Devices{db}.set_health("qemu-01", DeviceHealth::good, "test", wall_now());
        });
        lab.write([id](Database& db) {
            Devices{db}.judge("qemu-01", DeviceHealth::bad, {"job ended badly", id, "relay gone"}, wall_now());
        });
        return data().at(0);
    };
    EXPECT_THAT(told_of(Visibility::everyone),
                ::testing::HasSubstr(R"("health_reason": "job ended badly: relay gone"})"));
    EXPECT_THAT(told_of(Visibility::personal), ::testing::HasSubstr(R"("health_reason": "job ended badly"})"));
}

TEST_F(EventTest, APartOfAMultinodeJobIsCalledByItsSubId) {
    const auto job = lab.add_job(a_job(admin));
    lab.write([job](Database& db) { db.change("UPDATE job SET sub_id = '6.1' WHERE id = $1", job); });
    const auto of_job = event(JobNews{job, JobState::running, {}, 50, {}, {}, {}});
    EXPECT_NE(of_job.data.find(R"("job": 1, )"), std::string::npos) << of_job.data;
    EXPECT_NE(of_job.data.find(R"("sub_id": "6.1")"), std::string::npos) << of_job.data;
    const auto of_device = event(DeviceNews{"qemu-01", DeviceState::running, {}, job});
    EXPECT_NE(of_device.data.find(R"("job": "6.1"})"), std::string::npos) << of_device.data;
}

TEST_F(EventTest, AMessageOfAJobIsTold) {
    const auto job = lab.add_job(a_job(admin));
    const auto told = event(JobMessage{job, "half way\n"});
    EXPECT_EQ(told.topic, "org.lavasoftware.event");
    EXPECT_EQ(told.data, R"({"message": "half way\n", "job": 1})");
}

TEST_F(EventTest, WhatIsGoneByThenIsNotTold) {
    EXPECT_FALSE(texts.of(JobNews{JobId{99}, {}, {}, 50, {}, {}, {}}, lab.reader(), wall_now()));
    EXPECT_FALSE(texts.of(DeviceNews{"gone", {}, {}, {}}, lab.reader(), wall_now()));
    EXPECT_FALSE(texts.of(JobMessage{JobId{99}, "x"}, lab.reader(), wall_now()));
}

TEST_F(EventTest, TopicsBeginAsTheLabWants) {
    EventTexts own{"com.example.lab"};
    EXPECT_EQ(own.of(WorkerNews{"w", {}}, lab.reader(), wall_now())->topic, "com.example.lab.worker");
}

}  // namespace
}  // namespace patchbay
