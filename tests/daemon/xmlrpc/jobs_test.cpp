// SPDX-License-Identifier: Apache-2.0
// Jobs over XML-RPC. The texts of faults and the keys of structs are those that a LAVA 2023.01 answered.
#include "daemon/store/old_jobs.hpp"
#include "tests/daemon/xmlrpc/rpc_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class RpcJobsTest : public RpcTest {
protected:
    /// The keys of a struct, in order.
    static Texts keys(const config::Value& value) {
        Texts names;
        if (!value.is_map()) return {"no struct: " + config::python_str(value)};
        for (const auto& [key, member] : *value.as_map()) names.push_back(config::python_str(key));
        return names;
    }
    JobId a_personal_job() {
        auto text = definition("mine", "secrets: {KEY: hush}\n");
        text.replace(text.find("public"), 6, "personal");
        const auto id = value("scheduler.jobs.submit", {text}, "alice");
        EXPECT_TRUE(id.is_int()) << config::python_str(id);
        return JobId{*id.as_int()};
    }
};

TEST_F(RpcJobsTest, ASubmissionAnswersItsNumber) {
    EXPECT_EQ(value("scheduler.jobs.submit", {definition()}, "alice"), config::Value{1});
    EXPECT_EQ(value("scheduler.submit_job", {definition()}, "bob"), config::Value{2});
    EXPECT_EQ(lab.job(JobId{1}).submitter, "alice");
    EXPECT_EQ(lab.job(JobId{1}).original_definition, definition());
    EXPECT_EQ(value("scheduler.jobs.resubmit", {"1"}, "bob"), config::Value{3});
    EXPECT_EQ(lab.job(JobId{3}).original_definition, lab.job(JobId{1}).definition);
}

TEST_F(RpcJobsTest, ASubmissionIsRefusedInLavasWords) {
    const auto refused = [&](const std::string& text) { return said("scheduler.jobs.submit", {text}, "alice"); };
    EXPECT_EQ(said("scheduler.jobs.submit", {definition()}),
              "Fault 401: Authentication with user and token required for this API.");
    EXPECT_EQ(refused("a: [1"), said("scheduler.submit_job", {"a: [1"}, "alice"));
    EXPECT_THAT(refused("a: [1"),
                HasSubstr("Fault 400: Problem with submitted job data: Loading job submission failed"));
    EXPECT_EQ(refused(""), "Fault 400: Problem with submitted job data: expected a dictionary");
    auto toaster = definition();
    toaster.replace(toaster.find("qemu"), 4, "toaster");
    EXPECT_EQ(refused(toaster), "Fault 400: Device unavailable: Device type 'toaster' is unavailable.");
    auto none = definition();
    none.replace(none.find("device_type: qemu\n"), 18, "");
    EXPECT_EQ(refused(none), "Fault 400: Problem with submitted job data: 'device_type'");
    EXPECT_EQ(refused(definition("a", "tags: [gold]\n")),
              "Fault 400: Invalid job definition: Device tag 'gold' does not exist in the database..");
    EXPECT_EQ(refused(definition("a", "priority: 101\n")),
              "Fault 400: Problem with submitted job data: Invalid job priority: 101. Should be in [0, 100]");
    EXPECT_EQ(said("scheduler.jobs.submit", {true}, "alice"), "Fault 400: Bad request: argument 1 must be a string.");
}

