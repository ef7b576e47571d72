// SPDX-License-Identifier: Apache-2.0
// A token for a name and a password (lava_rest_app/base/views.py, LavaObtainAuthToken).
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/passwords.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {
namespace {

const std::string description = "Created by REST API call";
// LAVA gives the same token each time. Only its hash is here, so each time is a new one, and the oldest ends.
constexpr std::int64_t most_tokens = 10;

// Each keeps a worker busy for some 50 ms, on which other reads wait.
constexpr int most_at_once = 16;

/// One of them. All requests are answered on one thread.
class Turn {
public:
    Turn() {
        if (taken >= most_at_once)
            throw api_error(429, "detail", "Request was throttled. Expected available in 1 second.");
        ++taken;
    }
    ~Turn() { --taken; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    inline static int taken = 0;
};

/// Blanks at its ends are part of it.
std::string password_of(const Fields& fields) {
    const auto* value = fields.find("password");
    const auto* text = value ? value->as_string() : nullptr;
    return text && !text->empty() ? *text : fields.required_text("password");
}

}  // namespace

Task<Response> log_in(Call& call) {
    const Fields fields{call.request};
    const auto name = fields.required_text("username"), password = password_of(fields);
    const Turn turn;
    auto check = [name, password](Database& db) { return Passwords{db}.find_user(name, password); };
    const auto user = co_await call.lab.store.read_on_worker(std::move(check));
    if (!user) throw LoginRefused{field_error("non_field_errors", "Unable to log in with provided credentials.")};
    auto make = [id = user->id](Database& db) {
        Users users{db};
        auto token = users.add_token(id, description, wall_now());
        users.keep_tokens(id, description, most_tokens);
        return token.secret;
    };
    const auto secret =
        co_await write_audited(call.lab.store, {user->name, "token.add", user->name, description}, std::move(make));
    JsonWriter json;
    json.begin_object().member("token", secret).end_object();
    auto response = json_answer(200, json.take());
    response.headers.emplace_back("Cache-Control", "no-store");
    co_return response;
}

}  // namespace patchbay
