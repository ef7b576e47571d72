// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/bootloader/menu_actions.hpp"

#include "jobs/actions/bootloader/boot_values.hpp"
#include "jobs/actions/bootloader/loader_action.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/bootloader/menu.hpp"

namespace patchbay {
namespace {

const config::List* menu_of(const LoaderSettings& loader, const MenuChoice& choice) {
    const auto* menu = loader.map() && !choice.menu.empty() ? loader.map()->find(choice.menu) : nullptr;
    return menu ? menu->as_list() : nullptr;
}

MenuStep step_of(const config::Value& select) {
    MenuStep step;
    step.wait = config::text_or_empty(select.find("wait"));
    step.items = texts_of(select.find("items"));
    step.fallback = config::text_or_empty(select.find("fallback"));
    step.escape = select.find("escape") != nullptr;
    if (const auto* enter = select.find("enter")) step.enter = config::text_or_empty(enter);
    return step;
}

MenuPlan plan_of(const LoaderSettings& loader, const MenuChoice& choice) {
    MenuPlan plan;
    const auto brackets = texts_of(loader.parameter("item_markup"));
    if (brackets.size() == 2) {
        plan.markup.open = brackets[0];
        plan.markup.close = brackets[1];
    }
    plan.markup.item_class = loader.text("item_class", plan.markup.item_class);
    plan.markup.separator = loader.text("separator", plan.markup.separator);
    plan.markup.label_class = loader.text("label_class", plan.markup.label_class);
    plan.prompt = loader.text(choice.prompt_key, loader.text("bootloader_prompt", "Start:"));
    plan.errors = loader.error_messages();
    if (!choice.boot_message_key.empty()) plan.boot_message = loader.text(choice.boot_message_key);
    if (const auto* menu = menu_of(loader, choice)) {
        for (const auto& item : *menu) {
            if (const auto* select = item.find("select")) plan.steps.push_back(step_of(*select));
        }
    }
    return plan;
}

void check_menu(const LoaderSettings& loader, const MenuChoice& choice, std::vector<std::string>& errors) {
    const auto* menu = menu_of(loader, choice);
    if (!menu) {
        errors.push_back("Missing commands for " + choice.menu + ": the device's boot method '" + loader.method() +
                         "' has no menu of that name");
        return;
    }
    for (const auto* key : {"item_markup", "item_class", "separator"}) {
        if (!loader.parameter(key)) {
            errors.push_back("Missing device parameters for UEFI menu operations: '" + std::string{key} + "'");
        }
    }
    for (const auto& item : *menu) {
        const auto* select = item.find("select");
        const auto* keys = select ? select->as_map() : nullptr;
        if (!keys) {
            errors.push_back("Invalid device configuration of menu '" + choice.menu +
                             "': " + config::python_repr(item));
            continue;
        }
        for (const auto& [key, value] : *keys) {
            const auto name = config::python_str(key);
            const bool known = name == "items" || name == "prompt" || name == "enter" || name == "escape" ||
                               name == "wait" || name == "fallback";
            if (!known) errors.push_back("Unable to recognise item " + name + " of menu '" + choice.menu + "'");
        }
    }
}

class MenuCheck final : public Action {
public:
    explicit MenuCheck(MenuChoice choice)
        : Action{"uefi-commands", "substitute job values into uefi commands"}, choice_{std::move(choice)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        check_menu(LoaderSettings{job, choice_.method}, choice_, errors);
        co_return;
    }

protected:
    Task<> run(JobContext&, Deadline) override { co_return; }

private:
    MenuChoice choice_;
};

class MenuInterrupt final : public LoaderAction {
public:
    MenuInterrupt(std::string action, std::string method, std::string prompt_key, std::string string_key)
        : LoaderAction{std::move(action), "interrupt the default boot, to the menu"},
          method_{std::move(method)},
          prompt_key_{std::move(prompt_key)},
          string_key_{std::move(string_key)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        const LoaderSettings loader{job, method_};
        for (const auto& key : {prompt_key_, string_key_}) {
            if (!loader.parameter(key)) {
                errors.push_back("Missing '" + key + "' in the parameters of boot method '" + method_ + "'");
            }
        }
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const LoaderSettings loader{job, method_};
        job.state(ns()).loader.at_prompt = false;
        InterruptPlan plan;
        plan.interrupt_prompt = loader.text(prompt_key_);
        plan.bootloader_prompt = loader.text("bootloader_prompt");
        plan.keys.push_back({Typing::Kind::bytes, loader.text(string_key_)});
        plan.errors = loader.error_messages();
        InterruptDialogue dialogue{std::move(plan)};
        co_await hold(job, dialogue, deadline);
    }

private:
    std::string method_, prompt_key_, string_key_;
};

class MenuSelector final : public LoaderAction {
public:
    explicit MenuSelector(MenuChoice choice)
        : LoaderAction{choice.action, "select options in the uefi menu"}, choice_{std::move(choice)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        const LoaderSettings loader{job, choice_.method};
        check_menu(loader, choice_, errors);
        const auto separator = line_separator(loader);
        if (separator != "dos" && separator != "unix") {
            errors.push_back("Unrecognised line separator configuration: '" + separator + "', not 'dos' or 'unix'");
        }
        const MenuDialogue checked{plan_of(loader, choice_)};
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::job; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const LoaderSettings loader{job, choice_.method};
        auto plan = plan_of(loader, choice_);
        substitute(job, plan);
        // By this the login knows a firmware that is back at its menu. Of a menu that leads to a loader, the loader's
        // own commands are there already.
        if (choice_.action == "uefi-menu-selector") job.state(ns()).loader.commands = last_choice(plan);
        MenuDialogue dialogue{std::move(plan)};
        co_await hold(job, dialogue, deadline, line_separator(loader) == "dos" ? "\r\n" : "\n");
    }

private:
    static std::vector<std::string> last_choice(const MenuPlan& plan) {
        for (auto step = plan.steps.rbegin(); step != plan.steps.rend(); ++step) {
            if (step->enter) return {*step->enter};
            if (!step->items.empty()) return {step->items.back()};
        }
        return {};
    }

    std::string line_separator(const LoaderSettings& loader) const {
        if (const auto* own = block().parameters.find("line_separator")) return config::text_or_empty(own);
        const auto* of_device = loader.map() ? loader.map()->find("line_separator") : nullptr;
        return of_device ? config::text_or_empty(of_device) : "dos";
    }

    void substitute(const JobContext& job, MenuPlan& plan) const {
        auto values = boot_values(job, block(), "").values;
        values.emplace_back("TEST_MENU_NAME", "LAVA " + choice_.menu + " test image");
        const auto replace = [&](const std::string& text) {
            return substitute_commands({text}, values, Missing::keeps_placeholder).front();
        };
        for (auto& step : plan.steps) {
            for (auto& item : step.items) item = replace(item);
            if (step.enter) step.enter = replace(*step.enter);
        }
    }

    MenuChoice choice_;
};

}  // namespace

ActionPtr make_menu_check(MenuChoice choice) { return std::make_unique<MenuCheck>(std::move(choice)); }

ActionPtr make_menu_interrupt(std::string action, std::string method, std::string prompt_key, std::string string_key) {
    return std::make_unique<MenuInterrupt>(std::move(action), std::move(method), std::move(prompt_key),
                                           std::move(string_key));
}

ActionPtr make_menu_selector(MenuChoice choice) { return std::make_unique<MenuSelector>(std::move(choice)); }

}  // namespace patchbay
