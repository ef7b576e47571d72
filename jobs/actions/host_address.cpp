// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/host_address.hpp"

#include "core/net/own_address.hpp"
#include "devices/capability/network.hpp"

namespace patchbay {
namespace {

const std::string& setting_of(const JobContext& job, HostService service) {
    const auto& settings = job.settings;
    if (service == HostService::tftp && !settings.tftp_ip.empty()) return settings.tftp_ip;
    if (service == HostService::nfs && !settings.nfs_ip.empty()) return settings.nfs_ip;
    return settings.dispatcher_ip;
}

bool somebody_knows(const JobContext& job, HostService service) {
    return !setting_of(job, service).empty() || job.device.find<Network>() != nullptr;
}

std::string what_is_missing(HostService service) {
    const std::string where = service == HostService::nfs   ? "their NFS root is"
                              : service == HostService::nbd ? "their NBD server is"
                                                            : "to fetch their files";
    return "'dispatcher_ip' in lab.yaml is missing, so boards do not know where " + where +
           "; set it to this machine's address in the boards' network, or give the device a 'network' "
           "(docs/boards-over-network.md)";
}

}  // namespace

void use_default_route(RunnerSettings& settings, const Device& device) {
    if (settings.dispatcher_ip.empty() && !device.find<Network>()) settings.dispatcher_ip = own_address();
}

std::string host_address(const JobContext& job, HostService service) {
    if (const auto& set = setting_of(job, service); !set.empty()) return set;
    auto* network = job.device.find<Network>();
    if (!network) throw ConfigurationError{what_is_missing(service)};
    return network->host_address();
}

std::string host_address_if_known(const JobContext& job, HostService service) {
    if (!somebody_knows(job, service)) return {};
    try {
        return host_address(job, service);
    } catch (const Error& error) {
        job.log.debug(error.what());
        return {};
    }
}

void need_host_address(const JobContext& job, HostService service, std::vector<std::string>& errors) {
    if (!somebody_knows(job, service)) errors.push_back(what_is_missing(service));
}

}  // namespace patchbay
