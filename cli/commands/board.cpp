// SPDX-License-Identifier: Apache-2.0
// patchbay power, reset, line, storage, export: what a lease lets its person do with the board.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cli/commands/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/json.hpp"
#include "core/config/yaml.hpp"
#include "core/text.hpp"

namespace patchbay::cli {
namespace {

/// Less than what a server takes in one body (16 MiB).
constexpr std::size_t upload_piece = 8 * 1024 * 1024;

std::string path_of(const config::Value& lease, const std::string& what) {
    return "/api/v0.2/leases/" + text_at(lease, "id") + "/" + what + "/";
}

std::string goes_on(const config::Value& lease) {
    return "what becomes of it is in the log: patchbay logs " + text_at(lease, "id");
}

/// The answer of one that takes longer than a request may. The daemon may only be restarted meanwhile; it does not
/// remember then what it was, but the runner, which did it, has written it down.
HttpAnswer await_command(const config::Value& lease, HttpAnswer answer, Session& session) {
    auto& http = session.lab().http();
    const auto& patience = session.patience;
    const auto accepted = parse_answer(answer.body, http.server());
    const auto path = path_of(lease, "commands") + text_at(accepted, "command") + "/";
    const InterruptGuard guard;
    Progress progress{session.terminal};
    auto heard = std::chrono::steady_clock::now();
    for (auto wait = patience.first_retry;; wait = std::min(wait * 2, patience.poll)) {
        progress.show(text_at(accepted, "text") + "; Ctrl-C lets it go on alone");
        try {
            pause_for(wait);
            answer = http.get(path);
            if (answer.status == 404)
                throw UserError{"device " + text_at(lease, "device") +
                                ": the server was started anew and does not know the command any more; " +
                                goes_on(lease)};
            const bool away = answer.status >= 502 && answer.status <= 504;
            if (answer.status != 202 && !away) return answer;
            if (!away) heard = std::chrono::steady_clock::now();
            if (std::chrono::steady_clock::now() - heard > patience.give_up) return answer;
        } catch (const ConnectionError&) {
            if (std::chrono::steady_clock::now() - heard > patience.give_up) throw;
        } catch (const Interrupted&) {
            progress.clear();
            session.terminal.err << "patchbay: the command goes on; " << goes_on(lease) << std::endl;
            throw;
        }
    }
}

config::Value wish(const config::Value& lease, const std::string& what, config::Map fields, Session& session) {
    auto& http = session.lab().http();
    auto answer = http.post(path_of(lease, what), config::dump_json(config::Value{std::move(fields)}),
                            "; it may have been done all the same; " + goes_on(lease));
    if (answer.status == 202) answer = await_command(lease, std::move(answer), session);
    expect_success(answer, "device " + text_at(lease, "device"), http.server());
    return parse_answer(answer.body, http.server());
}

Exit command(const std::string& device, const std::string& what, config::Map fields, Session& session) {
    const auto lease = session.lab().lease(device);
    const auto answer = wish(lease, what, std::move(fields), session);
    if (session.json())
        session.print(answer);
    else
        session.terminal.out << text_at(lease, "device") << ": " << text_at(answer, "text") << "\n";
    return Exit::ok;
}

/// "https://lab.example:8443/x" → "lab.example"; an IPv6 address keeps its brackets.
std::string host_name(const std::string& server) {
    auto host = server.substr(server.find("://") + 3);
    host = host.substr(0, host.find('/'));
    const auto colon = host.find(':', host.starts_with('[') ? host.find(']') : 0);
    return host.substr(0, colon);
}

void upload(const config::Value& lease, const std::string& file, Session& session) {
    auto& http = session.lab().http();
    std::ifstream image{file, std::ios::binary};
    if (!image) throw UserError{file + ": cannot be read"};
    const auto all = std::max<std::uintmax_t>(1, std::filesystem::file_size(file));
    const InterruptGuard guard;
    Progress progress{session.terminal};
    std::string piece(upload_piece, '\0');
    for (std::uintmax_t sent = 0;;) {
        image.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        const auto size = static_cast<std::size_t>(image.gcount());
        const auto path = path_of(lease, "upload") + "?offset=" + std::to_string(sent);
        expect_success(http.post(path, piece.substr(0, size), "; nothing is written yet: do it again"), file,
                       http.server());
        sent += size;
        progress.show("sending " + file + ": " + std::to_string(sent * 100 / all) + " %");
        if (size < piece.size()) return;
    }
}

}  // namespace

Exit power(const PowerOptions& options, Session& session) {
    config::Map fields;
    put(fields, "action", options.action);
    return command(options.device, "power", std::move(fields), session);
}

Exit reset(const std::string& device, Session& session) { return command(device, "reset", {}, session); }

Exit line(const LineOptions& options, Session& session) {
    config::Map fields;
    put(fields, "name", options.name);
    put(fields, "action", options.action);
    return command(options.device, "line", std::move(fields), session);
}

Exit storage(const StorageOptions& options, Session& session) {
    config::Map fields;
    if (!options.name.empty()) put(fields, "name", options.name);
    if (options.action != "write") {
        if (!options.file.empty()) throw UserError{"storage " + options.action + ": takes no file"};
        put(fields, "side", options.action);
        return command(options.device, "storage", std::move(fields), session);
    }
    if (options.file.empty()) throw UserError{"storage write: name the image"};
    upload(session.lab().lease(options.device), options.file, session);
    put(fields, "write", "image");
    return command(options.device, "storage", std::move(fields), session);
}

/// With the host by which the server is known here.
Exit export_console(const ExportOptions& options, Session& session) {
    auto& lab = session.lab();
    const auto lease = lab.lease(options.device);
    const auto device = text_at(lease, "device");
    if (options.stop) {
        expect_success(lab.http().remove(path_of(lease, "export")), "device " + device, lab.http().server());
        if (!session.json()) session.terminal.out << device << ": nothing is exported any more\n";
        return Exit::ok;
    }
    config::Map fields;
    put(fields, "protocol", options.raw ? "raw" : "rfc2217");
    const auto made = lab.post(path_of(lease, "export"), std::move(fields), "device " + device,
                               "; it may be there all the same: ask again, which shows the one that is");
    if (session.json()) {
        session.print(made);
        return Exit::ok;
    }
    session.terminal.out << (options.raw ? "tcp://" : "rfc2217://") << host_name(lab.http().server()) << ":"
                         << text_at(made, "port") << "\n"
                         << "from " << text_at(made, "from")
                         << "; from elsewhere send this line first: " << text_at(made, "token") << "\n";
    return Exit::ok;
}

}  // namespace patchbay::cli