TEST_F(RpcJobsTest, AJobIsShownWithEveryKeyThatClientsRead) {
    const auto job = a_finished_job();
    const auto shown = value("scheduler.jobs.show", {std::to_string(job.value)});
    EXPECT_EQ(keys(shown), (Texts{"id", "description", "device", "device_type", "health_check", "pipeline", "health",
                                  "state", "submitter", "submit_time", "start_time", "end_time", "tags", "visibility",
                                  "failure_comment", "error_msg", "error_type"}));
    EXPECT_EQ(*shown.find("id"), config::Value{job.value});
    EXPECT_EQ(*shown.find("device"), config::Value{"qemu-01"});
    EXPECT_EQ(*shown.find("state"), config::Value{"Finished"});
    EXPECT_EQ(*shown.find("health"), config::Value{"Complete"});
    EXPECT_EQ(*shown.find("visibility"), config::Value{"Public"});
    EXPECT_EQ(*shown.find("failure_comment"), config::Value{});
    for (const auto* time : {"submit_time", "start_time", "end_time"})
        EXPECT_TRUE(std::holds_alternative<config::Timestamp>(shown.find(time)->storage())) << time;
    EXPECT_EQ(value("scheduler.jobs.show", {job.value}), shown) << "a number is as good as a text";
    EXPECT_EQ(value("scheduler.jobs.show", {"1.0"}), shown) << "so is a sub id";

    const auto waiting = value("scheduler.jobs.show", {submit("with tag", "tags: [usb]\n").value});
    EXPECT_EQ(config::python_str(*waiting.find("tags")), "['usb']");
    EXPECT_EQ(*waiting.find("device"), config::Value{});
    EXPECT_EQ(*waiting.find("start_time"), config::Value{});
}

TEST_F(RpcJobsTest, AJobThatIsNotThereAndOneThatMayNotBeSeenAreTold) {
    const auto mine = a_personal_job().value;
    for (const std::string method :
         {"scheduler.jobs.show", "scheduler.jobs.logs", "scheduler.jobs.definition", "scheduler.job_state",
          "scheduler.job_health", "scheduler.job_status", "scheduler.job_details", "scheduler.job_output",
          "scheduler.jobs.cancel", "scheduler.jobs.resubmit"}) {
        EXPECT_EQ(said(method, {"999999"}, "bob"), "Fault 404: Job '999999' was not found.") << method;
        EXPECT_EQ(said(method, {mine}, "bob"), "Fault 403: Job '1' not available to user 'bob'.") << method;
    }
    EXPECT_EQ(said("scheduler.jobs.show", {"abc"}), "Fault 404: Job 'abc' was not found.");
    EXPECT_EQ(said("scheduler.jobs.show", {"1.1"}), "Fault 404: Job '1.1' was not found.");
    EXPECT_EQ(said("scheduler.jobs.show", {mine}), "Fault 403: Job '1' not available to user 'AnonymousUser'.");
    EXPECT_EQ(*value("scheduler.jobs.show", {mine}, "alice").find("visibility"), config::Value{"Group (alice)"});
    EXPECT_EQ(said("scheduler.jobs.list", {}, "bob"), "[]");
    EXPECT_EQ(said("scheduler.jobs.queue", {}, "bob"), "[]");
    EXPECT_EQ(said("scheduler.all_jobs", {}, "bob"), "[]");
}

TEST_F(RpcJobsTest, PartsOfAMultinodeJobAreCalledByTheirSubIds) {
    const std::string text =
        "job_name: multi\nvisibility: public\ntimeouts: {job: {minutes: 10}}\nprotocols: {lava-multinode: {roles: "
        "{a: {device_type: qemu, count: 2}}}}\nactions: [{deploy: {role: [a], to: tmpfs, images: {}}}]\n";
    EXPECT_EQ(said("scheduler.jobs.submit", {text}, "alice"), "['1.0', '1.1']");
    EXPECT_EQ(*value("scheduler.jobs.show", {"1.1"}).find("id"), config::Value{"1.1"});
    EXPECT_EQ(*value("scheduler.jobs.show", {2}).find("id"), config::Value{"1.1"});
    EXPECT_EQ(said("scheduler.job_state", {"1.1"}), "{'job_id': 2, 'job_state': 'Submitted', 'sub_id': '1.1'}");
    EXPECT_EQ(value("scheduler.jobs.definition", {"1.1"}), config::Value{text});
    const auto details = value("scheduler.job_details", {"1.1"});
    EXPECT_EQ(*details.find("id"), config::Value{2});
    EXPECT_EQ(*details.find("sub_id"), config::Value{"1.1"});
    EXPECT_EQ(*details.find("absolute_url"), config::Value{"/scheduler/job/1.1"});
    EXPECT_THAT(said("scheduler.jobs.list"), HasSubstr("'id': '1.1'"));
    EXPECT_THAT(said("scheduler.all_jobs"), HasSubstr("[2, 'multi', 'submitted', None, 'qemu', '1.1']"));
    EXPECT_EQ(said("scheduler.jobs.show", {"1.2"}), "Fault 404: Job '1.2' was not found.");
    EXPECT_EQ(said("scheduler.jobs.resubmit", {"1.1"}, "alice"), "['3.0', '3.1']");
    EXPECT_EQ(value("scheduler.jobs.cancel", {"1.1"}, "alice"), config::Value{true});
    EXPECT_EQ(lab.job(JobId{1}).health, JobHealth::canceled) << "with the other part";
}

