#include "message.hpp"

namespace greenroom {

void Message::arrive() noexcept { PostOffice::arrived(*this); }

}  // namespace greenroom
