// SPDX-License-Identifier: Apache-2.0
#pragma once
// Calls to a multinode group through the journal, which loses none, and answers over the control socket, which the
// daemon repeats after each of its restarts.

#include <boost/asio/any_io_executor.hpp>
#include <string_view>

#include "core/clock.hpp"
#include "jobs/actions/group_link.hpp"
#include "jobs/journal/journal_writer.hpp"

namespace patchbay {

class JournalSink;

class LeaseGroup final : public GroupLink {
public:
    /// A test that calls in a loop ends here, and not with the disk.
    static constexpr std::int64_t most_calls = 20'000;
    /// Of all calls of one job together.
    static constexpr std::size_t most_bytes = 4 * 1024 * 1024;

    LeaseGroup(asio::any_io_executor executor, JournalWriter& journal, JournalSink& sink);

    Task<std::optional<GroupAnswer>> ask(GroupCall call, Deadline deadline) override;
    /// A line of the control socket; what is no answer to the call that waits is ignored.
    void hear(std::string_view line);

private:
    /// Why the call is not made; empty: it is.
    std::string refusal(const GroupCall& call) const;

    JournalWriter& journal_;
    JournalSink& sink_;
    Timer answered_;
    std::int64_t last_ = 0;
    std::size_t bytes_ = 0;
    std::optional<GroupAnswer> answer_;
};

}  // namespace patchbay
