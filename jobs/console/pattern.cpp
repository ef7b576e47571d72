// SPDX-License-Identifier: Apache-2.0
#define PCRE2_CODE_UNIT_WIDTH 8
#include "jobs/console/pattern.hpp"

#include <pcre2.h>

#include "core/deleter.hpp"
#include "core/errors.hpp"
#include "jobs/console/python_regex.hpp"

namespace patchbay {
namespace {

// Generous for every pattern of a real job, and well under a second: (a+)+$ on 8 KiB stops here.
constexpr std::uint32_t match_limit = 5'000'000;
constexpr std::uint32_t depth_limit = 100'000;
constexpr std::uint32_t heap_limit_kib = 64 * 1024;
constexpr std::size_t jit_stack_limit = 1024 * 1024;
constexpr std::size_t max_expression = 64 * 1024;

using Code = std::unique_ptr<pcre2_code, Deleter<pcre2_code_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Deleter<pcre2_match_data_free>>;
using CompileContext = std::unique_ptr<pcre2_compile_context, Deleter<pcre2_compile_context_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Deleter<pcre2_match_context_free>>;
using JitStack = std::unique_ptr<pcre2_jit_stack, Deleter<pcre2_jit_stack_free>>;

// What a running match needs; one for each thread, shared by all patterns.
struct Scratch {
    JitStack stack{pcre2_jit_stack_create(32 * 1024, jit_stack_limit, nullptr)};
    MatchContext context{pcre2_match_context_create(nullptr)};
    Scratch() {
        pcre2_set_match_limit(context.get(), match_limit);
        pcre2_set_depth_limit(context.get(), depth_limit);
        pcre2_set_heap_limit(context.get(), heap_limit_kib);
        pcre2_jit_stack_assign(context.get(), nullptr, stack.get());
    }
};

Scratch& scratch() {
    thread_local Scratch scratch;
    return scratch;
}

std::string pcre_message(int code) {
    PCRE2_UCHAR text[256];
    pcre2_get_error_message(code, text, sizeof text);
    return reinterpret_cast<const char*>(text);
}

[[noreturn]] void raise_invalid(const std::string& expression, const std::string& reason) {
    throw TestError{"Invalid regular expression '" + expression + "': " + reason};
}

Code compile(const std::string& expression, const TranslatedRegex& regex, PatternMode mode) {
    CompileContext context{pcre2_compile_context_create(nullptr)};
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
    // ALT_CIRCUMFLEX: Python's ^ with MULTILINE also matches behind a newline that ends the text.
    std::uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_ALT_CIRCUMFLEX;
    if (!regex.ascii) options |= PCRE2_UCP;
    options |= mode == PatternMode::console ? PCRE2_DOTALL : PCRE2_MULTILINE;
    int error = 0;
    PCRE2_SIZE offset = 0;
    Code code{pcre2_compile(reinterpret_cast<PCRE2_SPTR>(regex.pcre.data()), regex.pcre.size(), options, &error,
                            &offset, context.get())};
    if (!code) raise_invalid(expression, pcre_message(error) + " at position " + std::to_string(offset));
    // Without JIT (an exotic machine, memory that may not be executable) the interpreter does the same, slower.
    pcre2_jit_compile(code.get(), PCRE2_JIT_PARTIAL_SOFT);
    return code;
}

std::vector<std::string> names_of(const pcre2_code* code) {
    std::uint32_t groups = 0, count = 0, size = 0;
    PCRE2_SPTR table = nullptr;
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
    pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
    std::vector<std::string> names(groups + 1);
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto* entry = table + i * size;  // two bytes of number, then the name with a NUL
        names.at(static_cast<std::size_t>(entry[0]) << 8 | entry[1]) = reinterpret_cast<const char*>(entry + 2);
    }
    return names;
}

}  // namespace

struct Pattern::Compiled {
    std::string text;
    Code code;
    MatchData data;  // reused: one thread runs each program
    std::vector<std::string> names;
    bool looks_back = false;
    std::optional<char> required;
};

Pattern::Pattern(std::string expression, PatternMode mode) {
    if (expression.size() > max_expression) {
        raise_invalid(expression.substr(0, 64) + "...", "longer than " + std::to_string(max_expression) + " bytes");
    }
    TranslatedRegex regex;
    try {
        const bool parse = mode == PatternMode::parse;
        regex = translate_python_regex(expression, parse ? LineEnd::any_carriage_returns : LineEnd::newline);
    } catch (const RegexSyntaxError& error) {
        raise_invalid(expression, error.what());
    }
    auto compiled = std::make_shared<Compiled>();
    compiled->code = compile(expression, regex, mode);
    compiled->data.reset(pcre2_match_data_create_from_pattern(compiled->code.get(), nullptr));
    compiled->names = names_of(compiled->code.get());
    std::uint32_t look_behind = 0, last_type = 0, last_unit = 0;
    pcre2_pattern_info(compiled->code.get(), PCRE2_INFO_MAXLOOKBEHIND, &look_behind);
    pcre2_pattern_info(compiled->code.get(), PCRE2_INFO_LASTCODETYPE, &last_type);
    pcre2_pattern_info(compiled->code.get(), PCRE2_INFO_LASTCODEUNIT, &last_unit);
    compiled->looks_back = look_behind > 0 || regex.depends_on_start;
    if (last_type == 1 && !regex.ignores_case) compiled->required = static_cast<char>(last_unit);
    compiled->text = std::move(expression);
    compiled_ = std::move(compiled);
}

const std::string& Pattern::text() const { return compiled_->text; }
const std::vector<std::string>& Pattern::group_names() const { return compiled_->names; }
bool Pattern::looks_back() const { return compiled_->looks_back; }
std::optional<char> Pattern::required_byte() const { return compiled_->required; }

Pattern::Found Pattern::search(std::string_view text, std::size_t from) const {
    const auto run = [&](std::uint32_t options) {
        return pcre2_match(compiled_->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                           PCRE2_NO_UTF_CHECK | PCRE2_PARTIAL_SOFT | options, compiled_->data.get(),
                           scratch().context.get());
    };
    int count = run(0);
    if (count == PCRE2_ERROR_JIT_STACKLIMIT) count = run(PCRE2_NO_JIT);

    Found found;
    const auto* offsets = pcre2_get_ovector_pointer(compiled_->data.get());
    if (count == PCRE2_ERROR_NOMATCH) {
        found.resume = text.size();
    } else if (count == PCRE2_ERROR_PARTIAL) {
        found.resume = offsets[0];
    } else if (count > 0) {
        found.groups.resize(compiled_->names.size());
        for (int i = 0; i < count; ++i) {
            if (offsets[2 * i] != PCRE2_UNSET) found.groups[i] = {offsets[2 * i], offsets[2 * i + 1]};
        }
    } else {
        throw TestError{"The regular expression '" + compiled_->text + "' is too expensive for " +
                        std::to_string(text.size()) + " bytes of output (" + pcre_message(count) +
                        "); make it less ambiguous"};
    }
    return found;
}

}  // namespace patchbay
