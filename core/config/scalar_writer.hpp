// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text onto lines as PyYAML's block style has it: which quotes a scalar needs, and where a long one is folded.

#include <string>
#include <string_view>

namespace patchbay::config {

/// How a scalar may look, from its characters alone.
struct ScalarShape {
    bool plain = true;       ///< may stand without quotes
    bool single = true;      ///< may stand in '…'
    bool multiline = false;  ///< cannot be a key on one line
};
ScalarShape shape_of(std::string_view text);

/// The lines written so far. `indent` is in columns, of the collection that is being written.
class LineWriter {
public:
    /// Ends the line, unless nothing but this indentation is on it.
    void indent(int columns);
    /// "-", "?" or ":"; behind it a nested collection may begin on the same line.
    void mark(std::string_view text);
    /// A word after a blank: a tag, "[]", "{}".
    void word(std::string_view text);
    /// The colon right behind a key.
    void colon();

    enum class Folding { no, yes };
    /// Lines after the first begin at column `indent`. A line is folded at a blank once it is longer than 80.
    void plain(std::string_view text, int indent, Folding folding);
    void single_quoted(std::string_view text, int indent, Folding folding);
    void double_quoted(std::string_view text, int indent, Folding folding);
    /// "|" and the lines of `text`, which ends with one line break.
    void literal(std::string_view text, int indent);

    /// Is nothing but indentation and marks on this line?
    bool only_marks() const { return only_marks_; }
    std::string take();

private:
    void put(std::string_view bytes);
    void end_line();
    void blank_before();

    std::string out_;
    int column_ = 0;  ///< in characters
    bool after_blank_ = true;
    bool only_marks_ = true;
};

}  // namespace patchbay::config
