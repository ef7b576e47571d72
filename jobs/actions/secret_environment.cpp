// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/secret_environment.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

// ld.so(8), environ(7), bash(1), git(1), ssh(1), curl(1) and the interpreters' manuals.
constexpr std::array<std::string_view, 20> steering_prefixes{
    "LD_",    "GIT_", "SSH_", "PATCHBAY_", "PYTHON", "PERL",     "RUBY",    "BASH", "NODE_",  "JAVA_",
    "_JAVA_", "JDK_", "XDG_", "CURL_",     "SSL_",   "OPENSSL_", "MALLOC_", "LC_",  "GLIBC_", "GCONV"};
constexpr std::array<std::string_view, 24> steering_names{
    "PATH",      "HOME",        "ENV",         "IFS",   "SHELL",  "SHELLOPTS", "CDPATH",  "PS4",
    "TMPDIR",    "LANG",        "LANGUAGE",    "PAGER", "EDITOR", "VISUAL",    "BROWSER", "LESSOPEN",
    "LESSCLOSE", "HOSTALIASES", "LOCALDOMAIN", "TZDIR", "TZ",     "LOCPATH",   "NLSPATH", "RES_OPTIONS"};
// What a secret is likely to be called, whatever stands before: GIT_TOKEN steers nothing.
constexpr std::array<std::string_view, 3> harmless_ends{"_TOKEN", "_USER", "_PASSWORD"};

}  // namespace

bool is_variable(std::string_view name) {
    const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::all_of(name.begin(), name.end(), fits);
}

bool is_free_variable(std::string_view name) {
    if (!is_variable(name) || std::getenv(std::string{name}.c_str()) != nullptr) return false;
    std::string upper{name};  // proxies are written either way
    for (auto& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const auto begins = [&name](std::string_view prefix) { return name.starts_with(prefix); };
    const auto ends = [&name](std::string_view end) { return name.ends_with(end); };
    if (std::any_of(harmless_ends.begin(), harmless_ends.end(), ends)) return true;
    return !upper.ends_with("_PROXY") && std::none_of(steering_prefixes.begin(), steering_prefixes.end(), begins) &&
           std::find(steering_names.begin(), steering_names.end(), name) == steering_names.end();
}

std::map<std::string, std::string> secret_environment(JobContext& job) {
    std::map<std::string, std::string> environment;
    for (const auto& [name, value] : job.definition.secrets) {
        if (job.settings.trusted_jobs || is_free_variable(name)) {
            environment[name] = value;
        } else {
            job.log.warning("the secret '" + name +
                            "' is not given to programs of this host, as its name would change what they do; give it "
                            "another name, such as 'MY_TOKEN'");
        }
    }
    return environment;
}

}  // namespace patchbay
