// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a request handler may use. Made by main(), alive as long as the server.

#include <boost/asio/thread_pool.hpp>

namespace patchbay {

class Store;
class Scheduler;
class Supervisor;
class Events;
class JobCache;
struct Settings;

struct Services {
    Store& store;
    Scheduler& scheduler;
    Supervisor& supervisor;
    const Settings& settings;
    Events& events;
    boost::asio::thread_pool& checkers;  ///< checks of definitions; long reads have the store's threads
    JobCache& job_cache;
};

}  // namespace patchbay