TEST_F(RpcJobsTest, SecretsAreForTheSubmitterOnly) {
    const auto job = submit("with secrets", "secrets: {KEY: hush}\n").value;
    lab.schedule(JobId{job}, "qemu-01");
    lab.start(JobId{job});
    auto forget = [](Database& db) { db.change("DELETE FROM masked_text"); };
    for (const bool stored : {true, false}) {
        if (!stored) lab.lab.write(forget);  // as of a job from a time before it was
        for (const std::string method :
             {"scheduler.jobs.definition", "scheduler.job_details", "scheduler.jobs.configuration"}) {
            EXPECT_THAT(said(method, {job}, "alice"), HasSubstr("hush")) << method;
            EXPECT_THAT(said(method, {job}, "bob"), HasSubstr("[MASKED]")) << method;
            EXPECT_THAT(said(method, {job}, "bob"), Not(HasSubstr("hush"))) << method;
        }
    }
}

TEST_F(RpcJobsTest, WhatOthersReadIsNotMadeAnew) {
    const auto job = submit("with secrets", "secrets: {KEY: hush}\n").value;
    auto mark = [](Database& db) { db.change("UPDATE masked_text SET definition = 'made before'"); };
    lab.lab.write(std::move(mark));
    EXPECT_EQ(value("scheduler.jobs.definition", {job}, "bob"), config::Value{"made before"});
    EXPECT_EQ(*value("scheduler.job_details", {job}, "bob").find("definition"), config::Value{"made before"});
}

TEST_F(RpcJobsTest, TheOldWordsFollowStateAndHealth) {
    const auto job = submit();
    const config::List id{job.value};
    const auto words = [&] { return said("scheduler.job_state", id) + said("scheduler.job_status", id); };
    EXPECT_EQ(words(),
              "{'job_id': 1, 'job_state': 'Submitted'}{'job_id': 1, 'job_status': 'Submitted', 'bundle_sha1': ''}");
    lab.schedule(job, "qemu-01");
    EXPECT_EQ(words(),
              "{'job_id': 1, 'job_state': 'Scheduled'}{'job_id': 1, 'job_status': 'Submitted', 'bundle_sha1': ''}");
    lab.start(job);
    EXPECT_EQ(words(),
              "{'job_id': 1, 'job_state': 'Running'}{'job_id': 1, 'job_status': 'Running', 'bundle_sha1': ''}");
    lab.finish(job, JobHealth::incomplete);
    EXPECT_EQ(words(),
              "{'job_id': 1, 'job_state': 'Finished'}{'job_id': 1, 'job_status': 'Incomplete', 'bundle_sha1': ''}");
    EXPECT_EQ(said("scheduler.job_health", id), "{'job_id': 1, 'job_health': 'Incomplete'}");
    const auto details = value("scheduler.job_details", id);
    EXPECT_EQ(*details.find("status"), config::Value{"Incomplete"});
    EXPECT_EQ(*details.find("definition"), config::Value{lab.job(job).definition});
    EXPECT_EQ(*details.find("submitter_id"), config::Value{alice.value});
    EXPECT_EQ(details.find("password"), nullptr);
}

