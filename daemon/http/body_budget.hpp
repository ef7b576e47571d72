// SPDX-License-Identifier: Apache-2.0
#pragma once
// A budget for the large bodies of all connections, so that many clients together cannot take the machine's memory: one
// of requests, one of answers.

#include <algorithm>
#include <cstddef>
#include <functional>

#include "daemon/http/limits.hpp"
#include "daemon/http/message.hpp"

namespace patchbay {

/// Whose large body it is; a body up to HttpLimits::small_body_bytes needs no right.
enum class BodyRight {
    none,    ///< small bodies only
    anyone,  ///< a request that needs no login: such clients together may have half of the budget
    user,
};

/// Asked once for each request with a large body, before the body is read; `head` is the request without its body.
using BodyRule = std::function<BodyRight(const Request& head)>;

class BodyBudget {
public:
    explicit BodyBudget(const HttpLimits& limits) : whole_{limits.body_budget} {}
    BodyBudget(const BodyBudget&) = delete;
    BodyBudget& operator=(const BodyBudget&) = delete;

    /// What one request holds of it; given back at the end of its life.
    class Share {
    public:
        explicit Share(BodyBudget& budget) : budget_{budget} {}
        ~Share() { release(); }
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;

        /// All that there may be for this right, at most: what is larger can be had, but only alone.
        std::size_t bounded(std::size_t bytes, BodyRight right) const {
            return std::min(bytes, right == BodyRight::user ? budget_.whole_ : budget_.whole_ / 2);
        }
        /// False: there is not so much left. `right` is always the same for one request.
        bool grow_to(std::size_t bytes, BodyRight right) {
            if (bytes <= held_) return true;
            const auto more = bytes - held_;
            if (more > budget_.all_ || (right != BodyRight::user && more > budget_.anyones_)) return false;
            budget_.all_ -= more;
            if (right != BodyRight::user) budget_.anyones_ -= more;
            held_ = bytes;
            right_ = right;
            return true;
        }
        void release() {
            budget_.all_ += held_;
            if (right_ != BodyRight::user) budget_.anyones_ += held_;
            held_ = 0;
        }

    private:
        BodyBudget& budget_;
        std::size_t held_ = 0;
        BodyRight right_ = BodyRight::user;
    };

private:
    std::size_t whole_;
    std::size_t all_ = whole_, anyones_ = whole_ / 2;  ///< left
};

}  // namespace patchbay
