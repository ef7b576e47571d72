// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/store.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/store/migrations.hpp"
#include "daemon/store/sqlite/sqlite_database.hpp"
#include "daemon/store/store_lock.hpp"
#include "daemon/store/writer.hpp"

namespace patchbay {

Store::Store(asio::any_io_executor io, asio::thread_pool& workers, std::filesystem::path file, StoreUse use)
    : io_{std::move(io)}, workers_{workers}, file_{std::move(file)} {
    std::error_code ignored;  // open_sqlite reports what matters
    std::filesystem::create_directories(file_.parent_path(), ignored);
    if (use == StoreUse::serve) {
        // The file itself may be reached by several names.
        const auto real = std::filesystem::weakly_canonical(file_);
        lock_ = std::make_unique<StoreLock>(real.string() + ".lock", "store " + file_.string());
    }
    auto connection = open_sqlite(file_, SqliteAccess::read_write);
    migrate(*connection, file_.string());
    writer_ = std::make_unique<Writer>(std::move(connection));
    if (use == StoreUse::serve) writer_->on_changes([this](std::vector<Change> changes) { tell(std::move(changes)); });
    reader_ = open_sqlite(file_, SqliteAccess::read_only);
    auto row = reader_->run("SELECT id FROM store_identity");
    if (!row->step()) throw StoreError{"store " + file_.string() + ": has no identity; restore it from a backup"};
    identity_ = row->text(0);
}

Store::~Store() = default;

Task<> Store::submit(std::shared_ptr<PendingWrite> write) {
    auto initiate = [this, write](auto handler) {
        // std::function wants copies; the handler can only be moved. The tracked executor keeps io.run() going.
        auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
        auto executor =
            asio::prefer(asio::get_associated_executor(*waiting, io_), asio::execution::outstanding_work.tracked);
        write->complete = [waiting, executor]() mutable {
            // The writer keeps nothing of the waiter: its frame belongs to the io thread.
            auto resume = [mine = std::move(waiting)] { (*mine)(); };
            asio::post(executor, std::move(resume));
        };
        writer_->submit(write);
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiate, asio::use_awaitable);
}

/// On the writer's thread.
void Store::tell(std::vector<Change> changes) {
    asio::post(io_, [told = told_, changes = std::move(changes)] {
        if (*told) (*told)(changes);
    });
}

std::unique_ptr<Database> Store::take_connection() {
    {
        const std::lock_guard guard{idle_mutex_};
        if (!idle_connections_.empty()) {
            auto connection = std::move(idle_connections_.back());
            idle_connections_.pop_back();
            return connection;
        }
    }
    return open_sqlite(file_, SqliteAccess::read_only);
}

void Store::return_connection(std::unique_ptr<Database> connection) {
    const std::lock_guard guard{idle_mutex_};
    idle_connections_.push_back(std::move(connection));
}

}  // namespace patchbay
