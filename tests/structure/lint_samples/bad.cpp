// SPDX-License-Identifier: Apache-2.0
// Not compiled. Each snippet is a trap that scripts/lint_coroutines.py must find.
//// a worker's query with a captured string
Task<> f() {
    auto row = co_await on_worker(pool, [&db, name] { return load(db, name); });
}
//// a lambda with parameters
Task<> f() { co_await g([s](int x) { return s.size() + x; }); }
//// a moved-in capture
Task<> f() { co_await g([s = std::move(s)]() mutable { take(std::move(s)); }); }
//// everything by copy
Task<> f() { co_await g([=] { use(s); }); }
//// a designated aggregate
Task<> f() { co_await fetch({.url = url, .sha256 = sum}); }
//// a designated aggregate with its type
Task<> f() { co_await fetch(Request{.url = url}); }
//// over several lines
Task<> f() {
    co_await fetch(first,
                   // a comment
                   {
                       .url = url,
                   });
}
//// co_spawn with use_awaitable
Task<> f() {
    co_await asio::co_spawn(ex, [name]() -> Task<> { co_return; }, asio::use_awaitable);
}
//// the executor comes from co_await in the same expression
Task<> f() {
    asio::post(co_await asio::this_coro::executor, [name] { use(name); });
}
//// the lambda stands before the co_await
Task<> f() {
    run([name] { use(name); }, co_await asio::this_coro::executor);
}
//// the result is returned
Task<int> f() { co_return co_await on_worker(pool, [text] { return count(text); }); }
//// in a condition
Task<> f() {
    if (co_await on_worker(pool, [text] { return empty(text); })) stop();
}
//// a capturing coroutine lambda called at once
void f() {
    group.spawn("poll", [this]() -> Task<> { co_await tick(); }());
}
//// inside a lambda that is itself harmless
auto f = [&]() -> Task<> {
    co_await g([name] { use(name); });
};
