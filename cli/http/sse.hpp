// SPDX-License-Identifier: Apache-2.0
#pragma once
// Server-sent events (WHATWG HTML, section 9.2.6), as a stream parser. No I/O.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::cli {

struct ServerEvent {
    std::string name;  ///< "message" when the server gave none
    std::string id;    ///< the last id seen, also from earlier events
    std::string data;  ///< lines joined by '\n'
};

class EventParser {
public:
    /// Takes the next bytes; returns the events that they completed. An event that the end of the stream cut off
    /// never comes out. Throws: UserError when one event is larger than 16 MiB.
    std::vector<ServerEvent> feed(std::string_view bytes);

private:
    void end_line(std::vector<ServerEvent>& out);
    void field(std::string_view name, std::string_view value);

    std::string line_;
    std::string name_;
    std::string id_;
    std::string data_;
    bool has_data_ = false;
    bool after_cr_ = false;
    bool first_line_ = true;
};

}  // namespace patchbay::cli
