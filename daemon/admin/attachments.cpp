// SPDX-License-Identifier: Apache-2.0
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <ostream>

#include "daemon/admin/command.hpp"
#include "daemon/store/attachment_states.hpp"

namespace patchbay {
namespace {

std::string_view to_string(AttachmentState::Kind kind) {
    switch (kind) {
        case AttachmentState::Kind::begins:
            return "begins";
        case AttachmentState::Kind::attached:
            return "attached";
        case AttachmentState::Kind::fails:
            return "fails";
        case AttachmentState::Kind::stopped:
            return "stopped";
    }
    return "";
}

std::string last_problem(const AttachmentState& state) {
    if (!state.problem.empty()) return state.problem;
    return state.events_problem.empty() ? "-" : state.events_problem;
}

Task<> list_attachments(Store& store, std::ostream& out) {
    for (const auto& [state, since, open_jobs] : AttachmentStates{store.reader()}.list())
        out << state.name << "\t" << to_string(state.kind) << "\t" << format_log_time(since) << "\t"
            << (state.events ? "events" : "polls") << "\t" << open_jobs << "\t" << state.server << "\t" << state.worker
            << "\t" << last_problem(state) << "\n";
    co_return;
}

}  // namespace

void add_attach_commands(CLI::App& app, AdminCommand& chosen) {
    auto* attach = app.add_subcommand("attach", "LAVA servers whose jobs this lab's devices run");
    attach->require_subcommand(1);
    attach
        ->add_subcommand("list",
                         "print name, state, since when, how news come, open jobs, server, worker and last problem")
        ->callback([&chosen] { chosen = list_attachments; });
}

}  // namespace patchbay
