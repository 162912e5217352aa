// Certificates for tests: of an authority, and of "localhost", signed by it.
// The openssl program makes them once per process, in a folder that is removed
// when the process ends.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace greenroom::test {

class TestCertificates {
 public:
  static const TestCertificates& get() {
    static const TestCertificates made;
    return made;
  }
  TestCertificates(const TestCertificates&) = delete;
  TestCertificates& operator=(const TestCertificates&) = delete;
  ~TestCertificates() {
    if (getpid() != maker_) return;  // a child that came of fork()
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::string authority() const { return folder_ + "/ca.pem"; }
  [[nodiscard]] std::string chain() const { return folder_ + "/chain.pem"; }
  [[nodiscard]] std::string key() const { return folder_ + "/key.pem"; }

 private:
  TestCertificates() {
    folder_ = std::filesystem::temp_directory_path() / "greenroom-XXXXXX";
    if (mkdtemp(folder_.data()) == nullptr)
      throw std::runtime_error("no folder for certificates");
    const std::string curve =
        " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
    const std::string script =
        "cd " + folder_ + " && { openssl req -x509" + curve +
        "-keyout ca.key -out ca.pem -subj /CN=authority -days 2 && openssl "
        "req" +
        curve +
        "-keyout key.pem -out request.pem -subj /CN=localhost && printf "
        "subjectAltName=DNS:localhost,IP:127.0.0.1 > names && openssl x509 "
        "-req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial "
        "-extfile names -days 2 -out chain.pem; } > log 2>&1";
    if (std::system(script.c_str()) != 0)
      throw std::runtime_error("openssl made no certificates: " + folder_);
  }

  std::string folder_;
  pid_t maker_ = getpid();
};

}  // namespace greenroom::test
