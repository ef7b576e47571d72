// SPDX-License-Identifier: Apache-2.0
#include "devices/jinja/device.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/support/temporary_folder.hpp"

namespace patchbay {
namespace {

using ::testing::HasSubstr;

/// No file can be opened more, so no program started.
struct NoMoreFiles {
    NoMoreFiles() {
        ::getrlimit(RLIMIT_NOFILE, &before);
        const rlimit none{0, before.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoMoreFiles() { ::setrlimit(RLIMIT_NOFILE, &before); }
    rlimit before{};
};

struct JinjaDevices : ::testing::Test {
    JinjaDevices() {
        entries[0].name = "machine-01";
        entries[1].name = "board-01";
        entries[1].driver.clear();
        entries[1].dictionary = (folder / "board-01.jinja2").string();
        source.dictionaries["board-01"] = "parameters: {note: '{{ extra_kernel_args }}'}\n";
    }

    DeviceFiles render() {
        DeviceFiles files;
        asio::co_spawn(io, render_devices(entries, source, {{"extra_kernel_args", "quiet"}}),
                       [&files](std::exception_ptr error, DeviceFiles made) {
                           EXPECT_FALSE(error);
                           files = std::move(made);
                       });
        io.restart();
        io.run();
        return files;
    }

    asio::io_context io;
    testing::TemporaryFolder folder;
    std::vector<DeviceEntry> entries{2};
    TemplateSource source;
};

TEST_F(JinjaDevices, AreRenderedBesideThoseWithoutADictionary) {
    const auto files = render();
    EXPECT_EQ(files.why_no_dictionaries, "");
    ASSERT_EQ(files.by_device.size(), 2u);
    EXPECT_EQ(*files.by_device.at("board-01").find("parameters")->find("note"), config::Value{"quiet"});
}

TEST_F(JinjaDevices, ThatCannotBeRenderedLeaveTheOthersThere) {
    render();  // whatever the loop opens is open
    const NoMoreFiles limit;
    const auto files = render();
    EXPECT_THAT(files.why_no_dictionaries, HasSubstr("LAVA's device dictionaries cannot be rendered"));
    EXPECT_TRUE(files.by_device.contains("machine-01"));
    EXPECT_FALSE(files.by_device.contains("board-01"));
}

}  // namespace
}  // namespace patchbay
