// SPDX-License-Identifier: Apache-2.0
#include "drivers/hardware_workers.hpp"

#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>

namespace patchbay {
namespace {

class Workers final : public asio::execution_context::service {
public:
    using key_type = Workers;
    static asio::execution_context::id id;

    explicit Workers(asio::execution_context& context) : asio::execution_context::service{context} {}

    asio::thread_pool& pool() { return pool_; }

private:
    /// Called when the context begins to go. A thread still holds a piece of it for a moment after its result was
    /// taken.
    void shutdown() override { pool_.join(); }

    asio::thread_pool pool_{2};  // one adapter that hangs holds up no other
};

asio::execution_context::id Workers::id;

}  // namespace

asio::thread_pool& hardware_workers(const asio::any_io_executor& executor) {
    return asio::use_service<Workers>(asio::query(executor, asio::execution::context)).pool();
}

}  // namespace patchbay
