// HandleOf says what spawn<T>() returns for a greenlet of class T: usually a
// counted handle. The layer above has greenlets that are addressed, not held,
// and specializes this.
#pragma once

#include "../core/greenlet.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>

namespace greenroom {

template <class T>
struct HandleOf {
  /// What spawning this greenlet returns.
  static boost::intrusive_ptr<T> of(const boost::intrusive_ptr<T>& greenlet) {
    return greenlet;
  }
};

}  // namespace greenroom
