// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/bootloader/line.hpp"

#include <algorithm>

namespace patchbay::testing {
namespace {

const std::string noise = "[ec] fan at 3000 rpm\r\n";

}  // namespace

std::size_t CutLine::next_piece(std::size_t waiting) {
    const auto size = left_ == 0 ? waiting : std::min(left_, waiting);
    left_ -= std::min(left_, size);
    return size;
}

BadLine::BadLine(Trouble trouble, std::uint32_t seed) : trouble_{trouble}, random_{seed} {
    const auto begin = [&](Trouble kind, double rate) {
        Mishap mishap{std::geometric_distribution<std::size_t>{rate}, Mishap::never};
        if (is(kind)) mishap.left = mishap.gap(random_);
        return mishap;
    };
    drops_ = begin(Trouble::drops, 0.01);
    doubles_ = begin(Trouble::doubles, 0.01);
    noise_ = begin(Trouble::noise, 0.0025);
}

std::string BadLine::pass(std::string_view bytes) {
    std::string passed;
    while (!bytes.empty()) {
        const auto good = std::min({bytes.size(), drops_.left, doubles_.left, noise_.left});
        passed += bytes.substr(0, good);
        bytes.remove_prefix(good);
        for (auto* mishap : {&drops_, &doubles_, &noise_}) {
            if (mishap->left != Mishap::never) mishap->left -= good;
        }
        if (bytes.empty()) break;
        if (strikes(noise_)) passed += noise;
        const bool dropped = strikes(drops_), doubled = strikes(doubles_);
        if (!dropped) passed.append(doubled ? 2 : 1, bytes.front());
        bytes.remove_prefix(1);
    }
    return passed;
}

/// Does it befall the next byte? Then the one after that is another matter.
bool BadLine::strikes(Mishap& mishap) {
    if (mishap.left == Mishap::never) return false;
    if (mishap.left > 0) {
        --mishap.left;
        return false;
    }
    mishap.left = mishap.gap(random_);
    return true;
}

std::size_t BadLine::next_piece(std::size_t waiting) { return is(Trouble::delays) ? 1 + random_() % 200 : waiting; }

bool BadLine::stalls() { return is(Trouble::delays) && random_() % 4 == 0; }

std::string without_noise(std::string text) {
    for (auto at = text.find(noise); at != std::string::npos; at = text.find(noise)) text.erase(at, noise.size());
    return text;
}

}  // namespace patchbay::testing
