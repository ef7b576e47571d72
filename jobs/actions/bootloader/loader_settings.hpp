// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a device says of one of its boot loaders: actions.boot.methods.<method>, and the constants of that name.

#include <string>
#include <vector>

#include "jobs/actions/job_context.hpp"
#include "jobs/bootloader/interrupt.hpp"
#include "jobs/bootloader/loader_error.hpp"

namespace patchbay {

/// Which of the device's methods a boot block speaks to: of `method: bootloader` the one that it names.
std::string loader_of(const ActionBlock& block);

class LoaderSettings {
public:
    LoaderSettings(const JobContext& job, const ActionBlock& block);
    LoaderSettings(const JobContext& job, std::string method);

    const std::string& method() const { return method_; }
    /// The method's own map; nullptr: the device does not have it, or says nothing of it.
    const config::Map* map() const { return map_; }
    /// A key of its `parameters`; nullptr: it is not there.
    const config::Value* parameter(std::string_view key) const;
    std::string text(std::string_view key, const std::string& otherwise = {}) const;
    bool flag(std::string_view key, bool otherwise) const;
    /// Throws: ConfigurationError naming parameter and constant, the device has neither.
    std::string text_or_constant(std::string_view key, std::string_view constant) const;
    std::vector<std::string> list_or_constant(std::string_view key, std::string_view constant) const;

    /// Throws: ConfigurationError, there is none.
    std::string prompt() const;
    /// Throws: ConfigurationError, the device does not say how its loader is stopped.
    InterruptPlan interrupt_plan() const;
    /// constants.<method>.error-messages.
    ErrorMessages error_messages() const;
    /// What it says when it starts a kernel: the block's parameters.bootloader-final-message, else the constant.
    std::string final_message(const ActionBlock& block) const;

private:
    const config::Value* constant(std::string_view key) const;

    const DeviceDescription& device_;
    std::string method_;
    const config::Map* map_ = nullptr;
    const config::Map* parameters_ = nullptr;
};

/// A list of texts; one text counts as a list, all else as nothing.
std::vector<std::string> texts_of(const config::Value* value);

}  // namespace patchbay
