#include "net/certificate.hpp"

#include <cstdio>
#include <memory>
#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace emostream::net {

namespace {

template <class T, void (*Free)(T*)>
struct deleter {
  void operator()(T* t) const { Free(t); }
};
using pkey = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY, EVP_PKEY_free>>;
using x509 = std::unique_ptr<X509, deleter<X509, X509_free>>;

x509 self_signed(EVP_PKEY* key, const std::string& name) {
  x509 c(::X509_new());
  ::X509_set_version(c.get(), X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(c.get()), 1);
  ::X509_gmtime_adj(::X509_getm_notBefore(c.get()), -3600);
  ::X509_gmtime_adj(::X509_getm_notAfter(c.get()), 3600);
  ::X509_set_pubkey(c.get(), key);
  X509_NAME* const subject = ::X509_get_subject_name(c.get());
  ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  ::X509_set_issuer_name(c.get(), subject);
  ::X509_sign(c.get(), key, ::EVP_sha256());
  return c;
}

template <class Write>
void write(const std::filesystem::path& path, Write write_to) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"), std::fclose);
  if (!file || write_to(file.get()) != 1) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace

certificate::certificate(const std::string& name) {
  renew(name);
}

void certificate::renew(const std::string& name) {
  const pkey new_key(EVP_EC_gen("P-256"));
  const auto c = self_signed(new_key.get(), name);
  write(file(), [&](std::FILE* f) { return ::PEM_write_X509(f, c.get()); });
  write(key(), [&](std::FILE* f) {
    return ::PEM_write_PrivateKey(f, new_key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

}  // namespace emostream::net
