// SPDX-License-Identifier: Apache-2.0
#pragma once
// One exception class for each answer to "who must act?". The names in error_type are LAVA's
// (lava_common/exceptions.py); clients match on them, so new ones are never invented.

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

enum class ErrorType { infrastructure, job, test, configuration, bug, canceled, lava_timeout, multinode_timeout };

/// LAVA's word for it: "Infrastructure", "Job", "Test", "Configuration", "Bug", "Canceled", "LAVATimeout", ...
std::string_view to_string(ErrorType type);

/// The fixed sentence that ends a failed job's log, beginning with LAVA's class name and a colon.
std::string_view help_text(ErrorType type);

/// The root of everything that we throw on purpose. The message names the thing, the fact and the next step.
class Error : public std::runtime_error {
public:
    Error(ErrorType type, const std::string& message) : std::runtime_error{message}, type_{type} {}
    ErrorType type() const { return type_; }

private:
    ErrorType type_;
};

/// Relay gone, server down, disk full: the lab's owner acts.
struct InfrastructureError : Error {
    explicit InfrastructureError(const std::string& m) : Error{ErrorType::infrastructure, m} {}
};
/// The console of the board ended. LAVA gives it an own help text and the type Infrastructure.
struct ConnectionClosedError : InfrastructureError {
    using InfrastructureError::InfrastructureError;
};
/// The request cannot work as written: the submitter acts.
struct JobError : Error {
    explicit JobError(const std::string& m) : Error{ErrorType::job, m} {}
};
/// The test code broke: the test's author acts.
struct TestError : Error {
    explicit TestError(const std::string& m) : Error{ErrorType::test, m} {}
};
/// The lab's or a device's configuration is wrong: the lab's owner acts.
struct ConfigurationError : Error {
    explicit ConfigurationError(const std::string& m) : Error{ErrorType::configuration, m} {}
};
/// Ours.
struct LavaBug : Error {
    explicit LavaBug(const std::string& m) : Error{ErrorType::bug, m} {}
};
/// Somebody asked the job to stop; the message is the reason.
struct JobCanceled : Error {
    explicit JobCanceled(const std::string& m) : Error{ErrorType::canceled, m} {}
};
/// A test action ran out of time; the top-level action turns it into a TestError or skips it.
struct LavaTimeoutError : Error {
    explicit LavaTimeoutError(const std::string& m) : Error{ErrorType::lava_timeout, m} {}
};

/// A deadline passed. Whoever set the deadline catches it and says what that means (Job, Infrastructure, ...).
struct TimedOut : std::runtime_error {
    explicit TimedOut(const std::string& what) : std::runtime_error{"timed out: " + what} {}
};

/// The whole chain of nested exceptions in one line, outermost first: "power-off imx8: gpiochip0: Input/output error".
std::string describe(const std::exception& error);
std::string describe(std::exception_ptr error);

/// Throws an Error of class `type` with `message`.
[[noreturn]] void raise(ErrorType type, const std::string& message);

/// Collects what went wrong in steps of which each must be tried, whatever the others did.
class Failures {
public:
    void add(std::exception_ptr failure) { all_.push_back(std::move(failure)); }
    /// Throws: a single failure as it is; of several an InfrastructureError with all their texts.
    void raise_if_any() const;

private:
    std::vector<std::exception_ptr> all_;
};

/// Is this how asio says that the coroutine was cancelled?
bool is_cancellation(std::exception_ptr error);

}  // namespace patchbay
