// Any function can find the request that is being answered, without getting it
// as an argument: each greenlet has its own.
//
//   $ build/release/examples/tutorial/30_local_proxy_wsgi &
//   $ curl http://127.0.0.1:8000/
//   Hello 127.0.0.1 /

#include <greenroom/greenroom.hpp>

#include <chrono>
#include <string>

using namespace greenroom;

Local<http::Request*> request;

Duration seconds(double count) {
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(count));
}

std::string logic() {
  for (const auto& [name, value] : http::parse_form((*request)->query()))
    if (name == "d") sleep(seconds(std::stod(value)));
  return "Hello " + (*request)->peer().address() + " " + (*request)->path() +
         "\n";
}

void application(http::Request& its_request, http::Response& response) {
  *request = &its_request;  // the value ends with the request
  response.send(logic(), "text/html");
}

int main(int argc, char** argv) {
  const net::Endpoint endpoint =
      net::Endpoint::parse(argc > 1 ? argv[1] : "127.0.0.1:8000");
  http::Server(endpoint, application).serve_forever();
}
