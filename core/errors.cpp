// SPDX-License-Identifier: Apache-2.0
#include "core/errors.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace patchbay {

std::string_view to_string(ErrorType type) {
    switch (type) {
        case ErrorType::infrastructure:
            return "Infrastructure";
        case ErrorType::job:
            return "Job";
        case ErrorType::test:
            return "Test";
        case ErrorType::configuration:
            return "Configuration";
        case ErrorType::bug:
            return "Bug";
        case ErrorType::canceled:
            return "Canceled";
        case ErrorType::lava_timeout:
            return "LAVATimeout";
        case ErrorType::multinode_timeout:
            return "MultinodeTimeout";
    }
    return "Bug";
}

std::string_view help_text(ErrorType type) {
    switch (type) {
        case ErrorType::infrastructure:
            return "InfrastructureError: something around the device failed (power, console, network, storage). "
                   "The job may pass when it is run again; the lab's owner should look at the log above.";
        case ErrorType::job:
            return "JobError: the job cannot work as it is written, or the device did not answer in time. "
                   "Please check the job definition and the log above.";
        case ErrorType::test:
            return "TestError: a test action could not run to its end. Please check the test definition and the log "
                   "above.";
        case ErrorType::configuration:
            return "ConfigurationError: the configuration of the lab or of the device is wrong. The lab's owner must "
                   "act.";
        case ErrorType::bug:
            return "LAVABug: this is a defect of Patchbay itself. Please report it with this log.";
        case ErrorType::canceled:
            return "JobCanceled: the job was canceled.";
        case ErrorType::lava_timeout:
            return "LAVATimeoutError: an action ran out of time.";
        case ErrorType::multinode_timeout:
            return "MultinodeProtocolTimeoutError: another device of the group did not answer in time.";
    }
    return "LAVABug: unknown error class.";
}

namespace {

void append(std::string& text, const std::exception& error) {
    if (!text.empty()) text += ": ";
    text += error.what();
    try {
        std::rethrow_if_nested(error);
    } catch (const std::exception& inner) {
        append(text, inner);
    } catch (...) {
        text += ": unknown exception";
    }
}

}  // namespace

std::string describe(const std::exception& error) {
    std::string text;
    append(text, error);
    return text;
}

std::string describe(std::exception_ptr error) {
    if (!error) return "no error";
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return describe(e);
    } catch (...) {
        return "unknown exception";
    }
}

void raise(ErrorType type, const std::string& message) {
    switch (type) {
        case ErrorType::infrastructure:
            throw InfrastructureError{message};
        case ErrorType::job:
            throw JobError{message};
        case ErrorType::test:
            throw TestError{message};
        case ErrorType::configuration:
            throw ConfigurationError{message};
        case ErrorType::bug:
            throw LavaBug{message};
        case ErrorType::canceled:
            throw JobCanceled{message};
        case ErrorType::lava_timeout:
            throw LavaTimeoutError{message};
        case ErrorType::multinode_timeout:
            break;
    }
    throw Error{type, message};
}

void Failures::raise_if_any() const {
    if (all_.empty()) return;
    std::vector<std::string> texts;
    for (const auto& failure : all_) {
        auto text = describe(failure);
        if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
    }
    if (texts.size() == 1) std::rethrow_exception(all_.front());
    std::string together;
    for (const auto& text : texts) together += (together.empty() ? "" : "; ") + text;
    throw InfrastructureError{together};
}

bool is_cancellation(std::exception_ptr error) {
    if (!error) return false;
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        return e.code() == boost::asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

}  // namespace patchbay
