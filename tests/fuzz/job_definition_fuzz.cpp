// SPDX-License-Identifier: Apache-2.0
// Any bytes: the gate, the validation and the reader of jobs answer or throw what they promise.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "jobs/definition/definition.hpp"
#include "jobs/definition/submission.hpp"
#include "jobs/definition/validation.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    config::Value job;
    try {
        job = load_submission(text);
    } catch (const SubmissionError&) {
        return 0;
    }
    submission_problem(job);
    validate_job(job, Strictness::lenient);
    validate_job(job, Strictness::strict);
    validate_test_definition(job);
    try {
        read_definition(job);
    } catch (const JobError&) {
    }
    return 0;
}
