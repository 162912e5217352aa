#include "report.hpp"

#include "errors.hpp"
#include "greenlet.hpp"
#include "hub.hpp"

#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <typeinfo>

namespace greenroom::detail {
namespace {

// If thousands wait, only the first of them are described.
constexpr std::size_t kMostLines = 50;

std::string in_words(Duration age) {
  std::ostringstream text;
  text << std::chrono::duration<double>(age).count() << " s";
  return text.str();
}

void report(const std::string& who, const std::exception_ptr& what) noexcept {
  if (Hub* hub = Hub::find(); hub != nullptr)
    hub->report(who, what);
  else
    print_report(who, what);
}

}  // namespace

std::string readable_type(const char* mangled) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(mangled, nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : mangled;
}

std::string describe(const std::exception_ptr& what) {
  try {
    std::rethrow_exception(what);
  } catch (const std::exception& e) {
    return readable_type(typeid(e).name()) + ": " + e.what();
  } catch (const TimeoutError& e) {
    return std::string("greenroom::TimeoutError: ") + e.what();
  } catch (const GreenletExit& e) {
    return e.what();
  } catch (...) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    return type == nullptr ? "unknown exception" : readable_type(type->name());
  }
}

void print_report(const std::string& who,
                  const std::exception_ptr& what) noexcept {
  std::fprintf(stderr, "greenroom: %s failed with %s\n", who.c_str(),
               describe(what).c_str());
}

void print_failure(const Greenlet& greenlet,
                   const std::exception_ptr& what) noexcept {
  report(greenlet.name(), what);
}

void report_current_exception(const std::string& where) noexcept {
  report(where, std::current_exception());
}

std::string describe_waits(const Hub& hub) {
  std::ostringstream text;
  std::size_t count = 0;
  hub.for_each_waiting([&](const Waiting& waiting) {
    if (++count > kMostLines) return;
    text << "  " << waiting.greenlet->name() << " waits for "
         << waiting.reason->what << " (" << waiting.object << ")";
    if (waiting.reason->details != nullptr)
      text << ", " << waiting.reason->details(waiting.object);
    text << ", for " << in_words(hub.recent_now() - waiting.since) << '\n';
  });
  if (count > kMostLines) text << "  and " << count - kMostLines << " more\n";
  return text.str();
}

std::string describe_deadlock(Hub& hub) {
  (void)hub.now();
  return "this would wait for ever: nothing is left on " + hub.name() +
         " that could wake one of these:\n" + describe_waits(hub);
}

}  // namespace greenroom::detail
