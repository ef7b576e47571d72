// SPDX-License-Identifier: Apache-2.0
// A runner whose job.yaml is a script, one step in a line:
//   running            the state record
//   log TEXT           a log record
//   flood N            N log records "line 0", "line 1", ...; every hundredth is a result instead
//   result NAME        a passed case of suite 0_smoke
//   verdict pass | verdict TYPE TEXT    the lava/job result
//   pass | fail TYPE TEXT    the outcome
//   pass-unsafe        the outcome of a runner that could not switch its device off
//   sync               everything so far is in the file
//   wait-for NAME      until the lease folder's parent has a file NAME
//   call JSON          a call to the multinode group
//   wait-for-answer N  until the control socket answers call N; the answer becomes a log record
//   wait-for-cancel    until the control socket or SIGTERM says so; the outcome is Canceled then
//   ignore-cancel      SIGTERM has no effect, the control socket is not there
//   torn               half a record at the end of the journal
//   die SIGNAL         ends by this signal
//   exit CODE
// --make-safe counts its runs in <state>/safe-<device>; it fails while <state>/unsafe exists, for the reason in there,
// and does not end when <state>/hang exists.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include "core/clock.hpp"
#include "core/config/yaml.hpp"
#include "jobs/journal/journal_writer.hpp"
#include "jobs/journal/log_record.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

volatile sig_atomic_t terminated = 0;

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::int64_t number(const config::Value& map, const char* key) { return *map.find(key)->as_int(); }

class Control {
public:
    Control() {
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, "control.new");  // relative: we stand in the folder
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(listener_, 4) != 0 || ::rename("control.new", "control") != 0)
            ::_exit(70);
    }
    ~Control() { ::unlink("control"); }
    /// Until somebody says a line with this text, or asks us to stop; that line.
    std::string wait_for(const std::string& text) {
        while (!terminated) {
            for (auto end = said_.find('\n'); end != std::string::npos; end = said_.find('\n')) {
                auto line = said_.substr(0, end);
                said_.erase(0, end + 1);
                if (line.find(text) != std::string::npos || line.find("\"cancel\"") != std::string::npos) return line;
            }
            pollfd files[2] = {{listener_, POLLIN, 0}, {peer_, POLLIN, 0}};
            ::poll(files, peer_ < 0 ? 1 : 2, 20);
            if (files[0].revents & POLLIN) {
                peer_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
                said_.clear();
            }
            char bytes[4096];
            const auto size = peer_ >= 0 ? ::recv(peer_, bytes, sizeof bytes, MSG_DONTWAIT) : -1;
            if (size > 0) said_.append(bytes, static_cast<std::size_t>(size));
        }
        return {};
    }

private:
    int listener_ = -1, peer_ = -1;
    std::string said_;
};

void wait_for(const std::filesystem::path& file) {
    while (!std::filesystem::exists(file)) ::poll(nullptr, 0, 2);
}

void log(JournalWriter& journal, const std::string& text) {
    std::string record;
    append_log_record(record, wall_now(), LogLevel::target, text);
    journal.append(RecordKind::log, record);
}

void result(JournalWriter& journal, const std::string& name) {
    std::string record;
    append_result_record(record, wall_now(), make_result("0_smoke", name, "pass"));
    journal.append(RecordKind::result, record);
}

/// The whole job.yaml, or of a part of a multinode group its key `script`.
std::string read_script() {
    auto text = read_file("job.yaml");
    if (!text.starts_with("protocols:")) return text;
    return *config::parse_yaml(text).find("script")->as_string();
}

