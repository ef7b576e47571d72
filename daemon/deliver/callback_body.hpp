// SPDX-License-Identifier: Apache-2.0
#pragma once
// The body of a callback in pieces, straight from the store: a job's log may have gigabytes, and nothing here is larger
// than a few of its chunks.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/notify/notify_map.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

class CallbackBody {
public:
    /// Log and results are those of now, however they grow while the body is read. `db` must outlive it; between two
    /// calls nothing is held open there.
    CallbackBody(Database& db, const JobRow& job, const std::string& email, Dataset dataset, ContentType type);

    /// The next piece; "" at the end. Throws: StoreError.
    std::string next();
    /// Begins again: the same bytes, unless log or job were removed meanwhile.
    void rewind();
    /// Bytes of the whole body, counted by reading all of it; then begins again. Receivers want the length first.
    std::uint64_t count();

private:
    enum class Part { head, log, suites, end };

    std::string next_part();
    std::string log_piece();
    std::string results_piece();
    std::string cases_of_suite();
    bool is_json() const { return type_ == ContentType::json; }

    Database& db_;
    JobId job_;
    ContentType type_;
    std::string head_;
    std::int64_t lines_ = 0;  // of the log that is told; 0: none
    bool tells_results_ = false;
    std::vector<SuiteRow> suites_;
    std::int64_t last_case_ = 0;

    Part part_ = Part::head;
    std::int64_t line_ = 0;
    bool inside_ = false;  // of the text of a log or a suite
    std::size_t suite_ = 0;
    std::int64_t case_ = 0;
};

}  // namespace patchbay
