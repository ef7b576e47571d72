// SPDX-License-Identifier: Apache-2.0
#pragma once
// Walks through the menus of a firmware (lava_dispatcher/menus/menus.py).

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "jobs/bootloader/dialogue.hpp"
#include "jobs/bootloader/loader_error.hpp"

namespace patchbay {

/// How a menu prints its entries: "[1] Boot Manager".
struct MenuMarkup {
    std::string open = "[", close = "]";
    std::string item_class = "0-9";                ///< characters of what selects an entry
    std::string separator = " ";                   ///< between selector and label
    std::string label_class = R"(a-zA-Z0-9\s\:)";  ///< characters of a label
};

/// One `select:` of a device's list.
struct MenuStep {
    std::string wait;                ///< what the next menu ends with; "": the next step types into the same menu
    std::vector<std::string> items;  ///< labels to look for; each found one is selected
    std::string fallback;            ///< label to take instead; "": none
    bool escape = false;
    std::optional<std::string> enter;  ///< typed, and ended with Ctrl-M
};

struct MenuPlan {
    MenuMarkup markup;
    std::string prompt;  ///< what the first menu ends with
    std::vector<MenuStep> steps;
    std::string boot_message;  ///< awaited behind the last step; "": not
    ErrorMessages errors;      ///< of the firmware
};

/// The selector of the entry with this label: of several the one printed last. `screen` as the console gave it.
std::optional<std::string> find_menu_entry(const MenuMarkup& markup, std::string_view screen, std::string_view label);

class MenuDialogue final : public Dialogue {
public:
    /// Throws: TestError, an expression is invalid.
    explicit MenuDialogue(MenuPlan plan);

    DialogueStep start() override { return {}; }
    const PatternSet& patterns() const override { return error_.begun() ? error_.line_end() : patterns_; }
    DialogueStep feed(const Match& match) override;
    std::optional<DialogueStep> silence(std::string_view unmatched) override;

private:
    struct Move {
        MenuStep step;
        std::string label;  ///< of the entry to select; "": the step types something else
    };

    bool make(const Move& move, DialogueStep& step) const;
    void await(const std::string& expression);

    MenuPlan plan_;
    LoaderError error_;
    std::vector<Move> moves_;
    std::size_t next_ = 0;
    std::string prompt_;
    PatternSet patterns_;
    std::string screen_;   // the menu as it was printed
    bool at_end_ = false;  // only the boot message is still to come
};

}  // namespace patchbay
