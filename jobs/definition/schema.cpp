// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/schema.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/config/python_text.hpp"

namespace patchbay::schema {
namespace {

Outcome wrong(const Context& context, std::string message) { return Problem{std::move(message), context.path}; }

/// Characters, not bytes.
std::size_t characters_in(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::optional<std::size_t> length_of(const Value& value) {
    if (const auto* text = value.as_string()) return characters_in(*text);
    if (const auto* list = value.as_list()) return list->size();
    if (const auto* map = value.as_map()) return map->size();
    return std::nullopt;
}

std::optional<double> number_of(const Value& value) {
    if (const auto* flag = value.as_bool()) return *flag ? 1.0 : 0.0;
    if (const auto* whole = value.as_int()) return static_cast<double>(*whole);
    if (const auto* real = value.as_double()) return *real;
    if (const auto* big = std::get_if<config::BigInt>(&value.storage()))
        return big->digits.starts_with('-') ? -HUGE_VAL : HUGE_VAL;
    return std::nullopt;
}

template <class Test>
Rule of_type(Test test, std::string name) {
    return [test, message = "expected " + name](const Value& value, Context& context) {
        return test(value) ? Outcome{} : wrong(context, message);
    };
}

std::string number_text(double number) {
    const auto text = config::python_float(number);
    return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

class MapRule {
public:
    MapRule(std::vector<Key> keys, std::optional<Extra> extra) : keys_{std::move(keys)}, extra_{extra} {}

    Outcome operator()(const Value& value, Context& context) const {
        const auto* entries = value.as_map();
        if (!entries) return wrong(context, "expected a dictionary");
        if (auto problem = check_groups(*entries, context)) return problem;
        const auto around = context.extra;
        if (extra_) context.extra = *extra_;
        auto problem = check_entries(*entries, context);
        if (!problem) problem = check_missing(*entries, context);
        context.extra = around;
        return problem;
    }

private:
    Outcome check_groups(const config::Map& entries, Context& context) const {
        std::vector<std::string> present;
        for (const auto& key : keys_) {
            if (key.group.empty() || !entries.contains(key.name)) continue;
            if (std::ranges::find(present, key.group) == present.end()) {
                present.push_back(key.group);
                continue;
            }
            auto problem = wrong(context, "two or more values in the same group of exclusion '" + key.group + "'");
            problem->path.push_symbol(key.group);
            return problem;
        }
        return std::nullopt;
    }

    const Key* rule_for(const Value& name) const {
        for (const auto& key : keys_)
            if (!key.name.empty() && name.as_string() && *name.as_string() == key.name) return &key;
        for (const auto& key : keys_)
            if (key.name.empty() && key.pattern(name)) return &key;
        return nullptr;
    }

    Outcome check_entries(const config::Map& entries, Context& context) const {
        for (const auto& entry : entries) {
            const auto* key = rule_for(entry.key);
            if (!key && context.extra == Extra::allowed) continue;
            context.path.push(entry.key);
            auto problem = key ? key->rule(entry.value, context) : wrong(context, "extra keys not allowed");
            if (key && problem && problem->path.size() <= context.path.size()) problem->of_value = true;
            context.path.pop();
            if (problem) return problem;
        }
        return std::nullopt;
    }

    bool is_present(const Key& key, const config::Map& entries) const {
        if (!key.name.empty()) return entries.contains(key.name);
        return std::ranges::any_of(entries, [&](const auto& entry) { return rule_for(entry.key) == &key; });
    }

    Outcome check_missing(const config::Map& entries, Context& context) const {
        for (const auto& key : keys_) {
            if (!key.required || is_present(key, entries)) continue;
            auto problem = wrong(context, key.missing);
            if (key.name.empty())
                problem->path.push_symbol("class 'str'");  // the schema's key is Python's type
            else
                problem->path.push(key.name);
            return problem;
        }
        return std::nullopt;
    }

    std::vector<Key> keys_;
    std::optional<Extra> extra_;
};

}  // namespace

Path::Path(std::initializer_list<std::string> keys) {
    for (const auto& key : keys) push(key);
}

std::string Path::joined(std::string_view between) const {
    std::string out;
    for (const auto& step : steps_) {
        if (!out.empty()) out += between;
        out += step.symbol ? "<" + *step.value.as_string() + ">" : python_repr(step.value);
    }
    return out;
}

std::string Path::as_data() const { return steps_.empty() ? "" : " @ data[" + joined("][") + "]"; }

std::string Path::as_list() const { return "[" + joined(", ") + "]"; }

config::List Path::values() const {
    config::List out;
    for (const auto& step : steps_) out.push_back(step.value);
    return out;
}

std::string Problem::text() const { return message + (of_value ? " for dictionary value" : "") + path.as_data(); }

Key required(std::string name, Rule rule) { return {std::move(name), std::move(rule), true}; }
Key optional(std::string name, Rule rule) { return {std::move(name), std::move(rule)}; }
Key exclusive(std::string name, std::string group, Rule rule) {
    return {std::move(name), std::move(rule), false, std::move(group)};
}
Key every(std::string_view characters, Rule rule) {
    const auto fits = [set = std::string{characters}](const Value& key) {
        const auto* name = key.as_string();
        return name && !name->empty() && name->find_first_not_of(set) == std::string::npos;
    };
    return {"", std::move(rule), false, "", fits};
}
Key every_text(Rule rule) {
    return {"", std::move(rule), false, "", [](const Value& key) { return key.is_string(); }};
}
Key some_text(std::string missing, Rule rule) {
    auto key = every_text(std::move(rule));
    key.required = true;
    key.missing = std::move(missing);
    return key;
}
Key every_text_or_number(Rule rule) {
    const auto fits = [](const Value& key) { return key.is_string() || key.is_int() || key.is_bool(); };
    return {"", std::move(rule), false, "", fits};
}

Rule anything() {
    return [](const Value&, Context&) { return Outcome{}; };
}
Rule text() {
    return of_type([](const Value& value) { return value.is_string(); }, "str");
}
Rule integer() {
    const auto is_integer = [](const Value& value) {
        return value.is_int() || value.is_bool() || std::holds_alternative<config::BigInt>(value.storage());
    };
    return of_type(is_integer, "int");
}
Rule boolean() {
    return of_type([](const Value& value) { return value.is_bool(); }, "bool");
}
Rule dict() {
    return of_type([](const Value& value) { return value.is_map(); }, "dict");
}
Rule list() {
    return of_type([](const Value& value) { return value.is_list(); }, "list");
}
Rule null() { return literal(Value{}); }

Rule literal(Value expected, std::string message) {
    return [expected = std::move(expected), message = std::move(message)](const Value& value, Context& context) {
        return value == expected ? Outcome{} : wrong(context, message);
    };
}

Rule words(std::initializer_list<const char*> values) {
    return [set = std::vector<std::string>{values.begin(), values.end()}](const Value& value, Context& context) {
        const auto* word = value.as_string();
        return word && std::ranges::find(set, *word) != set.end() ? Outcome{} : wrong(context, "not a valid value");
    };
}

Rule none_of(std::initializer_list<const char*> values, std::string message) {
    return [set = std::vector<std::string>{values.begin(), values.end()}, message = std::move(message)](
               const Value& value, Context& context) {
        const auto* word = value.as_string();
        return word && std::ranges::find(set, *word) != set.end() ? wrong(context, message) : Outcome{};
    };
}

Rule length(std::size_t least, std::optional<std::size_t> most) {
    return [=](const Value& value, Context& context) {
        const auto size = length_of(value);
        if (!size) return wrong(context, "invalid value or type");
        if (*size < least) return wrong(context, "length of value must be at least " + std::to_string(least));
        if (most && *size > *most) return wrong(context, "length of value must be at most " + std::to_string(*most));
        return Outcome{};
    };
}

Rule at_least(double least) {
    return [=](const Value& value, Context& context) {
        const auto number = number_of(value);
        if (!number) return wrong(context, "invalid value or type (must have a partial ordering)");
        return *number >= least ? Outcome{} : wrong(context, "value must be at least " + number_text(least));
    };
}

Rule at_most(double most) {
    return [=](const Value& value, Context& context) {
        const auto number = number_of(value);
        if (!number) return wrong(context, "invalid value or type (must have a partial ordering)");
        return *number <= most ? Outcome{} : wrong(context, "value must be at most " + number_text(most));
    };
}

Rule made_of(std::string_view characters, std::string pattern, std::string message) {
    if (message.empty()) message = "does not match regular expression " + pattern;
    const auto fits = [set = std::string{characters}](std::string_view text) {
        if (text.ends_with('\n')) text.remove_suffix(1);
        return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
    };
    return matching(fits, std::move(message));
}

Rule matching(std::function<bool(std::string_view)> test, std::string message) {
    return [test = std::move(test), message = std::move(message)](const Value& value, Context& context) {
        const auto* text = value.as_string();
        if (!text) return wrong(context, "expected string or buffer");
        return test(*text) ? Outcome{} : wrong(context, message);
    };
}

Rule any(std::vector<Rule> rules) {
    return [rules = std::move(rules)](const Value& value, Context& context) {
        Outcome first;
        for (const auto& rule : rules) {
            auto problem = rule(value, context);
            if (!problem) return Outcome{};
            if (!first || problem->path.size() > first->path.size()) first = std::move(problem);
        }
        return first;
    };
}

Rule all(std::vector<Rule> rules) {
    return [rules = std::move(rules)](const Value& value, Context& context) {
        for (const auto& rule : rules)
            if (auto problem = rule(value, context)) return problem;
        return Outcome{};
    };
}

Rule list_of(std::vector<Rule> items) {
    return [items = std::move(items)](const Value& value, Context& context) {
        const auto* list = value.as_list();
        if (!list) return wrong(context, "expected a list");
        Outcome first;
        for (std::size_t i = 0; i < list->size(); ++i) {
            context.path.push_index(i);
            const auto here = context.path.size();
            Outcome last;
            for (const auto& item : items) {
                last = item((*list)[i], context);
                // What went wrong inside an item is not forgiven by the next alternative.
                if (!last || last->path.size() > here) break;
            }
            context.path.pop();
            if (last && last->path.size() > here) return last;
            if (last && !first) first = std::move(last);
        }
        return first;
    };
}

Rule map(std::vector<Key> keys) { return MapRule{std::move(keys), std::nullopt}; }
Rule map(Extra extra, std::vector<Key> keys) { return MapRule{std::move(keys), extra}; }

Outcome check(const Rule& rule, const Value& value, Extra extra, Path at) {
    Context context{std::move(at), extra};
    return rule(value, context);
}

}  // namespace patchbay::schema
