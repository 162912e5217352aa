#include "reply.hpp"

#include "../runtime/core/report.hpp"

#include <algorithm>
#include <sstream>

namespace greenroom::detail {

void throw_ask_timeout(const Question& question, Duration limit) {
  Hub& hub = Hub::current();
  if (question.type == nullptr) throw TimeoutError(limit);
  std::ostringstream text;
  text << hub.running()->name() << " asked " << to_string(question.to)
       << " for an answer to " << readable_type(question.type->info.name())
       << " and has waited for "
       << std::chrono::duration<double>(hub.now() - question.asked_at).count()
       << " s; ";
  if (question.to.hub() != hub.id()) {
    text << "the asked actor is on another hub";
  } else if (const Recipient* asked = PostOffice::here().find(question.to)) {
    text << "the asked actor is " << asked->describe();
  } else {
    text << "the asked actor has ended";
  }
  throw TimeoutError(limit, text.str());
}

Duration time_left(const Question& question, Duration limit) {
  const Duration left = question.deadline - Hub::current().now();
  return std::min(limit, std::max(left, Duration::zero()));
}

std::exception_ptr failure_in(const MessageType& type, void* payload,
                              const std::type_info& expected) {
  if (is_same(type, message_type<Failure>))
    return std::move(static_cast<Failure*>(payload)->what);
  return std::make_exception_ptr(
      BadReply("asked for " + readable_type(expected.name()) +
               ", but the answer is " + readable_type(type.info.name())));
}

}  // namespace greenroom::detail
