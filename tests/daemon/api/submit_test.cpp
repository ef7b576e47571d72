// SPDX-License-Identifier: Apache-2.0
// Submitting: three forms of body, what is stored, and every refusal.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "core/text.hpp"
#include "daemon/http/target.hpp"
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class SubmitTest : public ApiTest {
protected:
    const std::string jobs = "/api/v0.2/jobs/";
    std::string message(const std::string& text) {
        const auto answer = lab.post_definition(jobs, text, "alice");
        EXPECT_EQ(answer.status, 400) << answer.body;
        const auto json = answer.json();
        const auto* found = json.find("message");
        return found ? *found->as_string() : "no message: " + answer.body;
    }
};

TEST_F(SubmitTest, JsonFormAndMultipartAreTheSame) {
    const auto text = definition();
    const auto form = "other=1&definition=" + percent_encode(text, Blank::as_plus);
    const auto multipart =
        "--xyz\r\nContent-Disposition: form-data; name=\"definition\"; filename=\"job.yaml\"\r\n"
        "Content-Type: application/yaml\r\n\r\n" +
        text + "\r\n--xyz--\r\n";
    EXPECT_EQ(lab.post_definition(jobs, text, "alice").body,
              R"({"message":"job(s) successfully submitted","job_ids":[1]})");
    EXPECT_EQ(lab.post(jobs, "application/x-www-form-urlencoded", form, "alice").status, 201);
    EXPECT_EQ(lab.post(jobs, "Multipart/Form-Data; boundary=xyz", multipart, "alice").status, 201);
    EXPECT_EQ(lab.post(jobs + "?format=json&limit=256", "application/json; charset=utf-8",
                       R"({"definition": "{job_name: j, device_type: qemu, visibility: public, )"
                       R"(timeouts: {job: {minutes: 1}}, actions: []}"})",
                       "alice")
                  .status,
              201);
    const auto stored = text.substr(0, text.size() - 1);  // LAVA trims what it is given
    for (const std::int64_t id : {1, 2, 3}) {
        EXPECT_EQ(lab.job(JobId{id}).original_definition, stored) << id;
        EXPECT_EQ(lab.job(JobId{id}).submitter, "alice");
    }
}

TEST_F(SubmitTest, NoMoreJobsWaitThanTheLabAllows) {
    lab.settings.queue_limits.user = 2;
    lab.settings.queue_limits.all = 3;
    const auto first = submit();
    submit();
    EXPECT_EQ(message(definition()),
              "job submission failed: of yours 2 jobs wait already, as many as one user may queue "
              "in this lab; submit again when some have started, or cancel some.");
    const auto others = submit("smoke", {}, "bob");
    EXPECT_THAT(message(definition()), HasSubstr("of yours 2 jobs wait"));
    lab.schedule(first, "qemu-01");
    submit();
    EXPECT_EQ(
        lab.post_definition(jobs, definition(), "bob").body,
        R"({"message":"job submission failed: 3 jobs wait already, as many as this lab queues; submit again when )"
        R"(some have started."})");
    ASSERT_EQ(lab.get(url(others, "cancel/"), "bob").status, 200);
    submit("smoke", {}, "bob");
}

TEST_F(SubmitTest, TheStoredJobIsWhatWasAskedFor) {
    const auto job = submit("kernel", "metadata: {build: 42, ok: yes, deep: {a: [1, null]}}\ntags: [usb]\n");
    const auto json = lab.get(url(job)).json();
    EXPECT_EQ(*json.find("description"), config::Value{"kernel"});
    EXPECT_EQ(*json.find("state"), config::Value{"Submitted"});
    EXPECT_EQ(*json.find("health"), config::Value{"Unknown"});
    EXPECT_EQ(*json.find("priority"), config::Value{50});
    EXPECT_EQ(*json.find("requested_device_type"), config::Value{"qemu"});
    EXPECT_EQ(*json.find("tags"), (config::Value{config::List{1}}));
    EXPECT_EQ(*json.find("actual_device"), config::Value{});
    EXPECT_EQ(*json.find("multinode_definition"), config::Value{""});
    EXPECT_TRUE(json.find("original_definition")->as_string()->starts_with("# kept as it is\n"));
    EXPECT_TRUE(json.find("definition")->as_string()->starts_with("actions:\n")) << "dumped again, keys sorted";
    EXPECT_EQ(lab.get(url(job, "metadata/")).body,
              R"({"metadata":[{"build":"42"},{"ok":"true"},{"deep":"{'a': ['1', None]}"}]})");
}

