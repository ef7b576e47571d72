// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "core/scrollback.hpp"
#include "jobs/console/silence.hpp"

namespace patchbay {

/// The console of a person's lease, as it is heard beside its one reader and its one writer.
class SessionWitness final : public Witness {
public:
    /// `said`: what the reader has read. `type` hands keys to the writer. Both must outlive it.
    SessionWitness(const Scrollback& said, std::function<void(const std::string&)> type)
        : said_{said}, type_{std::move(type)} {}

    /// Of the reader.
    void opened() {
        open_ = true;
        ++openings_;
    }
    void ended() { open_ = false; }

    /// Itself while the console is open, else null.
    Witness* if_open() { return open_ ? this : nullptr; }

    Task<std::string> hear(Clock::duration time) override;
    Task<> call() override;
    bool has_spoken() const override { return said_.end() > 0; }

private:
    const Scrollback& said_;
    std::function<void(const std::string&)> type_;
    bool open_ = false;
    int openings_ = 0;
};

}  // namespace patchbay
