// SPDX-License-Identifier: Apache-2.0
// How many jobs a second pass each of LAVA's schemas, from text to verdict, and how many are only parsed; prints one
// line of JSON: {"parse": jobs in a second, "gate": ..., "full": ..., "strict": ...}. They take turns, so that all see
// the same noise; each figure is the median of the rounds.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "jobs/definition/judgement.hpp"

namespace patchbay::bench {
namespace {

using Seconds = std::chrono::duration<double>;

std::string read_text(const std::string& path) {
    std::ifstream in{path};
    if (!in) throw std::runtime_error{path + ": cannot be read"};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// Jobs in a second; goes through all of them until `least` is over.
template <class Work>
double rate(const std::vector<std::string>& jobs, Seconds least, Work work) {
    const auto begin = std::chrono::steady_clock::now();
    double done = 0;
    Seconds taken{0};
    while (taken < least) {
        for (const auto& job : jobs) work(job);
        done += static_cast<double>(jobs.size());
        taken = std::chrono::steady_clock::now() - begin;
    }
    return done / taken.count();
}

double median(std::vector<double> rates) {
    std::sort(rates.begin(), rates.end());
    return rates[rates.size() / 2];
}

void measure(const std::vector<std::string>& jobs, Seconds least, int rounds) {
    constexpr std::array names{"gate", "full", "strict"};
    constexpr std::array schemas{JobSchema::gate, JobSchema::full, JobSchema::strict};
    std::vector<double> parsed;
    std::array<std::vector<double>, schemas.size()> judged;
    for (int round = 0; round < rounds; ++round) {
        parsed.push_back(rate(jobs, least, [](const std::string& job) { config::parse_yaml(job); }));
        for (std::size_t i = 0; i < schemas.size(); ++i)
            judged[i].push_back(rate(jobs, least, [&](const std::string& job) { judge_job(job, schemas[i]); }));
    }
    std::printf("{\"parse\": %f", median(parsed));
    for (std::size_t i = 0; i < schemas.size(); ++i) std::printf(", \"%s\": %f", names[i], median(judged[i]));
    std::printf("}\n");
}

}  // namespace
}  // namespace patchbay::bench

int main(int argc, char** argv) {
    using namespace patchbay;
    std::vector<std::string> files;
    double seconds = 0.5;
    int rounds = 5;
    CLI::App app{"Measures the validation of job definitions"};
    app.add_option("job", files)->required();
    app.add_option("--seconds", seconds, "of each figure in each round");
    app.add_option("--rounds", rounds)->check(CLI::PositiveNumber);
    CLI11_PARSE(app, argc, argv);
    try {
        std::vector<std::string> jobs;
        for (const auto& file : files) jobs.push_back(bench::read_text(file));
        bench::measure(jobs, bench::Seconds{seconds}, rounds);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "validation: %s\n", error.what());
        return 1;
    }
}
