// SPDX-License-Identifier: Apache-2.0
#include "drivers/serial/attempt.hpp"

#include <cerrno>

namespace patchbay {
namespace {

std::string absence(const AdapterQuery& query) {
    if (query.link.empty())
        return query.text() +
               " is not plugged in; plug it in, or check its cable and its hub ('ls /dev/serial/by-id' lists "
               "what is there)";
    return "there is no serial port " + query.text() + "; plug its adapter in, or correct the path";
}

std::string ambiguity(const AdapterQuery& query, const std::vector<SerialAdapter>& all) {
    std::string list;
    for (const auto& one : all) {
        list += list.empty() ? "" : ", ";
        list += one.path() + " is " + one.text();
        if (one.usb) list += " interface " + std::to_string(one.usb->interface);
        if (one.usb && one.usb->port_number) list += " port_number " + std::to_string(*one.usb->port_number);
    }
    return query.text() + " is not a single one: " + list +
           "; add what tells them apart (usb_path, interface, port_number)";
}

}  // namespace

Attempt attempt_to_open(const SerialSettings& settings, const std::filesystem::path& root,
                        const std::set<std::string>& others) {
    Attempt attempt;
    const auto found = find_serial_adapters(settings.adapter, root);
    if (found.empty()) {
        attempt.problem = absence(settings.adapter);
        return attempt;
    }
    if (found.size() > 1) {
        attempt.outcome = Attempt::Outcome::ambiguous;
        attempt.problem = ambiguity(settings.adapter, found);
        return attempt;
    }
    attempt.adapter = found.front();
    attempt.place = serial_place(attempt.adapter.name, root);
    if (others.contains(attempt.place)) {
        attempt.outcome = Attempt::Outcome::ambiguous;
        attempt.problem = attempt.adapter.path() + " is " + attempt.adapter.text() +
                          ", which was there beside the one that is gone, so it is another board's; name the adapter "
                          "by usb_path";
        return attempt;
    }
    const auto path = attempt.adapter.path();
    try {
        auto port = std::make_shared<SerialPort>(path, settings.exclusive ? Sharing::exclusive : Sharing::shared);
        port->configure(settings.line);
        attempt.port = std::move(port);
        attempt.outcome = Attempt::Outcome::opened;
    } catch (const PortFailure& failure) {
        // The kernel tells of an adapter a moment before its node is there.
        attempt.outcome = failure.error == ENOENT ? Attempt::Outcome::absent : Attempt::Outcome::refused;
        attempt.problem = attempt.adapter.text() + ": " + failure.what() + "; " + failure.next_step(path);
    }
    return attempt;
}

}  // namespace patchbay
