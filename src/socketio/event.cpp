#include "socketio/event.hpp"

#include "socketio/placeholder.hpp"

namespace emostream::socketio {

const boost::json::value& arguments::at(std::size_t i) const {
  static const boost::json::value null;
  return i < values.size() ? values[i] : null;
}

shared_bytes arguments::attachment(const boost::json::value& v) const {
  const auto* object = v.if_object();
  if (!object || !is_placeholder(*object)) return nullptr;
  const auto index = placeholder_index(*object);
  return index && *index < attachments.size() ? attachments[*index] : nullptr;
}

boost::json::value arguments::attach(shared_bytes bytes) {
  attachments.push_back(std::move(bytes));
  return {{"_placeholder", true}, {"num", attachments.size() - 1}};
}

}  // namespace emostream::socketio
