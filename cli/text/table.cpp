// SPDX-License-Identifier: Apache-2.0
#include "cli/text/table.hpp"

#include <algorithm>
#include <numeric>

#include "cli/text/utf8.hpp"

namespace patchbay::cli {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t least_shrunk = 8;  // narrower says nothing any more

std::string padded(const Cell& cell, std::size_t width, Align align, Paint paint) {
    const auto text = shorten(cell.text, width);
    const std::string fill(width - std::min(width, display_width(text)), ' ');
    return align == Align::left ? paint(cell.colour, text) + fill : fill + paint(cell.colour, text);
}

std::size_t total_width(const std::vector<std::size_t>& columns) {
    std::size_t total = 0;
    for (const auto width : columns)
        if (width) total += width + (total ? gap : 0);
    return total;
}

void append_line(std::string& out, std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
}

}  // namespace

void Table::add(std::vector<Cell> row) {
    row.resize(columns_.size());
    for (auto& cell : row) cell.text = one_line(cell.text);
    rows_.push_back(std::move(row));
}

/// With every column that may shrink as narrow as it gets.
std::size_t Table::least_width(std::vector<std::size_t> columns) const {
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns_[i].fit == Fit::shrink) columns[i] = std::min(columns[i], least_shrunk);
    return total_width(columns);
}

std::vector<std::size_t> Table::widths(std::size_t width) const {
    std::vector<std::size_t> out(columns_.size(), 0);
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) out[i] = std::max(out[i], display_width(row[i].text));
    for (std::size_t i = 0; i < out.size(); ++i)
        if (out[i] != 0)
            out[i] = std::max(out[i], display_width(columns_[i].title));  // else empty in every row: left out
    for (std::size_t i = out.size(); width && i-- > 0 && least_width(out) > width;)
        if (columns_[i].fit == Fit::spare) out[i] = 0;
    auto used = total_width(out);
    while (width && used > width) {  // take a column off the widest that may shrink, until it fits
        std::size_t widest = out.size();
        for (std::size_t i = 0; i < out.size(); ++i)
            if (columns_[i].fit == Fit::shrink && out[i] > least_shrunk &&
                (widest == out.size() || out[i] > out[widest]))
                widest = i;
        if (widest == out.size()) break;
        --out[widest];
        --used;
    }
    return out;
}

std::string Table::str(std::size_t width, Paint paint) const {
    if (rows_.empty()) return {};
    const auto columns = widths(width);
    std::string out;
    const auto line = [&](auto&& cell_at) {
        std::string text;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns[i] == 0) continue;
            if (!text.empty()) text.append(gap, ' ');
            text += padded(cell_at(i), columns[i], columns_[i].align, paint);
        }
        append_line(out, std::move(text));
    };
    line([&](std::size_t i) { return Cell{columns_[i].title, Colour::bold}; });
    for (const auto& row : rows_) line([&](std::size_t i) { return row[i]; });
    return out;
}

}  // namespace patchbay::cli
