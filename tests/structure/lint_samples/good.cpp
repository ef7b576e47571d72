// SPDX-License-Identifier: Apache-2.0
// Not compiled. None of these is a trap.
//// named before
Task<> f() {
    auto query = [&db, name] { return load(db, name); };
    auto row = co_await on_worker(pool, std::move(query));
}
//// an aggregate named before
Task<> f() {
    const Request request{.url = url, .sha256 = sum};
    co_await fetch(request);
}
//// captures only references
Task<> f() { co_await g([&] { use(s); }); }
//// captures only this
Task<> f() { co_await g([this] { tick(); }); }
//// no captures
Task<> f() { co_await g([](int x) { return x; }); }
//// a subscript
Task<> f() { co_await tasks[i](x); }
//// an initialised array
Task<> f() {
    int a[3]{1, 2, 3};
    co_await g(a[0]);
}
//// in a comment: co_await g([s] { use(s); });
int x; /* co_await g({.a = b}); */
//// in a string
const char* text = "co_await g([s] { use(s); });";
const char* raw = R"(co_await fetch({.url = url});)";
//// a lambda coroutine that is named, with a co_await in its body
Task<> f() {
    auto work = [name]() -> Task<> {
        co_await g(name);
    };
    co_await and_then(work());
}
//// the statement before
Task<> f() {
    auto keep = [name] { use(name); };
    if (x) {
        use({.url = url});
    }
    co_await g();
}
//// the statement after
Task<> f() {
    for (;;) {
        co_await g();
    }
    list.push_back({.url = url});
}
//// a loop's header
Task<> f() {
    while (co_await more()) {
        list.push_back({.url = url});
        std::sort(a, b, [key](auto l, auto r) { return l[key] < r[key]; });
    }
}
//// called at once, but no coroutine
const auto value = [name] { return size(name); }();
//// an attribute
Task<> f() {
    [[maybe_unused]] auto n = co_await g();
}
//// digit separators
Task<> f() {
    constexpr int n = 1'000'000;
    co_await g(n, 'x');
}