int run_job(const std::filesystem::path& folder) {
    ::signal(SIGTERM, [](int) { terminated = 1; });
    if (::chdir(folder.c_str()) != 0) return 71;
    const auto lease = config::parse_json(read_file("lease.json"));
    const auto shared = folder.parent_path();
    auto journal = JournalWriter::create(
        "journal", {LeaseId{number(lease, "lease")}, JobId{number(lease, "job")}, Fence{number(lease, "fence")}});
    std::optional<Control> control{std::in_place};
    std::istringstream script{read_script()};
    std::string line;
    while (std::getline(script, line)) {
        std::istringstream words{line};
        std::string step, rest;
        words >> step;
        std::getline(words >> std::ws, rest);
        std::string record;
        if (step == "running") {
            append_state_record(record, "running");
            journal.append(RecordKind::state, record);
        } else if (step == "log") {
            log(journal, rest);
        } else if (step == "flood") {
            for (int i = 0; i < std::stoi(rest); ++i) {
                if (i % 100 == 99) {
                    result(journal, "case-" + std::to_string(i));
                } else {
                    log(journal, "line " + std::to_string(i));
                }
            }
        } else if (step == "result") {
            result(journal, rest);
        } else if (step == "verdict") {
            const auto cut = rest.find(' ');
            append_result_record(
                record, wall_now(),
                rest == "pass" ? make_job_pass() : make_job_fail(rest.substr(0, cut), rest.substr(cut + 1)));
            journal.append(RecordKind::result, record);
        } else if (step == "pass") {
            append_pass_record(record);
            journal.append(RecordKind::outcome, record);
        } else if (step == "pass-unsafe") {
            append_pass_record(record);
            mark_unsafe(record);
            journal.append(RecordKind::outcome, record);
        } else if (step == "fail") {
            const auto cut = rest.find(' ');
            append_fail_record(record, rest.substr(0, cut), rest.substr(cut + 1));
            journal.append(RecordKind::outcome, record);
        } else if (step == "sync") {
            journal.sync();
        } else if (step == "wait-for") {
            journal.sync();
            wait_for(shared / rest);
        } else if (step == "wait-for-cancel") {
            journal.sync();
            control->wait_for("\"cancel\"");
            append_fail_record(record, "Canceled", "The job was canceled");
            journal.append(RecordKind::outcome, record);
            return 0;
        } else if (step == "ignore-cancel") {
            ::signal(SIGTERM, SIG_IGN);
            control.reset();
        } else if (step == "call") {
            journal.append(RecordKind::call, rest);
            journal.sync();
        } else if (step == "wait-for-answer") {
            log(journal, control->wait_for("\"answer\":" + rest));
            journal.sync();
        } else if (step == "torn") {
            journal.sync();
            append_record(record, RecordKind::log, R"({"dt": "x", "lvl": "target", "msg": "never"})");
            const int file = ::open("journal", O_WRONLY | O_CLOEXEC);
            if (::pwrite(file, record.data(), record.size() / 2, static_cast<off_t>(journal.size())) < 0) return 72;
            ::close(file);
        } else if (step == "die") {
            journal.flush();
            ::raise(std::stoi(rest));
        } else if (step == "exit") {
            journal.sync();
            ::_exit(std::stoi(rest));
        }
    }
    return 0;
}

int make_safe(const std::filesystem::path& folder) {
    const auto lease = config::parse_json(read_file(folder / "lease.json"));
    const auto settings = config::parse_yaml(read_file(folder / "runner.yaml"));
    if (!config::parse_yaml(read_file(folder / "device.yaml")).is_map()) return 1;
    const std::filesystem::path state = *settings.find("state_dir")->as_string();
    std::ofstream{state / ("safe-" + *lease.find("device")->as_string()), std::ios::app} << "once\n";
    if (std::filesystem::exists(state / "hang")) {
        ::alarm(120);  // should nobody kill us
        for (;;) ::pause();
    }
    if (!std::filesystem::exists(state / "unsafe")) return 0;
    const auto reason = read_file(state / "unsafe");
    if (!reason.empty()) std::ofstream{folder / "unsafe"} << reason;
    return 3;
}

}  // namespace
}  // namespace patchbay

int main(int argc, char** argv) {
    if (argc != 3) return 64;
    return std::strcmp(argv[1], "--make-safe") == 0 ? patchbay::make_safe(argv[2]) : patchbay::run_job(argv[2]);
}
