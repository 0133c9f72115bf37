#include "socketio/event.hpp"

#include <utility>

#include "socketio/placeholder.hpp"

namespace emostream::socketio {

boost::json::object to_object(object_members members) {
  boost::json::object all;
  for (const auto& member : members) {
    boost::json::array value{member.value};  // a value_ref converts to a value only in a container
    all[member.key] = std::move(value.front());
  }
  return all;
}

arguments arguments::of(boost::json::array values, std::vector<shared_bytes> attachments) {
  arguments all;
  all.values = std::move(values);
  all.attachments = std::move(attachments);
  return all;
}

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
  return placeholder_of(attachments.size() - 1);
}

void acknowledgement::operator()(const arguments& answer) const {
  if (!*this) return;
  const sender send = std::exchange(*send_, nullptr);
  send(answer);
}

}  // namespace emostream::socketio
