// SPDX-License-Identifier: Apache-2.0
#pragma once
// Aligned columns for people.

#include <cstddef>
#include <string>
#include <vector>

#include "cli/text/paint.hpp"

namespace patchbay::cli {

enum class Align { left, right };
/// On a terminal that is too narrow a column may be cut ("…"), or left out, the last one first.
enum class Fit { whole, shrink, spare };

struct Column {
    std::string title;
    Align align = Align::left;
    Fit fit = Fit::whole;
};

struct Cell {
    std::string text;
    Colour colour = Colour::none;
};

/// Rows of cells under titles, two blanks between the columns, none at the end of a line. A column that is empty in
/// every row is left out.
class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_{std::move(columns)} {}

    /// One cell for each column; control characters in them are dropped.
    void add(std::vector<Cell> row);
    bool empty() const { return rows_.empty(); }

    /// `width` in columns of the terminal; 0 means as wide as it gets (a pipe, a file).
    std::string str(std::size_t width, Paint paint) const;

private:
    std::vector<std::size_t> widths(std::size_t width) const;
    std::size_t least_width(std::vector<std::size_t> columns) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace patchbay::cli
