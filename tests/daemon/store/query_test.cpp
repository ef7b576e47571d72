// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/query.hpp"

#include <gtest/gtest.h>

#include "daemon/store/tag_set.hpp"

namespace patchbay {
namespace {

TEST(QueryTest, ParametersThatAreNoFiltersOfAListAreIgnored) {
    for (const auto* name : {"limit", "offset", "format", "ordering", "nonsense", "state__lt", "id__contains", "id__",
                             "metadata", "metadata__", "", "!", "__"})
        EXPECT_FALSE(find_filter(QueryList::jobs, name)) << name;
    EXPECT_FALSE(find_filter(QueryList::devices, "metadata__a"));
}

TEST(QueryTest, ANameIsSplitIntoFieldLookupAndNegation) {
    const auto plain = find_filter(QueryList::jobs, "actual_device__device_type__name");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->field->name, "actual_device__device_type__name");
    EXPECT_EQ(plain->lookup, Lookup::exact);
    EXPECT_FALSE(plain->negate);
    const auto full = find_filter(QueryList::jobs, "actual_device__device_type__name__in!");
    ASSERT_TRUE(full);
    EXPECT_EQ(full->lookup, Lookup::in);
    EXPECT_TRUE(full->negate);
    const auto metadata = find_filter(QueryList::jobs, "metadata__build__id__startswith");
    ASSERT_TRUE(metadata);
    EXPECT_EQ(metadata->path, (std::vector<std::string>{"build", "id"}));
    EXPECT_EQ(metadata->lookup, Lookup::startswith);
}

TEST(QueryTest, OnlySomeListsCanBeOrdered) {
    EXPECT_TRUE(find_order(QueryList::jobs, "submit_time"));
    EXPECT_FALSE(find_order(QueryList::jobs, "description"));
    for (const auto* name : {"hostname", "device_type", "device_version", "physical_owner", "physical_group",
                             "description", "tags", "state", "health", "worker_host", "is_synced"})
        EXPECT_TRUE(find_order(QueryList::devices, name)) << name;
    EXPECT_TRUE(find_order(QueryList::suites, "id"));
    EXPECT_TRUE(find_order(QueryList::tests, "unit"));
    EXPECT_FALSE(find_order(QueryList::tests, "suite__name"));
    EXPECT_FALSE(find_order(QueryList::device_types, "name"));
}

TEST(QueryTest, OnlyTheFirstPagesInTheOrderOfTheIdsNeedNoLongRead) {
    Query query;
    EXPECT_TRUE(query.is_near_start());
    query.ordering = {{find_order(QueryList::tests, "id"), true}};
    EXPECT_TRUE(query.is_near_start());
    query.offset = 99'900;
    EXPECT_FALSE(query.is_near_start());
    query.offset = 0;
    query.ordering = {{find_order(QueryList::tests, "name"), false}};
    EXPECT_FALSE(query.is_near_start());
}

TEST(TagSetTest, ASetIsWrittenInOneWay) {
    EXPECT_EQ(format_tag_set({TagId{10}, TagId{9}, TagId{10}}), "9,10");
    EXPECT_EQ(format_tag_set({}), "");
    EXPECT_EQ(parse_tag_set("9,10"), (std::vector{TagId{9}, TagId{10}}));
    EXPECT_TRUE(parse_tag_set("").empty());
}

TEST(TagSetTest, ADeviceCoversWhatItHasAllOf) {
    EXPECT_TRUE(covers("", ""));
    EXPECT_TRUE(covers("1,2,10", "2,10"));
    EXPECT_FALSE(covers("1,10", "1,2"));
    EXPECT_FALSE(covers("", "1"));
    EXPECT_FALSE(covers("11", "1")) << "numbers, not text";
}

}  // namespace
}  // namespace patchbay
