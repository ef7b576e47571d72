// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <complex>
#include <cstddef>

namespace patchbay {

/// e^(i(phase + step·n)) for n = 0, 1, 2, …, by rotation: sin() and cos() are slow where a whole processor is emulated.
class Oscillator {
public:
    /// Both in radians; `step` is for each sample.
    explicit Oscillator(double step, double phase = 0)
        : step_{step}, phase_{phase}, turn_{std::polar(1.0, step)}, now_{std::polar(1.0, phase)} {}

    std::complex<double> next() {
        const auto value = now_;
        ++count_;
        // Rounding adds up: begin anew from the exact angle now and then.
        if (count_ % anew == 0) {
            now_ = std::polar(1.0, std::remainder(phase_ + step_ * static_cast<double>(count_), 2 * M_PI));
        } else {
            now_ = {now_.real() * turn_.real() - now_.imag() * turn_.imag(),
                    now_.real() * turn_.imag() + now_.imag() * turn_.real()};
        }
        return value;
    }

private:
    static constexpr std::size_t anew = 512;
    double step_, phase_;
    std::complex<double> turn_, now_;
    std::size_t count_ = 0;
};

}  // namespace patchbay
