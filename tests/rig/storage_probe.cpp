// SPDX-License-Identifier: Apache-2.0
// One medium of a lab, used by words; for the rig's tests.
// usage: patchbay-storage-probe 'driver: usb-sd-mux, serial_number: "00012"' WORD...
//
//   host, board, nobody, safe   each is answered by one line: `host: verified`, `board: error: …`
//   write:FILE                  `write: done 300000 of 300000`
//   pause:FILE                  the same, but says `writing` after the first block, and goes on when a line is typed
//   cancel:FILE                 the same, but cancelled after the first block
//   wait                        says `waiting`, and goes on when a line is typed
//
// What a lease's log would say stands between the answers, as `told: …`.

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <iostream>

#include "core/errors.hpp"
#include "devices/capability/storage.hpp"
#include "tests/rig/probe.hpp"
#include "tests/support/run.hpp"

namespace patchbay::testing {
namespace {

/// Runs it to its end, with a way to cancel it meanwhile.
void run_cancellable(asio::io_context& io, Task<> task, asio::cancellation_signal& cancel) {
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(task),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr error) { failure = error; }));
    io.restart();
    io.run();
    if (failure && is_cancellation(failure)) throw std::runtime_error{"cancelled"};
    if (failure) std::rethrow_exception(failure);
}

std::string write(asio::io_context& io, Storage& medium, const std::string& how, const std::string& file) {
    asio::cancellation_signal cancel;
    std::int64_t last = 0, all = 0;
    const Storage::OnProgress progress = [&](std::int64_t done, std::int64_t of) {
        const bool first = last == 0;
        last = done, all = of;
        if (first && how == "pause") {
            say("writing");
            wait_for_line();
        }
        if (first && how == "cancel") cancel.emit(asio::cancellation_type::terminal);
    };
    run_cancellable(io, medium.write_image(file, progress), cancel);
    return "done " + std::to_string(last) + " of " + std::to_string(all);
}

std::string obey(asio::io_context& io, Device& device, const std::string& word, const std::string& file) {
    if (word == "safe") {
        run(io, device.make_safe());
        return "done";
    }
    auto& medium = device.need<Storage>();
    if (word == "host") return text_of(run(io, medium.connect(Storage::Side::host)));
    if (word == "board") return text_of(run(io, medium.connect(Storage::Side::board)));
    if (word == "nobody") return text_of(run(io, medium.connect(Storage::Side::nobody)));
    if (word == "write" || word == "pause" || word == "cancel") return write(io, medium, word, file);
    throw std::runtime_error{"no such word"};
}

void probe(const std::string& keys, const std::vector<std::string>& words) {
    asio::io_context io;
    auto device = probed_device(io, "storage", keys);
    for (const auto& each : words) {
        const auto word = each.substr(0, each.find(':'));
        const auto file = word == each ? "" : each.substr(word.size() + 1);
        answer(word, [&] { return obey(io, device, word, file); });
    }
}

}  // namespace
}  // namespace patchbay::testing

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    return patchbay::testing::run_probe([&] { patchbay::testing::probe(argv[1], {argv + 2, argv + argc}); });
}
