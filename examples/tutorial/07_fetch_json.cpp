// Nine pages, one after the other and then all at once.
//
//   $ build/release/examples/tutorial/07_fetch_json
//   Synchronous:
//   Process 1: 2012-11-20T23:51:00Z
//   ...up to 9, and then, in the order in which the answers come:
//   Asynchronous:
//   Process 8: 2012-11-20T23:51:00Z
//   ...

#include <greenroom/greenroom.hpp>

#include <boost/json/src.hpp>  // header-only

#include <chrono>
#include <iostream>
#include <random>
#include <string>
#include <vector>

using namespace greenroom;

// The site: it takes its time to answer.
void application(http::Request&, http::Response& response) {
  static std::minstd_rand random(std::random_device{}());
  sleep(std::chrono::milliseconds(random() % 20));
  response.send(R"({"datetime": "2012-11-20T23:51:00Z"})", "application/json");
}

void fetch(const std::string& url, int pid) {
  const auto result = boost::json::parse(http::get(url).body);
  std::cout << "Process " << pid << ": "
            << result.at("datetime").as_string().c_str() << '\n';
}

void synchronous(const std::string& url) {
  for (int i = 1; i < 10; ++i) fetch(url, i);
}

void asynchronous(const std::string& url) {
  std::vector<GreenletPtr> greenlets;
  for (int i = 1; i < 10; ++i) greenlets.push_back(spawn(fetch, url, i));
  joinall(greenlets);
}

int main() {
  http::Server server({"127.0.0.1", 0}, application);
  server.start();
  const std::string url =
      "http://" + server.endpoint().to_string() + "/time.json";

  std::cout << "Synchronous:\n";
  synchronous(url);
  std::cout << "Asynchronous:\n";
  asynchronous(url);
}
