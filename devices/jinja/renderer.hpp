// SPDX-License-Identifier: Apache-2.0
#pragma once
// LAVA's device dictionaries and device-type templates are Jinja; Python's jinja2 renders them, in a program of its
// own.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/task.hpp"

namespace patchbay {

/// What dictionaries may extend.
struct Templates {
    std::vector<std::filesystem::path> folders;   ///< the first that has a template wins
    std::map<std::string, std::string> uploaded;  ///< by file name; they go before the folders

    bool operator==(const Templates&) const = default;
};

/// One device dictionary, and for what it is rendered.
struct Dictionary {
    std::string name;  ///< of its file, for messages
    std::string text;
    config::Map context;      ///< of the job
    std::string device;       ///< `scheduled_device_name`
    std::string device_type;  ///< `scheduled_device_type`
};

/// There is no Python with jinja2; the message names the package.
struct NoRenderer : ConfigurationError {
    using ConfigurationError::ConfigurationError;
};

enum class Mistake { none, syntax, other };

struct Rendering {
    std::string text;     ///< YAML
    std::string problem;  ///< empty for a good one: "board-01.jinja2:3: there is no template 'x.jinja2'; …"
    std::string missing;  ///< that template
    Mistake mistake = Mistake::none;
};

/// The most bytes that one dictionary, one template, or what they are rendered to may have.
inline constexpr std::size_t longest_template = 1024 * 1024;

/// Renders all of them, in their order, in one process that can open nothing but the templates. Each may take 5 s of
/// processor time and 512 MiB; what one breaks costs that one alone.
/// Throws: NoRenderer, ConfigurationError when the deadline has passed.
Task<std::vector<Rendering>> render_dictionaries(Templates templates, std::vector<Dictionary> dictionaries,
                                                 Deadline deadline);

/// The same for a thread that may wait.
std::vector<Rendering> render_dictionaries_now(Templates templates, std::vector<Dictionary> dictionaries);

/// The device file in it. Throws: ConfigurationError, it has a problem, or it is no YAML.
config::Value rendered_value(const Rendering& rendering, const std::string& name);

}  // namespace patchbay
