// SPDX-License-Identifier: Apache-2.0
#pragma once
// The commands of patchbayd that look after notifications.

#include <CLI/App.hpp>
#include <functional>
#include <iosfwd>
#include <string>

#include "core/task.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

class NotificationCommands {
public:
    /// Adds `outbox` and `remote-token` to `app`, and `email` to its command `user`.
    NotificationCommands(CLI::App& app, CLI::App& user);

    /// Runs the one that was given, by `on_store`; false when it was none of these.
    bool run(const std::function<void(const std::function<Task<>(Store&)>&)>& on_store, std::ostream& out);

private:
    std::string name_, token_, address_;
    std::int64_t number_ = 0;
    bool all_ = false;
    CLI::App* email_;
    CLI::App* token_add_;
    CLI::App* token_list_;
    CLI::App* token_delete_;
    CLI::App* outbox_list_;
    CLI::App* outbox_retry_;
};

}  // namespace patchbay