TEST_F(RpcJobsTest, ListsAreFilteredAndNewestFirst) {
    const auto done = a_finished_job();
    submit("second");
    const auto third = submit("third");
    lab.finish(third, JobHealth::canceled, wall_now() - std::chrono::hours{2});
    const auto ids = [&](const config::List& arguments) {
        std::string all;
        const auto jobs = value("scheduler.jobs.list", arguments);
        if (!jobs.is_list()) return config::python_str(jobs);
        for (const auto& job : *jobs.as_list()) all += config::python_str(*job.find("id")) + " ";
        return all;
    };
    const config::Value nil;
    EXPECT_EQ(ids({}), "3 2 1 ");
    EXPECT_EQ(ids({"FINISHED"}), "3 1 ");
    EXPECT_EQ(ids({"finished", "COMPLETE"}), "1 ");
    EXPECT_EQ(ids({nil, "CANCELED"}), "3 ");
    EXPECT_EQ(ids({nil, nil, 1, 1}), "2 ");
    EXPECT_EQ(ids({nil, nil, -5, 1000}), "3 2 1 ");
    EXPECT_EQ(ids({nil, nil, 0, 25, 60}), "1 ") << "ended in the last hour";
    EXPECT_EQ(ids({nil, nil, 0, 25, 2'147'483'647}), "3 1 ");
    EXPECT_EQ(ids({"FLYING"}), "Fault 400: Invalid state 'FLYING'");
    EXPECT_EQ(ids({nil, "SICK"}), "Fault 400: Invalid health 'SICK'");
    EXPECT_EQ(ids({nil, nil, "many"}), "Fault 400: Bad request: argument 3 must be a number.");
    const auto plain = value("scheduler.jobs.list", {nil, nil, 0, 1});
    EXPECT_EQ(config::python_str(plain),
              "[{'id': 3, 'description': 'third', 'device_type': 'qemu', 'health': 'Canceled', 'state': 'Finished', "
              "'submitter': 'alice'}]");
    const auto verbose = value("scheduler.jobs.list", {nil, nil, 2, 1, 0, true});
    EXPECT_EQ(keys(verbose.as_list()->front()),
              (Texts{"id", "description", "device_type", "health", "state", "submitter", "actual_device", "start_time",
                     "end_time", "error_msg", "error_type"}));
    EXPECT_THAT(*verbose.as_list()->front().find("start_time")->as_string(), ::testing::EndsWith("+00:00"));
    EXPECT_EQ(verbose.as_list()->front().find("id")->as_int()[0], done.value);
}

TEST_F(RpcJobsTest, AnErrorOfAJobIsShownWithItsKind) {
    const auto job = submit();
    lab.schedule(job, "qemu-01");
    lab.start(job);
    lab.record(job,
               R"({"dt": "2026-11-22T06:51:13.000001", "lvl": "results", "msg": {"definition": "lava", "case": "job", )"
               R"("result": "fail", "error_msg": "no prompt", "error_type": "Infrastructure"}})");
    lab.finish(job, JobHealth::incomplete);
    const auto shown = value("scheduler.jobs.show", {job.value});
    EXPECT_EQ(*shown.find("error_msg"), config::Value{"no prompt"});
    EXPECT_EQ(*shown.find("error_type"), config::Value{"Infrastructure"});
}

TEST_F(RpcJobsTest, TheQueueIsWhatWaits) {
    submit("first");
    const auto second = submit("second", {}, "bob");
    lab.schedule(submit("third"), "qemu-01");
    EXPECT_EQ(said("scheduler.jobs.queue"),
              "[{'id': 2, 'description': 'second', 'requested_device_type': 'qemu', 'submitter': 'bob'}, "
              "{'id': 1, 'description': 'first', 'requested_device_type': 'qemu', 'submitter': 'alice'}]");
    EXPECT_EQ(said("scheduler.jobs.queue", {config::Value{config::List{"qemu", "board"}}, 0, 1}),
              "[{'id': 2, 'description': 'second', 'requested_device_type': 'qemu', 'submitter': 'bob'}]");
    EXPECT_EQ(said("scheduler.jobs.queue", {config::Value{config::List{"board"}}}), "[]");
    EXPECT_EQ(said("scheduler.jobs.queue", {"qemu"}), "Fault 400: device type list argument must be a list");
    lab.finish(second, JobHealth::canceled);
    EXPECT_EQ(said("scheduler.all_jobs"),
              "[[3, 'third', 'submitted', 'qemu-01', 'qemu', ''], [1, 'first', 'submitted', None, 'qemu', '']]");
}

TEST_F(RpcJobsTest, LogsComeInPiecesAndEndWithTheJob) {
    const auto job = submit();
    const config::List id{job.value};
    const auto logs = [&](config::List rest) {
        rest.insert(rest.begin(), job.value);
        const auto answer = value("scheduler.jobs.logs", rest);
        const auto* pair = answer.as_list();
        if (!pair || pair->size() != 2) return config::python_str(answer);
        return config::python_str((*pair)[0]) + " " + std::get<config::Binary>((*pair)[1].storage()).bytes;
    };
    EXPECT_EQ(logs({}), "False []") << "no log at all";
    lab.schedule(job, "qemu-01");
    lab.start(job);
    const auto line = [](int i) {
        return R"({"dt": "2026-11-22T06:51:13.000001", "lvl": "info", "msg": ")" + std::to_string(i) + "\"}";
    };
    for (int i = 0; i < 3; ++i) lab.record(job, line(i));
    const auto at = [&](int i) { return "- " + line(i) + "\n"; };
    EXPECT_EQ(logs({}), "False " + at(0) + at(1) + at(2));
    EXPECT_EQ(logs({1}), "False " + at(1) + at(2));
    EXPECT_EQ(logs({1, 2}), "False " + at(1));
    EXPECT_EQ(logs({0, config::Value{}}), logs({}));
    EXPECT_EQ(logs({3}), "False ") << "nothing new is empty, and no fault";
    EXPECT_EQ(logs({-7, 1}), "False " + at(0));
    lab.finish(job, JobHealth::complete);
    EXPECT_EQ(logs({3}), "True ");
    const auto output = [&](const config::List& arguments) {
        return std::get<config::Binary>(value("scheduler.job_output", arguments).storage()).bytes;
    };
    EXPECT_EQ(output(id), at(0) + at(1) + at(2));
    EXPECT_EQ(output({job.value, std::int64_t(at(0).size())}), at(1) + at(2));
    EXPECT_EQ(output({job.value, 1'000'000}), "");
    EXPECT_EQ(said("scheduler.job_output", {submit().value}), "Fault 404: Job output not found.");
}

TEST_F(RpcJobsTest, ALogIsAsciiAsLavacliReadsIt) {
    const auto job = submit();
    lab.schedule(job, "qemu-01");
    lab.record(job, "{\"lvl\": \"target\", \"msg\": \"\xE2\x82\xAC \xF0\x9F\x90\xA7\"}");
    const auto answer = value("scheduler.jobs.logs", {job.value});
    EXPECT_EQ(std::get<config::Binary>(answer.as_list()->at(1).storage()).bytes,
              "- {\"lvl\": \"target\", \"msg\": \"\\u20ac \\U0001F427\"}\n");
}

TEST_F(RpcJobsTest, ALongLogIsWholeAndKeptNowhere) {
    const auto job = submit();
    lab.schedule(job, "qemu-01");
    std::string log;
    for (int i = 0; i < 40; ++i) {
        const auto line = R"({"lvl": "info", "msg": ")" + std::to_string(i) + std::string(50'000, 'x') + "\"}";
        lab.record(job, line);
        log += "- " + line + "\n";
    }
    const auto bytes_of = [](const config::Value& value) { return std::get<config::Binary>(value.storage()).bytes; };
    const auto answer = value("scheduler.jobs.logs", {job.value});
    EXPECT_EQ(answer.as_list()->at(0), config::Value{false});
    EXPECT_TRUE(bytes_of(answer.as_list()->at(1)) == log);
    EXPECT_TRUE(bytes_of(value("scheduler.jobs.logs", {job.value, 39}).as_list()->at(1)) ==
                log.substr(log.rfind("- {")));
    for (const std::size_t offset : {0, 1, 65'536, 70'000, 1'000'000, 1'999'999})
        EXPECT_TRUE(bytes_of(value("scheduler.job_output", {job.value, std::int64_t(offset)})) == log.substr(offset))
            << offset;

    const config::Value entry{config::Map{{"methodName", "scheduler.job_output"}, {"params", config::List{job.value}}}};
    EXPECT_THAT(said("system.multicall", {config::Value{config::List{entry}}}),
                HasSubstr("this log is too long for it; call scheduler.job_output by itself"));
    const auto pieces = call("scheduler.job_output", {job.value}).largest_piece;
    EXPECT_GT(pieces, 0U);
    EXPECT_LT(pieces, 600'000U);
}

TEST_F(RpcJobsTest, ALogThatIsNotKeptIsAFaultThatSaysSo) {
    const auto job = submit();
    lab.schedule(job, "qemu-01");
    lab.record(job, R"({"lvl": "info", "msg": "x"})");
    lab.finish(job, JobHealth::complete);
    auto remove = [job](Database& db) {
        while (OldJobs{db}.remove_log_piece(job, wall_now())) {
        }
    };
    lab.lab.write(std::move(remove));
    for (const std::string method : {"scheduler.jobs.logs", "scheduler.job_output"})
        EXPECT_THAT(said(method, {job.value}),
                    ::testing::MatchesRegex("Fault 404: The log of this job was removed at .*: "
                                            "this lab keeps logs for a limited time\\."));
}

TEST_F(RpcJobsTest, OnlyWhoMayCancelsAndTwiceIsFine) {
    const auto job = submit().value;
    EXPECT_EQ(said("scheduler.jobs.cancel", {job}),
              "Fault 401: Authentication with user and token required for this API.");
    EXPECT_EQ(said("scheduler.jobs.cancel", {job}, "bob"), "Fault 403: Permission denied.");
    EXPECT_EQ(value("scheduler.jobs.cancel", {std::to_string(job)}, "alice"), config::Value{true});
    EXPECT_EQ(lab.job(JobId{job}).health, JobHealth::canceled);
    EXPECT_EQ(value("scheduler.cancel_job", {job}, "bob"), config::Value{true}) << "a finished one, as in LAVA";
    EXPECT_EQ(value("scheduler.cancel_job", {submit().value}, "root"), config::Value{true});
}

TEST_F(RpcJobsTest, ValidationNamesThePlace) {
    auto bad = definition();
    bad.replace(bad.find("job_name: smoke\n"), 16, "");
    EXPECT_EQ(said("scheduler.jobs.validate", {bad}), "{'path': \"['job_name']\", 'msg': 'required key not provided'}");
    const auto good = lab.post_definition("/api/v0.2/jobs/validate/", definition()).json();
    ASSERT_EQ(*good.find("message"), config::Value{"Job valid."});
    EXPECT_EQ(said("scheduler.jobs.validate", {definition()}), "{}");
    EXPECT_EQ(said("scheduler.jobs.validate", {definition("a", "unheard: of\n")}), "{}");
    EXPECT_EQ(said("scheduler.jobs.validate", {definition("a", "unheard: of\n"), true}),
              "{'path': \"['unheard']\", 'msg': 'extra keys not allowed'}");
    EXPECT_THAT(said("scheduler.jobs.validate", {"a: [1"}), HasSubstr("{'path': '[]', 'msg': "));
    EXPECT_EQ(said("scheduler.validate_yaml", {definition()}), "None");
    EXPECT_EQ(said("scheduler.validate_yaml", {bad}),
              "Fault 400: Invalid YAML submission: required key not provided @ data['job_name']");
    EXPECT_THAT(said("scheduler.validate_yaml", {"a: [1"}),
                HasSubstr("Fault 400: Decoding job submission failed: while parsing"));
}

TEST_F(RpcJobsTest, ALabThatCannotStoreIsAnErrorOfHttpNotAFault) {
    auto spoil = [](Database& db) { db.execute("DROP TABLE job_text"); };
    lab.lab.write(std::move(spoil));
    EXPECT_EQ(call("scheduler.jobs.submit", {definition()}, "alice").status, 503);
    EXPECT_EQ(call("system.version").status, 200);
}

}  // namespace
}  // namespace patchbay