TEST_F(SubmitTest, PriorityIsAWordOrANumber) {
    for (const auto& [given, stored] : std::initializer_list<std::pair<std::string, int>>{
             {"high", 100}, {"medium", 50}, {"low", 0}, {"0", 0}, {"100", 100}, {"73", 73}, {"yes", 1}}) {
        auto text = definition();
        text.replace(text.find("medium"), 6, given);
        const auto answer = lab.post_definition(jobs, text, "alice");
        ASSERT_EQ(answer.status, 201) << given << answer.body;
        EXPECT_EQ(lab.job(JobId{*answer.json().find("job_ids")->as_list()->front().as_int()}).priority, stored);
    }
    auto text = definition();
    text.replace(text.find("medium"), 6, "101");
    EXPECT_EQ(message(text), "Problem with submitted job data: Invalid job priority: 101. Should be in [0, 100]");
}

TEST_F(SubmitTest, TheQueueTimeoutIsKept) {
    auto text = definition();
    text.replace(text.find("timeouts:\n"), 10, "timeouts:\n  queue: {hours: 2}\n");
    ASSERT_EQ(lab.post_definition(jobs, text, "alice").status, 201);
    EXPECT_EQ(lab.job(JobId{1}).queue_timeout, 2h);
}

TEST_F(SubmitTest, EveryRefusalSaysWhy) {
    EXPECT_EQ(message(""), "no message: {\"definition\":[\"This field may not be blank.\"]}");
    EXPECT_EQ(message("a: b"), "Problem with submitted job data: extra keys not allowed @ data['a']");
    EXPECT_EQ(message("[1]"), "Problem with submitted job data: expected a dictionary");
    EXPECT_THAT(message("a: ["), HasSubstr("Problem with submitted job data: Loading job submission failed: while"));
    EXPECT_EQ(message(definition("j", "foo: bar\n")),
              "Problem with submitted job data: extra keys not allowed @ data['foo']");
    EXPECT_EQ(message(definition("j", "tags: [nope]\n")),
              "job submission failed: Device tag 'nope' does not exist in the database..");
    auto board = definition();
    board.replace(board.find("qemu"), 4, "board");
    EXPECT_EQ(message(board + "tags: [usb]\n"),
              "Devices unavailable: No devices of type board are available which have all of the tags 'usb'.");
    auto nope = definition();
    nope.replace(nope.find("qemu"), 4, "nope");
    EXPECT_EQ(message(nope), "Devices unavailable: Device type 'nope' is unavailable.");
    auto none = definition();
    none.replace(none.find("device_type: qemu\n"), 18, "");
    EXPECT_EQ(message(none), "job submission failed: 'device_type'.");
    auto group = definition();
    group.replace(group.find("visibility: public"), 18, "visibility: {group: [a]}");
    EXPECT_EQ(message(group), "Problem with submitted job data: No known groups were found in the visibility list.");
    EXPECT_EQ(*lab.get(jobs, "root").json().find("count"), config::Value{0});
}

TEST_F(SubmitTest, ReadsThatTakeLongHoldUpNoSubmission) {
    std::promise<void> end;
    auto read = [ended = end.get_future().share()](Database&) { ended.wait(); };
    const auto reading = asio::co_spawn(lab.lab.io, lab.lab.store->read_on_worker(std::move(read)), asio::use_future);
    submit();  // would never be answered
    end.set_value();
}

