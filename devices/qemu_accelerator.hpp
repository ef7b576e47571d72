// SPDX-License-Identifier: Apache-2.0
#pragma once
// KVM or TCG, and the processor that goes with it, in QEMU's words. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "core/config/value.hpp"

namespace patchbay {

/// Is `option` (without its dashes) among these words?
bool has_option(const std::vector<std::string>& words, std::string_view option);
/// `-machine virt,accel=kvm`, `-accel tcg`, `-enable-kvm` …: is an accelerator chosen in these words?
bool chooses_accelerator(const std::vector<std::string>& words);

/// The words of a device file's `options` or `extra`, as LAVA reads them: a piece may be half of a quoted word.
/// Throws: ConfigurationError, a quote has no end.
std::vector<std::string> words_of_pieces(const std::vector<const config::Value*>& pieces);

/// The guest's architecture as a program's name has it: "/opt/bin/qemu-system-aarch64" -> "aarch64".
std::string qemu_architecture(const std::string& program);

/// A processor that the accelerator has not, and what stands for it; `from` is empty when it has all of LAVA's.
struct OtherProcessor {
    std::string from, to;
};
OtherProcessor other_processor(bool kvm, const std::string& architecture);
/// "" for QEMU's own.
std::string default_processor(bool kvm, const std::string& architecture);

/// LAVA knows nothing of `driver_options`: their `accel` becomes options of the boot methods, unless those choose one.
/// `auto` says nothing, as nobody can try here what another machine has.
void tell_lava_accelerator(config::Map& device);

}  // namespace patchbay
