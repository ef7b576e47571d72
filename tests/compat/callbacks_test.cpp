// SPDX-License-Identifier: Apache-2.0
// Recorded callbacks of LAVA 2023.01 and ours for the same job: every field, in order, with its type and its text.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "core/config/yaml.hpp"
#include "daemon/api/times.hpp"
#include "daemon/deliver/callback_body.hpp"
#include "daemon/deliver/payload.hpp"
#include "tests/compat/recorded_lab.hpp"
#include "tests/core/config/typed_json.hpp"

namespace patchbay {
namespace {

using namespace testing;

using Fields = std::vector<std::pair<std::string, config::Value>>;

Fields json_fields(const std::string& text) {
    Fields fields;
    const auto object = config::parse_json(text);
    for (const auto& [key, value] : *object.as_map()) fields.emplace_back(*key.as_string(), value);
    return fields;
}

int hex(char c) { return c <= '9' ? c - '0' : c - 'A' + 10; }

Fields form_fields(const std::string& text) {
    Fields fields;
    std::string parts[2];
    std::size_t part = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i == text.size() || text[i] == '&') {
            fields.emplace_back(parts[0], parts[1]);
            parts[0].clear();
            parts[1].clear();
            part = 0;
        } else if (text[i] == '=' && part == 0) {
            part = 1;
        } else if (text[i] == '%') {
            parts[part] += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else {
            parts[part] += text[i] == '+' ? ' ' : text[i];
        }
    }
    return fields;
}

struct Known {
    const char* field;
    enum { ours_only, theirs_only, value } how;
    const char* reason;
};
constexpr Known known[] = {
    {"submitter_email", Known::ours_only, "later versions of LAVA have it"},
    {"health_check", Known::ours_only, "later versions of LAVA have it"},
    {"token", Known::theirs_only, "the secret of the header, told again in the body; later versions of LAVA do not"},
    {"end_time", Known::value, "2023.01 sends before it has saved when the job ended, and says None"},
    {"start_time", Known::value, "the same of Running"},
};

const Known* difference(const std::string& field) {
    for (const auto& one : known)
        if (field == one.field) return &one;
    return nullptr;
}

void expect_same(const Fields& ours, const Fields& recorded) {
    Fields mine, theirs;
    for (const auto& field : ours)
        if (const auto* one = difference(field.first); !one || one->how != Known::ours_only) mine.push_back(field);
    for (const auto& field : recorded)
        if (const auto* one = difference(field.first); !one || one->how != Known::theirs_only) theirs.push_back(field);
    ASSERT_EQ(mine.size(), theirs.size());
    for (std::size_t i = 0; i < mine.size(); ++i) {
        EXPECT_EQ(mine[i].first, theirs[i].first);
        const auto* one = difference(theirs[i].first);
        if (one && theirs[i].second == config::Value{"None"}) continue;
        EXPECT_EQ(mine[i].second, theirs[i].second) << theirs[i].first;
    }
}

class RecordedCallbacks : public ::testing::Test {
protected:
    RecordedLab recorded{"j-notify"};

