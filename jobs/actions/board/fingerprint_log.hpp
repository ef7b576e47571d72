// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/actions/job_log.hpp"
#include "jobs/console/fingerprint.hpp"

namespace patchbay {

/// The job's log as a console sees it: on the way, each line is compared with what the device should say.
class FingerprintLog final : public ConsoleLog {
public:
    FingerprintLog(JobLog& log, const std::vector<std::string>& expressions) : log_{log}, print_{expressions} {}

    void target(std::string_view line) override {
        print_.line(line);
        log_.target(line);
    }
    void feedback(std::string_view ns, std::string_view line) override {
        print_.line(line);
        log_.feedback(ns, line);
    }
    void input(std::string_view text) override { log_.input(text); }
    void pause() override { log_.pause(); }

    /// The device gets power now.
    void powered() {
        print_.powered();
        compares_ = true;
    }
    /// Throws: InfrastructureError, what the device said since it got power is not its own; no job has to know what is
    ///         wired to what.
    void check(const std::string& device) const {
        if (!compares_ || print_.complete()) return;
        throw InfrastructureError{"device " + device + ": " + print_.problem() +
                                  "; are the console cables of two boards swapped? (its 'fingerprint' says what it "
                                  "should print at power-on)"};
    }
    bool complete() const { return print_.complete(); }

private:
    JobLog& log_;
    Fingerprint print_;
    bool compares_ = false;  ///< a board that was not powered by this job has said it before
};

}  // namespace patchbay
