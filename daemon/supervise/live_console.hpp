// SPDX-License-Identifier: Apache-2.0
#pragma once
// The console of a person's lease while it lives: many read, one writes. Who writes hands over; who has the lease may
// take. It knows neither sockets nor the runner.

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/scrollback.hpp"
#include "core/task.hpp"

namespace patchbay {

/// What one reader gets next.
struct ConsoleNews {
    std::string bytes;                 ///< of the console
    std::int64_t at = 0;               ///< the number of the first of them
    std::vector<std::string> notices;  ///< sentences for a person
    bool writer_changed = false;
    bool over = false;     ///< nothing comes any more
    bool put_out = false;  ///< nothing comes for this reader: somebody who works with the board needed the place
};

class LiveConsole {
public:
    /// What a reader who comes late still gets, bytes.
    static constexpr std::size_t scrollback = 256 * 1024;
    /// Of one console.
    static constexpr std::size_t most_viewers = 64;

    enum class Place {
        worker,  ///< of somebody who may do something with the board
        guest,   ///< of somebody who looks on; given to a worker when there is no other
    };

    class Viewer {
    public:
        Viewer(asio::any_io_executor executor, std::string user, std::string by, std::int64_t at, Place place)
            : user_{std::move(user)}, by_{std::move(by)}, at_{at}, place_{place}, since_{wall_now()}, news_{executor} {}
        const std::string& user() const { return user_; }
        const std::string& by() const { return by_; }
        WallTime since() const { return since_; }

    private:
        friend class LiveConsole;
        std::string user_, by_;
        std::int64_t at_;
        Place place_;
        WallTime since_;
        Timer news_;
        std::vector<std::string> notices_;
        bool writer_changed_ = true;
        bool nudged_ = false;
        bool asks_ = false;
        bool put_out_ = false;
    };
    using ViewerPtr = std::shared_ptr<Viewer>;

    /// `type` gets what the writer types.
    LiveConsole(asio::any_io_executor executor, std::function<void(std::string_view bytes)> type)
        : executor_{executor}, type_{std::move(type)} {}

    /// A new reader; nullptr: there are too many. For a worker the guest who came first is put out then, unless guests
    /// have no place but the writer's. `by`: "console", "telnet 192.0.2.7", for who asks who is there. The last
    /// `scrollback` bytes come first.
    ViewerPtr join(std::string user, std::string by, std::size_t scrollback_bytes = scrollback,
                   Place place = Place::worker);
    /// To one who has joined: byte `at` comes next, or the first behind it that is known. It may still have to come
    /// from the runner.
    void resume(const ViewerPtr& viewer, std::int64_t at);
    /// Who had the keyboard gives it up.
    void leave(const ViewerPtr& viewer);
    /// Waits until there is something, or somebody nudges. Cancellation: throws.
    Task<ConsoleNews> next(ViewerPtr viewer);
    /// next() of this reader comes back at once.
    void nudge(const ViewerPtr& viewer);

    /// False: somebody else writes.
    bool type(const ViewerPtr& viewer, std::string_view bytes);
    const ViewerPtr& writer() const { return writer_; }
    /// The keyboard is theirs when nobody has it; else the writer is told that they want it.
    void ask(const ViewerPtr& viewer, bool may_take);
    /// To the reader of that name who asked, or to any of that name; only the writer can. False: there is nobody.
    bool give(const ViewerPtr& from, const std::string& user);
    /// Whoever has it loses it. Whether they may is the caller's to know.
    void take(const ViewerPtr& viewer);
    const std::vector<ViewerPtr>& viewers() const { return viewers_; }

    /// From the runner; what was there before is not shown again.
    void put(std::int64_t at, std::string_view bytes);
    void notice(const std::string& text);
    void notice(const ViewerPtr& viewer, std::string text);
    /// The lease has ended.
    void end();
    bool over() const { return over_; }

private:
    bool make_room();
    void set_writer(ViewerPtr viewer);
    void wake_all();

    asio::any_io_executor executor_;
    std::function<void(std::string_view)> type_;
    Scrollback bytes_{scrollback};
    std::vector<ViewerPtr> viewers_;
    ViewerPtr writer_;
    bool over_ = false;
};

}  // namespace patchbay
