// SPDX-License-Identifier: Apache-2.0
#pragma once
// The certificate of HTTPS, which is renewed while we serve.

#include <filesystem>
#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace patchbay {

struct CertificateFiles {
    std::filesystem::path chain;  ///< PEM: the certificate, then those that lead to its authority
    std::filesystem::path key;    ///< PEM, without a passphrase
};

class Certificate {
public:
    /// Reads both files. TLS 1.2 and 1.3 are spoken with it, nothing older.
    /// Throws: ConfigurationError naming the file, what is wrong with it and what it should be.
    explicit Certificate(CertificateFiles files);

    /// Reads them again: for connections that come from now on. Throws as the constructor; the old one then stays.
    void reload();
    /// Has a file changed since it was last read, with whatever success?
    bool changed() const;

    /// What a new connection gets; it keeps it.
    std::shared_ptr<boost::asio::ssl::context> context() const { return context_; }
    /// "Jan  2 03:04:05 2027 GMT"
    const std::string& expires() const { return expires_; }

private:
    CertificateFiles files_;
    std::shared_ptr<boost::asio::ssl::context> context_;
    std::string expires_;
    std::string seen_;  ///< what tells the files from changed ones
};

}  // namespace patchbay
