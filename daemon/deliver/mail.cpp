// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/mail.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <optional>

#include "core/net/curl_handle.hpp"

namespace patchbay {
namespace {

bool is_printable(char c) { return c > 0x20 && c < 0x7F; }

void append_hex(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    out += '=';
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
}

/// A text of any bytes as words of a header (RFC 2047), each of whole characters.
std::string header_text(std::string_view text) {
    if (std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || is_printable(c); }) &&
        text.size() < 900 && text.find("=?") == std::string_view::npos)
        return std::string{text};
    constexpr std::string_view begin = "=?utf-8?q?";
    constexpr std::size_t longest_word = 60;
    std::string out{begin};
    std::size_t word = 0;
    for (const char c : text) {
        const bool continues = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
        if (word >= longest_word && !continues) {
            out += "?=\r\n " + std::string{begin};
            word = 0;
        }
        const auto before = out.size();
        if (is_printable(c) && std::string_view{"=?_\"()<>@,;:\\[]."}.find(c) == std::string_view::npos) {
            out += c;
        } else {
            append_hex(out, c);
        }
        word += out.size() - before;
    }
    return out + "?=";
}

/// Quoted-printable (RFC 2045, section 6.7).
std::string body_text(std::string_view text) {
    constexpr std::size_t longest_line = 72;
    std::string out;
    std::size_t column = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') {
            out += "\r\n";
            column = 0;
            continue;
        }
        if (column >= longest_line) {
            out += "=\r\n";
            column = 0;
        }
        const auto before = out.size();
        const bool line_ends = i + 1 == text.size() || text[i + 1] == '\n';
        if ((is_printable(c) && c != '=') || (c == ' ' && !line_ends)) {
            out += c;
        } else {
            append_hex(out, c);
        }
        column += out.size() - before;
    }
    return out;
}

std::string mail_date(WallTime now) {
    const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    constexpr std::string_view days = "SunMonTueWedThuFriSat", months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char rest[32];
    std::snprintf(rest, sizeof rest, "%04d %02d:%02d:%02d +0000", utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                  utc.tm_sec);
    return std::string{days.substr(static_cast<std::size_t>(utc.tm_wday) * 3, 3)} + ", " + std::to_string(utc.tm_mday) +
           " " + std::string{months.substr(static_cast<std::size_t>(utc.tm_mon) * 3, 3)} + " " + rest;
}

struct Upload {
    std::string_view left;
    std::stop_token stop;

    static std::size_t on_read(char* room, std::size_t, std::size_t size, void* self) {
        auto& left = static_cast<Upload*>(self)->left;
        const auto count = std::min(size, left.size());
        std::memcpy(room, left.data(), count);
        left.remove_prefix(count);
        return count;
    }
    static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
        return static_cast<Upload*>(self)->stop.stop_requested() ? 1 : 0;
    }
};

/// nullopt: there is none.
std::optional<std::string> first_line_of(const std::string& path) {
    std::ifstream file{path};
    std::string line;
    if (!std::getline(file, line)) return std::nullopt;
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

}  // namespace

std::string message_of(const std::string& from, const std::string& to, const MailText& text, WallTime now) {
    return "Date: " + mail_date(now) + "\r\nFrom: " + from + "\r\nTo: " + to +
           "\r\nSubject: " + header_text(text.subject) +
           "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
           "Content-Transfer-Encoding: quoted-printable\r\n\r\n" +
           body_text(text.body);
}

Attempt send_mail(const MailSettings& settings, const std::string& to, const MailText& text, const Patience& patience,
                  const std::stop_token& stop) {
    const auto message = message_of(settings.from, to, text, wall_now());
    Upload upload{message, stop};
    std::array<char, CURL_ERROR_SIZE> error{};
    struct FreeList {
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };
    const std::unique_ptr<curl_slist, FreeList> recipients{curl_slist_append(nullptr, to.c_str())};
    CURL* curl = curl_of_thread();
    const auto set = [curl](CURLoption option, auto value) { curl_easy_setopt(curl, option, value); };
    std::optional<std::string> password;
    if (!settings.user.empty()) {
        password = first_line_of(settings.password_file);
        if (!password) return {Attempt::Kind::again, 0, "notifications.mail.password_file cannot be read", {}};
        set(CURLOPT_USERNAME, settings.user.c_str());
        set(CURLOPT_PASSWORD, password->c_str());
    }
    set(CURLOPT_URL, settings.server.c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_USE_SSL, static_cast<long>(settings.user.empty() ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    set(CURLOPT_MAIL_FROM, settings.from.c_str());
    set(CURLOPT_MAIL_RCPT, recipients.get());
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &Upload::on_read);
    set(CURLOPT_READDATA, &upload);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Upload::on_progress);
    set(CURLOPT_XFERINFODATA, &upload);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(patience.connect.count()));
    set(CURLOPT_TIMEOUT, static_cast<long>(patience.stall.count()));
    // As for downloads: a lab with a certificate authority of its own names it there.
    if (const char* authorities = std::getenv("SSL_CERT_FILE")) set(CURLOPT_CAINFO, authorities);
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_ERRORBUFFER, error.data());
    const auto code = curl_easy_perform(curl);
    Attempt attempt;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &attempt.status);
    curl_easy_reset(curl);  // it outlives what it was told to use
    if (code == CURLE_OK) return attempt;
    if (stop.stop_requested()) return {Attempt::Kind::stopped, 0, {}, {}};
    attempt.problem = std::string{"mail server: "} + (error[0] != 0 ? error.data() : curl_easy_strerror(code));
    // 4yz: later (RFC 5321, section 4.2.1); 5yz: never. Who we are is the owner's to mend, and then it can be sent.
    const bool refused = attempt.status >= 500 && code != CURLE_LOGIN_DENIED;
    attempt.kind = refused ? Attempt::Kind::hopeless : Attempt::Kind::again;
    return attempt;
}

}  // namespace patchbay
