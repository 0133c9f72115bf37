#include "socketio/listeners.hpp"

#include <algorithm>
#include <utility>

#include "base/guarded.hpp"

namespace emostream::socketio {

listener listeners::on(std::string name, handler run, bool once) {
  const listener id{next_id_++};
  if (!closed_)
    handlers_[std::move(name)].push_back({id, std::make_shared<const handler>(std::move(run)), once});
  return id;
}

listener listeners::add(observers& to, observer run, position at) {
  const listener id{next_id_++};
  if (!closed_)
    to.insert(at == position::first ? to.begin() : to.end(),
              {id, std::make_shared<const observer>(std::move(run))});
  return id;
}

void listeners::on_unhandled(handler run) {
  if (!closed_) unhandled_ = std::make_shared<const handler>(std::move(run));
}

void listeners::off(listener which) {
  const auto matches = [which](const auto& s) { return s.id == which; };
  std::erase_if(incoming_, matches);
  std::erase_if(outgoing_, matches);
  for (auto& [name, list] : handlers_) list.erase(std::ranges::remove_if(list, matches).begin(), list.end());
  std::erase_if(handlers_, [](const auto& item) { return item.second.empty(); });
}

void listeners::erase(handler_map::iterator which) {
  if (which != handlers_.end()) handlers_.erase(which);
}

void listeners::dispatch(event& e) {
  if (!incoming_.empty()) notify(incoming_, e.name, e.args);
  const auto found = handlers_.find(e.name);
  if (found == handlers_.end()) {
    if (const auto run = unhandled_) guarded("the handler of unhandled events", [&] { (*run)(e); });
    return;
  }
  // Copies, since a handler may call off() or move the name out of the event.
  const auto called = found->second;
  const auto name = e.name;
  for (const auto& s : called) {
    if (s.once) off(s.id);
    guarded("a handler of event", name, [&] { (*s.run)(e); });
  }
}

void listeners::notify(observers to, std::string_view name, const arguments& args) {
  for (const auto& s : to) guarded("an observer of event", name, [&] { (*s.run)(name, args); });
}

void listeners::close() {
  closed_ = true;
  handlers_.clear();
  unhandled_.reset();
  incoming_.clear();
  outgoing_.clear();
}

}  // namespace emostream::socketio
