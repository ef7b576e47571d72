// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rules for the shape of a document, put together from small ones. LAVA's schemas are written in Python's voluptuous;
// which error is found first, its words and its path are wire facts, so these rules answer as voluptuous does:
// a mapping is checked for exclusive keys, then key by key in the order of the document, then for missing keys; in a
// list what is wrong inside an item comes before an item that is wrong as a whole; of alternatives the error of the
// first is shown, unless a later one failed deeper in the document.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config/value.hpp"

namespace patchbay::schema {

using config::Value;

/// A place in a document: keys, indices, and symbols for what is none: a group of exclusion, a missing key of any name.
class Path {
public:
    Path() = default;
    Path(std::initializer_list<std::string> keys);
    void push(Value key) { steps_.push_back({std::move(key)}); }
    void push_index(std::size_t index) { steps_.push_back({static_cast<std::int64_t>(index)}); }
    /// A step that is no key of the document, and is printed as <name>.
    void push_symbol(std::string_view name) { steps_.push_back({name, true}); }
    void pop() { steps_.pop_back(); }
    std::size_t size() const { return steps_.size(); }
    bool empty() const { return steps_.empty(); }
    /// " @ data['a'][0]", or "" for the document itself.
    std::string as_data() const;
    /// "['a', 0]".
    std::string as_list() const;
    /// Keys, indices and the names of symbols, themselves.
    config::List values() const;

private:
    struct Step {
        Value value;
        bool symbol = false;
    };
    std::string joined(std::string_view between) const;

    std::vector<Step> steps_;
};

struct Problem {
    std::string message;
    Path path;
    bool of_value = false;  ///< the value of a key as a whole is wrong
    /// "expected str for dictionary value @ data['job_name']": the form of the submission schema.
    std::string text() const;
};

/// What happens to keys that a mapping does not name.
enum class Extra { refused, allowed };

struct Context {
    Path path;
    Extra extra = Extra::refused;
};

using Outcome = std::optional<Problem>;
using Rule = std::function<Outcome(const Value&, Context&)>;

/// One key of a mapping.
struct Key {
    std::string name;  ///< empty: any key that `pattern` accepts
    Rule rule;
    bool required = false;
    std::string group{};                                 ///< of which at most one key may be present
    std::function<bool(const Value& key)> pattern = {};  ///< when the name is empty
    std::string missing = "required key not provided";   ///< what is said of an absent required key
};

Key required(std::string name, Rule rule);
Key optional(std::string name, Rule rule);
Key exclusive(std::string name, std::string group, Rule rule);
/// Every key that is text of these characters only.
Key every(std::string_view characters, Rule rule);
Key every_text(Rule rule);
Key every_text_or_number(Rule rule);
/// Every key that is text, of which there must be one; `missing` is said otherwise.
Key some_text(std::string missing, Rule rule);

Rule anything();
Rule text();
Rule integer();  ///< a boolean is one, as in Python
Rule boolean();
Rule dict();  ///< says "expected dict"
Rule list();  ///< says "expected list"
Rule null();
Rule literal(Value value, std::string message = "not a valid value");
Rule words(std::initializer_list<const char*> values);
/// Text of one to `most` characters.
Rule length(std::size_t least, std::optional<std::size_t> most = std::nullopt);
Rule at_least(double least);
Rule at_most(double most);
/// Text of one or more of `characters` (and, as with Python's $, a line end behind them); says "does not match regular
/// expression <pattern>" or `message`.
Rule made_of(std::string_view characters, std::string pattern, std::string message = {});
/// Text that is none of `values`.
Rule none_of(std::initializer_list<const char*> values, std::string message);
/// Text that `test` accepts.
Rule matching(std::function<bool(std::string_view)> test, std::string message);

Rule any(std::vector<Rule> rules);
Rule all(std::vector<Rule> rules);
Rule list_of(std::vector<Rule> items);
Rule map(std::vector<Key> keys);
/// map() with an own answer to unknown keys, whatever is around it.
Rule map(Extra extra, std::vector<Key> keys);

inline constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
inline constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
inline constexpr std::string_view digits = "0123456789";

/// `at`: where the value stands, for the answer.
Outcome check(const Rule& rule, const Value& value, Extra extra, Path at = {});

}  // namespace patchbay::schema
