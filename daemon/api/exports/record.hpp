// SPDX-License-Identifier: Apache-2.0
#pragma once
// One result as the exports show it (lava_results_app/dbutils.py, the forms of LAVA 2023.01). All scalars are texts.

#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

struct ExportRecord {
    std::string name, job, suite, result;
    std::string measurement;  ///< "12.5", with the digits it was reported with; "None"
    std::string unit, level, url, id, logged;
    std::string log_start_line, log_end_line;  ///< "" for none and also for line 0
    config::Value metadata;                    ///< the message; `extra` is a list of maps with one key each
};

ExportRecord export_record(const CaseRow& row, JobId job);
std::vector<ExportRecord> export_records(const std::vector<CaseRow>& rows, JobId job);

/// How Python's decimal prints a float that it was made from: 30 significant digits, no zeros at the end.
std::string exact_decimal(double number);

}  // namespace patchbay
