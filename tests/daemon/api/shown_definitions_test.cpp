// SPDX-License-Identifier: Apache-2.0
// What others read of a job with secrets: made once, when it is submitted.
#include "tests/daemon/api/smoke_lab.hpp"

#include <boost/asio/post.hpp>
#include <future>

namespace patchbay {
namespace {

using namespace testing;

class ShownDefinitionsTest : public ApiTest {
protected:
    const std::string secret = "secrets: {key: hunter2}\n";

    /// It is from a time before such texts were kept.
    void forget_masked_texts() {
        auto forget = [](Database& db) {
            db.change("DELETE FROM masked_text");
            db.change("UPDATE job_group SET masked_definition = NULL");
        };
        lab.lab.write(std::move(forget));
    }
    std::optional<MaskedTexts> masked_texts(JobId job) { return Jobs{lab.lab.reader()}.masked_texts(job); }
    void expect_masked(JobId job) {
        const auto plain = "/scheduler/job/" + std::to_string(job.value) + "/definition/plain/";
        for (const auto& path : {url(job), url(job, "definition/"), plain, std::string{"/api/v0.2/jobs/"}}) {
            const auto seen = lab.get(path, "bob");
            EXPECT_EQ(seen.status, 200) << path;
            EXPECT_THAT(seen.body, Not(HasSubstr("hunter2"))) << path;
            EXPECT_THAT(seen.body, HasSubstr("[MASKED]")) << path;
            EXPECT_THAT(lab.get(path, "alice").body, HasSubstr("hunter2")) << path;
        }
    }
    /// What `pool` is asked to do waits until the io thread has had something else to do. Then `turn` is true.
    void hold(asio::thread_pool& pool) {
        turn = false;
        asio::post(pool, [this] {
            auto others = std::make_shared<std::promise<void>>();
            asio::post(lab.lab.io, [this, others] {
                turn = true;
                others->set_value();
            });
            // Whoever does not come behind us on this pool has an answer by then, and nobody lets us go.
            others->get_future().wait_for(20s);
        });
    }
    bool turn = false;
};

TEST_F(ShownDefinitionsTest, OthersReadWhatWasMadeWhenTheJobCame) {
    const auto job = submit("s", secret);
    expect_masked(job);
    auto mark = [job](Database& db) {
        db.change(
            "UPDATE masked_text SET definition = 'made before', original_definition = 'of this text' WHERE job = $1",
            job);
    };
    lab.lab.write(std::move(mark));
    const auto shown = lab.get(url(job), "bob").json();
    EXPECT_EQ(*shown.find("definition"), config::Value{"made before"}) << "and not made anew";
    EXPECT_EQ(*shown.find("original_definition"), config::Value{"of this text"});
    EXPECT_EQ(lab.get(url(job, "definition/"), "bob").body, "\"made before\"");
    EXPECT_EQ(lab.get("/scheduler/job/1/definition/plain/", "bob").body, "of this text");
    EXPECT_THAT(lab.get("/api/v0.2/jobs/", "bob").body, HasSubstr("made before"));
    EXPECT_THAT(lab.get("/api/v0.2/jobs/?ordering=description", "bob").body, HasSubstr("made before"));
    EXPECT_THAT(lab.get(url(job), "alice").body, HasSubstr("hunter2"));
}

TEST_F(ShownDefinitionsTest, AJobOfAnEarlierTimeIsMaskedByTheCheckersMeanwhileOthersHaveTheirTurn) {
    const auto job = submit("s", secret);
    forget_masked_texts();
    for (const std::string rest : {"", "definition/"}) {
        hold(lab.services().checkers);
        EXPECT_THAT(lab.get(url(job, rest), "bob").body, HasSubstr("[MASKED]"));
        EXPECT_TRUE(turn) << "the io thread has done it itself: " << rest;
    }
    expect_masked(job);
}

TEST_F(ShownDefinitionsTest, AListWithAJobOfAnEarlierTimeIsMadeByAWorker) {
    submit("s", secret);
    submit("later");
    forget_masked_texts();
    hold(lab.lab.workers);
    const auto list = lab.get("/api/v0.2/jobs/", "bob");
    EXPECT_TRUE(turn) << "the io thread has done it itself";
    EXPECT_EQ(*list.json().find("count"), config::Value{2});
    EXPECT_THAT(list.body, HasSubstr("[MASKED]"));
    EXPECT_THAT(list.body, Not(HasSubstr("hunter2")));
}

TEST_F(ShownDefinitionsTest, OfATextThatCannotBeMaskedNothingIsShown) {
    const auto job = submit("s", secret);
    forget_masked_texts();
    auto spoil = [job](Database& db) {
        db.change(
            "UPDATE job_text SET definition = 'secrets: {key: hunter2', original_definition = NULL WHERE job = $1",
            job);
    };
    lab.lab.write(std::move(spoil));
    const auto shown = lab.get(url(job), "bob");
    EXPECT_EQ(*shown.json().find("definition"), config::Value{""});
    EXPECT_THAT(shown.body, Not(HasSubstr("hunter2")));
}

TEST_F(ShownDefinitionsTest, ATextThatOnlySpeaksOfSecretsIsShownAsItIs) {
    const auto job = submit("about secrets");
    const auto texts = masked_texts(job);
    ASSERT_TRUE(texts) << "known, so that nothing is parsed for it";
    EXPECT_FALSE(texts->definition);
    const auto shown = lab.get(url(job), "bob").json();
    EXPECT_EQ(*shown.find("original_definition"), config::Value{lab.job(job).original_definition});
    EXPECT_EQ(*shown.find("definition"), config::Value{lab.job(job).definition});
}

TEST_F(ShownDefinitionsTest, AnotherAttemptAndAnotherJobHaveThemToo) {
    const auto job = submit("s", secret);
    lab.schedule(job, "qemu-01");
    auto requeue = [job](Database& db) { return Jobs{db}.requeue(job, wall_now()); };
    EXPECT_TRUE(lab.lab.write(std::move(requeue)));
    EXPECT_TRUE(masked_texts(job));
    expect_masked(job);
    EXPECT_EQ(lab.post(url(job, "resubmit/"), "application/json", "", "alice").status, 201);
    EXPECT_TRUE(masked_texts(JobId{2}));
    expect_masked(JobId{2});
    EXPECT_EQ(lab.post(url(job, "resubmit/"), "application/json", "", "bob").status, 201);
    EXPECT_THAT(lab.job(JobId{3}).definition, HasSubstr("[MASKED]")) << "bob has no secret of alice to give";
}

TEST_F(ShownDefinitionsTest, OfAMultinodeJobTheWholeIsMaskedAsItsPartsAre) {
    const std::string text =
        "job_name: multi\nvisibility: public\ntimeouts: {job: {minutes: 10}}\nprotocols: {lava-multinode: {roles: "
        "{a: {device_type: qemu, count: 1}}}}\nactions: [{deploy: {role: [a], to: tmpfs, images: {}}}]\n" +
        secret;
    ASSERT_EQ(lab.post_definition("/api/v0.2/jobs/", text, "alice").status, 201);
    const JobId part{1};
    ASSERT_TRUE(masked_texts(part));
    for (const bool stored : {true, false}) {
        if (!stored) forget_masked_texts();
        const auto shown = lab.get(url(part), "bob").json();
        for (const auto* key : {"definition", "original_definition", "multinode_definition"}) {
            EXPECT_THAT(*shown.find(key)->as_string(), HasSubstr("[MASKED]")) << key;
            EXPECT_THAT(*shown.find(key)->as_string(), Not(HasSubstr("hunter2"))) << key;
        }
        EXPECT_EQ(*lab.get(url(part), "alice").json().find("multinode_definition"),
                  config::Value{lab.job(part).multinode_definition});
    }
}

}  // namespace
}  // namespace patchbay
