// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/certificate.hpp"

#include <openssl/ssl.h>
#include <sys/stat.h>

#include <boost/asio/ssl/context.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/errors.hpp"

namespace patchbay {

namespace ssl = boost::asio::ssl;

namespace {

[[noreturn]] void refuse(const std::string& what, const std::filesystem::path& file, const std::string& why) {
    throw ConfigurationError{"tls " + what + " " + file.string() + ": " + why};
}

void check_readable(const std::string& what, const std::filesystem::path& file) {
    std::ifstream stream{file};
    if (!stream || stream.peek() == std::ifstream::traits_type::eof())
        refuse(what, file, stream ? "is empty" : std::string{"cannot be read: "} + std::strerror(errno));
}

/// Nobody is there to be asked.
int no_passphrase(char*, int, int, void*) { return 0; }

std::string expiry_of(SSL_CTX* context) {
    const auto* certificate = SSL_CTX_get0_certificate(context);
    const std::unique_ptr<BIO, decltype(&BIO_free)> text{BIO_new(BIO_s_mem()), BIO_free};
    if (!certificate || !text || ASN1_TIME_print(text.get(), X509_get0_notAfter(certificate)) != 1) return {};
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(text.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::shared_ptr<ssl::context> load(const CertificateFiles& files) {
    check_readable("certificate", files.chain);
    check_readable("key", files.key);
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    auto* native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    // A client must not make us do the costly part again and again on one connection.
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_default_passwd_cb(native, &no_passphrase);
    boost::system::error_code error;
    context->use_certificate_chain_file(files.chain.string(), error);
    if (error)
        refuse("certificate", files.chain,
               error.message() + "; it must be a certificate in PEM, then those that sign it");
    context->use_private_key_file(files.key.string(), ssl::context::pem, error);
    if (error)
        refuse("key", files.key,
               error.message() + "; it must be the certificate's private key in PEM, without a passphrase");
    return context;
}

std::string state_of(const std::filesystem::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return "none";
    return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) + ":" + std::to_string(status.st_size) +
           ":" + std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

std::string state_of(const CertificateFiles& files) { return state_of(files.chain) + " " + state_of(files.key); }

}  // namespace

Certificate::Certificate(CertificateFiles files) : files_{std::move(files)} { reload(); }

void Certificate::reload() {
    seen_ = state_of(files_);  // before they are read: a change meanwhile is seen the next time
    context_ = load(files_);
    expires_ = expiry_of(context_->native_handle());
}

bool Certificate::changed() const { return state_of(files_) != seen_; }

}  // namespace patchbay