TEST_F(SubmitTest, ATypeWhoseDevicesAreAllRetiredIsUnavailable) {
    lab.lab.add_devices({a_device("qemu-02")});  // the others are gone from the configuration
    auto board = definition();
    board.replace(board.find("qemu"), 4, "board");
    EXPECT_EQ(message(board), "Devices unavailable: No devices of type board are available.");
}

TEST_F(SubmitTest, AJobAsksForSoManyNotificationsAndNoMore) {
    const auto asks = [](int callbacks, int recipients) {
        std::string text = "notify:\n  criteria: {status: all}\n  callbacks:\n";
        for (int i = 0; i < callbacks; ++i) text += "  - {url: 'http://a/'}\n";
        text += "  recipients:\n";
        for (int i = 0; i < recipients; ++i) text += "  - to: {method: email, user: alice}\n";
        return text;
    };
    submit("few", asks(20, 12));
    EXPECT_THAT(message(definition("many", asks(20, 13))),
                HasSubstr("notify: 33 callbacks and recipients; a job may have 32"));
}

TEST_F(SubmitTest, ABodyThatIsNoneIsRefused) {
    const auto status_and_body = [&](const std::string& type, const std::string& body) {
        const auto answer = lab.post(jobs, type, body, "alice");
        return std::to_string(answer.status) + " " + answer.body;
    };
    EXPECT_EQ(status_and_body("application/json", "{}"), R"(400 {"definition":["This field is required."]})");
    EXPECT_EQ(status_and_body("application/json", ""), R"(400 {"definition":["This field is required."]})");
    EXPECT_EQ(status_and_body("application/json", R"({"definition": null})"),
              R"(400 {"definition":["This field may not be null."]})");
    EXPECT_EQ(status_and_body("application/json", R"({"definition": {"a": 1}})"),
              R"(400 {"definition":["Not a valid string."]})");
    EXPECT_EQ(status_and_body("application/json", R"({"definition": true})"),
              R"(400 {"definition":["Not a valid string."]})");
    EXPECT_EQ(status_and_body("application/json", "[1]"),
              R"(400 {"non_field_errors":["Invalid data. Expected a dictionary, but got list."]})");
    EXPECT_THAT(status_and_body("application/json", "{definition: "),
                HasSubstr("400 {\"detail\":\"JSON parse error - "));
    EXPECT_THAT(status_and_body("application/json", "{\"definition\": \"\xff\"}"), HasSubstr("not UTF-8"));
    EXPECT_EQ(status_and_body("application/json", R"({"definition": "a\u0000b"})"),
              R"(400 {"definition":["Null characters are not allowed."]})");
    EXPECT_EQ(status_and_body("text/plain", definition()),
              R"(415 {"detail":"Unsupported media type \"text/plain\" in request."})");
    EXPECT_THAT(status_and_body("multipart/form-data", "x"), HasSubstr("400 {\"detail\":\"Multipart form parse error"));
    EXPECT_THAT(status_and_body("multipart/form-data; boundary=q", "--q\r\nbroken"), HasSubstr("not well-formed"));
    EXPECT_THAT(status_and_body("application/x-www-form-urlencoded", "definition=%ff"), HasSubstr("not UTF-8"));
}

TEST_F(SubmitTest, ResubmitMakesANewJobOfTheDumpedDefinition) {
    const auto first = submit();
    const auto answer = lab.send("POST", url(first, "resubmit/"), lab.authorization("bob"));
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, R"({"message":"job(s) successfully submitted","job_ids":[2]})");
    const auto second = lab.job(JobId{2});
    EXPECT_EQ(second.submitter, "bob");
    EXPECT_EQ(second.original_definition, lab.job(first).definition);
    EXPECT_EQ(lab.send("POST", "/api/v0.2/jobs/99/resubmit/", lab.authorization("bob")).status, 404);
}

}  // namespace
}  // namespace patchbay
