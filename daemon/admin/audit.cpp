// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/audit.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <ostream>

#include "core/log_lines.hpp"
#include "daemon/admin/command.hpp"

namespace patchbay {
namespace {

Task<> list_deeds(Store& store, Audit::Wanted wanted, std::ostream& out) {
    for (const auto& row : Audit{store.reader()}.list(wanted))
        out << format_log_time(row.when) << "\t" << row.deed.who << "\t" << row.deed.action << "\t" << row.deed.object
            << "\t" << one_line(row.deed.detail) << "\n";
    co_return;
}

}  // namespace

void add_audit_command(CLI::App& app, AdminCommand& chosen) {
    const auto wanted = std::make_shared<Audit::Wanted>();
    auto* audit = app.add_subcommand("audit", "print who did what, newest first");
    const auto filter = [audit](const char* option, std::optional<std::string>& value, const char* what) {
        audit->add_option_function<std::string>(
            option, [&value](const std::string& text) { value = text; }, what);
    };
    filter("--who", wanted->who, "by this user only");
    filter("--action", wanted->action, "only this: job.submit, token.add, ...");
    filter("--object", wanted->object, "done to this only: a job's number, a device, a user");
    audit->add_option("--limit", wanted->limit, "so many at most (50)");
    audit->callback([&chosen, wanted] {
        chosen = [wanted](Store& store, std::ostream& out) { return list_deeds(store, *wanted, out); };
    });
}

}  // namespace patchbay
