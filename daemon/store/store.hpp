// SPDX-License-Identifier: Apache-2.0
#pragma once
// The store as the daemon uses it: durable writes, gathered into few transactions; reads on the io thread or on
// workers.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <vector>

#include "core/task.hpp"
#include "core/worker.hpp"
#include "daemon/store/changes.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/log_cache.hpp"
#include "daemon/store/writer.hpp"

namespace patchbay {

enum class StoreUse {
    serve,  ///< the daemon: takes `<store>.lock`, throws when another daemon has it
    admin,  ///< a command beside a running daemon: short transactions, no lock
};

class StoreLock;

class Store {
public:
    /// Opens or creates the file and brings its schema up to date.
    /// Throws: ConfigurationError when another daemon serves it (naming its pid) or a newer version wrote it;
    /// StoreError.
    Store(asio::any_io_executor io, asio::thread_pool& workers, std::filesystem::path file,
          StoreUse use = StoreUse::serve);
    /// Writes what was queued, then closes. Coroutines that still wait for a write are not resumed any more.
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// Runs `fn(Database&)` inside a transaction on the writer's thread; returns its value when that is on the disk.
    /// Many of them share one commit; one that throws is rolled back alone.
    /// Cancellation: not once queued. `fn` owns what it needs and can be run twice. Throws: what `fn` threw; StoreError
    /// when the commit failed. Name `fn` before the co_await (docs/maintainers/coroutines.md).
    template <class Fn>
    Task<std::invoke_result_t<Fn&, Database&>> write(Fn fn);

    /// The connection of the io thread, for point reads and pages. Sees every write that completed.
    Database& reader() { return *reader_; }
    /// Decompressed log chunks of the io thread.
    LogCache& log_cache() { return log_cache_; }

    /// Runs `fn(Database&)` with a read connection on a worker, for reads that may take long (filters without an index,
    /// exports).
    template <class Fn>
    Task<std::invoke_result_t<Fn&, Database&>> read_on_worker(Fn fn);

    /// `told` gets what writes changed, on the io thread: after the commit, in the order of the commits, and before
    /// whoever waits for the write goes on. One listener, set once; the store of a command has none.
    void on_changes(std::function<void(const std::vector<Change>&)> told) { *told_ = std::move(told); }

    /// Returns when every write queued so far is on the disk (or failed). Blocks; for the end of the program.
    void flush() { writer_->flush(); }

    /// The same on threads of the caller's, which may be kept as long as it likes.
    template <class Fn>
    Task<std::invoke_result_t<Fn&, Database&>> read_on(asio::thread_pool& threads, Fn fn);

    const std::filesystem::path& file() const { return file_; }
    /// Made with the store, and no other has it; a copy of the file does.
    const std::string& identity() const { return identity_; }

private:
    template <class Fn>
    class PendingCall;

    Task<> submit(std::shared_ptr<PendingWrite> write);
    void tell(std::vector<Change> changes);
    std::unique_ptr<Database> take_connection();
    void return_connection(std::unique_ptr<Database> connection);

    asio::any_io_executor io_;
    asio::thread_pool& workers_;
    std::filesystem::path file_;
    std::unique_ptr<StoreLock> lock_;
    /// Of the io thread; what is on its way there may outlive the store.
    std::shared_ptr<std::function<void(const std::vector<Change>&)>> told_ =
        std::make_shared<std::function<void(const std::vector<Change>&)>>();
    std::unique_ptr<Writer> writer_;
    std::unique_ptr<Database> reader_;
    std::string identity_;
    LogCache log_cache_;
    std::mutex idle_mutex_;  // workers hand their connections back from their own threads
    std::vector<std::unique_ptr<Database>> idle_connections_;
};

template <class Fn>
class Store::PendingCall final : public PendingWrite {
public:
    using Result = std::invoke_result_t<Fn&, Database&>;
    explicit PendingCall(Fn fn) : fn_{std::move(fn)} {}
    void run(Database& db) override {
        if constexpr (std::is_void_v<Result>) {
            fn_(db);
        } else {
            result_ = fn_(db);
        }
    }
    Result take() {
        if constexpr (!std::is_void_v<Result>) return std::move(*result_);
    }

private:
    Fn fn_;
    std::conditional_t<std::is_void_v<Result>, int,
                       std::optional<std::conditional_t<std::is_void_v<Result>, int, Result>>>
        result_{};
};

template <class Fn>
Task<std::invoke_result_t<Fn&, Database&>> Store::write(Fn fn) {
    auto call = std::make_shared<PendingCall<Fn>>(std::move(fn));
    co_await submit(call);
    if (call->failure) std::rethrow_exception(call->failure);
    co_return call->take();
}

template <class Fn>
Task<std::invoke_result_t<Fn&, Database&>> Store::read_on_worker(Fn fn) {
    co_return co_await read_on(workers_, std::move(fn));
}

template <class Fn>
Task<std::invoke_result_t<Fn&, Database&>> Store::read_on(asio::thread_pool& threads, Fn fn) {
    using Result = std::invoke_result_t<Fn&, Database&>;
    auto query = [this, fn = std::move(fn)]() mutable -> Result {
        struct Borrowed {
            Store& store;
            std::unique_ptr<Database> connection;
            ~Borrowed() { store.return_connection(std::move(connection)); }
        } borrowed{*this, take_connection()};
        return fn(*borrowed.connection);
    };
    co_return co_await on_worker(threads, std::move(query));
}

}  // namespace patchbay
