// SPDX-License-Identifier: Apache-2.0
#pragma once
// The `notify` map of a job's definition, typed (lava_scheduler_app/models.py,
// create_notification). Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/value.hpp"

namespace patchbay {

enum class NotifyStatus { running, finished, all, complete, incomplete, canceled };
enum class NotifyChange { any, regression, progression };

/// When something is sent.
struct NotifyCriteria {
    NotifyStatus status = NotifyStatus::finished;
    NotifyChange change = NotifyChange::any;
    std::string dependency_query;  ///< conditions on other jobs, "" for none
};

enum class Dataset { minimal, logs, results, all };
enum class ContentType { urlencoded, json };
enum class CallbackMethod { get, post };

struct Callback {
    std::string url;  ///< with its {HOLES}
    CallbackMethod method = CallbackMethod::get;
    std::string token;  ///< a secret, or the name of a stored one; "" for none
    std::string header = "Authorization";
    Dataset dataset = Dataset::minimal;
    ContentType content_type = ContentType::urlencoded;
};

struct Recipient {
    enum class Method { mail, irc };
    Method method = Method::mail;
    std::string user;   ///< name of a user, or device_owner
    std::string email;  ///< goes before `user`
    std::string handle, server;

    static constexpr std::string_view device_owner = "{LAVA_DEVICE_OWNER}";
};

enum class Verbosity { verbose, quiet, status_only };

/// Jobs to compare with in a verbose mail, and the suites and cases that are left out of it.
struct Comparison {
    std::string conditions;  ///< "testjob__submitter__exact__alice,..."; "" for none
    std::vector<std::string> blacklist;
};

struct Notify {
    NotifyCriteria criteria;
    Verbosity verbosity = Verbosity::quiet;
    std::vector<Callback> callbacks;
    std::vector<Recipient> recipients;
    Comparison comparison;

    /// One recipient is meant when the job names nobody: its submitter.
    bool mails_submitter() const { return callbacks.empty() && recipients.empty(); }
};

/// nullopt: the job asks for nothing. `document` has passed the submission schema; what that lets pass and means
/// nothing is left out.
std::optional<Notify> read_notify(const config::Value& document);

/// The same of a stored definition, which is not parsed when it cannot have a `notify`.
std::optional<Notify> notify_of(std::string_view definition);

}  // namespace patchbay