    void SetUp() override {
        for (const auto& exchange : read_exchanges("j-notify")) recorded.replay(exchange);
    }
    std::string ours(Dataset dataset, ContentType type) {
        const auto job = *Jobs{recorded.lab.lab.reader()}.find(JobId{53});
        CallbackBody body{recorded.lab.lab.reader(), job, "admin@lab.example", dataset, type};
        std::string text;
        for (auto piece = body.next(); !piece.empty(); piece = body.next()) text += piece;
        return text;
    }
    static std::string theirs(const std::string& file) { return read_text(golden_file("j-notify") / file); }
};

TEST_F(RecordedCallbacks, EachDataSetInJsonIsTheRecordedOneFieldForField) {
    expect_same(json_fields(ours(Dataset::minimal, ContentType::json)),
                json_fields(theirs("callback-01-minimal.json")));
    expect_same(json_fields(ours(Dataset::results, ContentType::json)),
                json_fields(theirs("callback-02-results.json")));
    const auto all = json_fields(theirs("callback-04-all.json"));
    expect_same(json_fields(ours(Dataset::all, ContentType::json)), all);
    auto logs = all;
    std::erase_if(logs, [](const auto& field) { return field.first == "results"; });
    expect_same(json_fields(ours(Dataset::logs, ContentType::json)), logs);
}

TEST_F(RecordedCallbacks, AFormIsTheRecordedOnePairForPair) {
    expect_same(form_fields(ours(Dataset::all, ContentType::urlencoded)),
                form_fields(theirs("callback-05-urlencoded.form")));
}

TEST_F(RecordedCallbacks, TheMomentOfTheEndIsToldWhereLavaSaysNone) {
    const auto fields = json_fields(ours(Dataset::minimal, ContentType::json));
    for (const auto& [name, value] : fields) {
        EXPECT_NE(name, "token");
        EXPECT_FALSE(name == "end_time" && value == config::Value{"None"});
        EXPECT_FALSE(name == "submitter_email" && value != config::Value{"admin@lab.example"});
    }
}

/// What labs have sent to KernelCI: it finds each of its fields in ours, with the same type, and each key of a result.
TEST_F(RecordedCallbacks, NothingIsMissingThatKernelciHasSeen) {
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (!corpus) GTEST_SKIP() << "PATCHBAY_CORPUS does not name the folder of the corpus";
    const std::set<std::string> of_kernelci{"lab_name", "boot_log_html", "version", "token"};
    const auto mine = config::parse_json(ours(Dataset::all, ContentType::json));
    const auto case_of = [](const config::Value& callback) {
        return config::parse_yaml(*callback.find("results")->find("lava")->as_string()).as_list()->front();
    };
    for (const auto& entry : std::filesystem::directory_iterator{std::filesystem::path{corpus} / "callbacks"}) {
        if (entry.path().extension() != ".json") continue;
        const auto seen = config::parse_json(read_text(entry.path()));
        for (const auto& [key, value] : *seen.as_map()) {
            if (of_kernelci.contains(*key.as_string())) continue;
            const auto* own = mine.find(*key.as_string());
            ASSERT_TRUE(own) << *key.as_string() << " of " << entry.path();
            const bool same = own->storage().index() == value.storage().index();
            EXPECT_TRUE(same || own->is_null() || value.is_null()) << *key.as_string() << " of " << entry.path();
        }
        const auto own_case = case_of(mine), seen_case = case_of(seen);
        for (const auto& [key, value] : *seen_case.as_map()) {
            ASSERT_TRUE(own_case.find(*key.as_string())) << *key.as_string() << " of " << entry.path();
            EXPECT_EQ(own_case.find(*key.as_string())->storage().index(), value.storage().index()) << *key.as_string();
        }
    }
}

/// The recorded job as it was when this callback was made.
JobRow job_of(const config::Value& callback) {
    const auto text = [&](const char* key) { return config::string_or_empty(callback.find(key)); };
    JobRow job;
    job.id = JobId{*callback.find("id")->as_int()};
    job.submitter = text("submitter_username");
    job.description = text("description");
    job.actual_device = text("actual_device_id");
    job.definition = text("definition");
    job.submit_time = *parse_time(text("submit_time"));
    job.start_time = parse_time(text("start_time")).value_or(job.submit_time + 1s);
    job.end_time = job.submit_time + 10s;
    job.failure_comment = "of the end";
    job.state = JobState::finished;
    job.health = JobHealth::complete;
    return job;
}

TEST(RecordedStates, EachStateTellsWhatIsKnownThen) {
    for (const char* file : {"callback-01-each-state.json", "callback-02-each-state.json"}) {
        const auto text = read_text(golden_file("j2-notify-all") / file);
        const auto callback = config::parse_json(text);
        auto job = job_of(callback);
        const bool over = *callback.find("state")->as_int() == 5;
        if (over) job.failure_comment.reset();
        job =
            job_at(job, over ? JobState::finished : JobState::running, over ? JobHealth::complete : JobHealth::unknown);
        expect_same(json_fields(payload_head(job, job.definition, "", ContentType::json) + "}"), json_fields(text));
        EXPECT_EQ(job.end_time.has_value(), over) << "nothing of what came later";
        EXPECT_FALSE(job.failure_comment);
    }
}

}  // namespace
}  // namespace patchbay
