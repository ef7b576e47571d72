// SPDX-License-Identifier: Apache-2.0
#include "core/errors.hpp"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <functional>

namespace patchbay {
namespace {

std::exception_ptr caught(const std::function<void()>& act) {
    try {
        act();
    } catch (...) {
        return std::current_exception();
    }
    return nullptr;
}

TEST(Errors, EachClassHasLavasWordForWhoMustAct) {
    // lava_common/exceptions.py, error_type of each class.
    EXPECT_EQ(to_string(InfrastructureError{""}.type()), "Infrastructure");
    EXPECT_EQ(to_string(ConnectionClosedError{""}.type()), "Infrastructure");
    EXPECT_EQ(to_string(JobError{""}.type()), "Job");
    EXPECT_EQ(to_string(TestError{""}.type()), "Test");
    EXPECT_EQ(to_string(ConfigurationError{""}.type()), "Configuration");
    EXPECT_EQ(to_string(LavaBug{""}.type()), "Bug");
    EXPECT_EQ(to_string(JobCanceled{""}.type()), "Canceled");
    EXPECT_EQ(to_string(LavaTimeoutError{""}.type()), "LAVATimeout");
    EXPECT_EQ(to_string(ErrorType::multinode_timeout), "MultinodeTimeout");
}

constexpr ErrorType all_types[] = {ErrorType::infrastructure,
                                   ErrorType::job,
                                   ErrorType::test,
                                   ErrorType::configuration,
                                   ErrorType::bug,
                                   ErrorType::canceled,
                                   ErrorType::lava_timeout,
                                   ErrorType::multinode_timeout};

TEST(Errors, EachHelpTextBeginsWithLavasClassName) {
    constexpr std::string_view names[] = {"InfrastructureError",
                                          "JobError",
                                          "TestError",
                                          "ConfigurationError",
                                          "LAVABug",
                                          "JobCanceled",
                                          "LAVATimeoutError",
                                          "MultinodeProtocolTimeoutError"};
    for (std::size_t i = 0; i < std::size(all_types); ++i)
        EXPECT_TRUE(help_text(all_types[i]).starts_with(std::string{names[i]} + ": ")) << help_text(all_types[i]);
}

TEST(Errors, RaiseThrowsTheClassThatCanBeCaughtByItsName) {
    EXPECT_THROW(raise(ErrorType::infrastructure, "m"), InfrastructureError);
    EXPECT_THROW(raise(ErrorType::job, "m"), JobError);
    EXPECT_THROW(raise(ErrorType::test, "m"), TestError);
    EXPECT_THROW(raise(ErrorType::configuration, "m"), ConfigurationError);
    EXPECT_THROW(raise(ErrorType::bug, "m"), LavaBug);
    EXPECT_THROW(raise(ErrorType::canceled, "m"), JobCanceled);
    EXPECT_THROW(raise(ErrorType::lava_timeout, "m"), LavaTimeoutError);
    for (const auto type : all_types) {
        try {
            raise(type, "what happened");
        } catch (const Error& error) {
            EXPECT_EQ(error.type(), type);
            EXPECT_EQ(std::string{error.what()}, "what happened");
        }
    }
}

TEST(Errors, ATimeOutIsNoErrorOfAClassUntilItsOwnerSaysSo) {
    static_assert(!std::is_base_of_v<Error, TimedOut>);
    EXPECT_EQ(std::string{TimedOut{"auto-login"}.what()}, "timed out: auto-login");
}

TEST(Describe, PrintsTheWholeChainOutermostFirst) {
    const auto error = caught([] {
        try {
            try {
                throw std::runtime_error{"Input/output error"};
            } catch (...) {
                std::throw_with_nested(InfrastructureError{"gpio gpiochip0 line 3"});
            }
        } catch (...) {
            std::throw_with_nested(std::runtime_error{"power-off imx8-01"});
        }
    });
    EXPECT_EQ(describe(error), "power-off imx8-01: gpio gpiochip0 line 3: Input/output error");
}

TEST(Describe, KnowsWhatIsNoException) {
    EXPECT_EQ(describe(std::exception_ptr{}), "no error");
    EXPECT_EQ(describe(caught([] { throw 7; })), "unknown exception");
    EXPECT_EQ(describe(caught([] {
                  try {
                      throw 7;
                  } catch (...) {
                      std::throw_with_nested(JobError{"boot"});
                  }
              })),
              "boot: unknown exception");
}

TEST(IsCancellation, IsOnlyAsiosWordForIt) {
    const auto asio_error = [](boost::system::error_code code) {
        return caught([code] { throw boost::system::system_error{code}; });
    };
    EXPECT_TRUE(is_cancellation(asio_error(boost::asio::error::operation_aborted)));
    EXPECT_FALSE(is_cancellation(asio_error(boost::asio::error::eof)));
    EXPECT_FALSE(is_cancellation(caught([] { throw JobCanceled{"canceled by admin"}; })));
    EXPECT_FALSE(is_cancellation(caught([] { throw TimedOut{"boot"}; })));
    EXPECT_FALSE(is_cancellation(nullptr));
}

TEST(Errors, OfSeveralFailuresAllAreToldAndOneKeepsItsClass) {
    Failures none, one, two;
    none.raise_if_any();
    const auto job = std::make_exception_ptr(JobError{"no kernel"});
    one.add(job);
    one.add(job);  // said once
    EXPECT_THROW(one.raise_if_any(), JobError);
    two.add(job);
    two.add(std::make_exception_ptr(std::runtime_error{"relay gone"}));
    try {
        two.raise_if_any();
        FAIL();
    } catch (const InfrastructureError& error) {
        EXPECT_STREQ(error.what(), "no kernel; relay gone");
    }
}

}  // namespace
}  // namespace patchbay
