#include "service.hpp"

#include "date.hpp"
#include "exchange.hpp"

#include <ostream>
#include <string>

namespace greenroom::detail {

void HttpService::log(const HttpExchange& exchange) const {
  const auto& request = exchange.request();
  std::string line = exchange.peer().address();
  if (line.empty()) line = '-';  // a client at a unix socket
  line += " - - [";
  line += log_date();
  line += "] \"";
  if (request.target().empty()) {
    line += '-';
  } else {
    line += std::string(request.method_string()) + ' ';
    for (const char c : request.target())
      c == '"' ? line += "%22" : line += c;  // it would end the field
    line += " HTTP/" + std::to_string(request.version() / 10) + '.' +
            std::to_string(request.version() % 10);
  }
  line += "\" ";
  line += exchange.has_begun() ? std::to_string(exchange.status()) : "-";
  line += ' ' + std::to_string(exchange.sent()) + '\n';
  *access_log << line << std::flush;
}

}  // namespace greenroom::detail
