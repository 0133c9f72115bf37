#include <string>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/url/encoding_opts.hpp>
#include <boost/url/params_view.hpp>
#include <boost/url/parse_query.hpp>

#include "base/utf8.hpp"
#include "socketio/error.hpp"
#include "socketio/json.hpp"
#include "socketio/parser.hpp"
#include "socketio/socketio_options.hpp"

namespace emostream::socketio {

namespace {

namespace json = boost::json;
namespace urls = boost::urls;

/// The query in `0/namespace?query,`; empty if there is none.
std::string query_of(std::string_view packet) {
  if (!packet.starts_with("0/")) return {};
  const auto name = packet.substr(0, packet.find(','));
  const auto mark = name.find('?');
  return mark == std::string_view::npos ? std::string() : std::string(name.substr(mark + 1));
}

result<json::object> parse_query(std::string_view query, const options& limits) {
  const urls::string_view text(query.data(), query.size());
  if (!urls::parse_query(text)) return failure(error::bad_payload);
  urls::encoding_opts opts;
  opts.space_as_plus = true;
  json::object members;
  for (const auto& parameter : urls::params_view(text, opts)) {
    if (!is_utf8(parameter.key) || !is_utf8(parameter.value)) return failure(error::bad_payload);
    if (members.size() == limits.max_object_members) return failure(error::too_many_members);
    members[parameter.key] = parameter.value;
  }
  return members;
}

/// The text of a packet up to its data.
std::string packet_prefix(char type, std::string_view nsp) {
  std::string text(1, type);
  if (nsp != "/") text.append(nsp).push_back(',');
  return text;
}

class v2_decoder final : public decoder {
 public:
  v2_decoder(std::unique_ptr<decoder> json, const options& limits)
      : json_(std::move(json)), limits_(limits) {}

  result<std::optional<packet>> feed(const incoming_message& m) override {
    const auto query = m.binary ? std::string() : query_of(m.content);
    auto decoded = json_->feed(m);
    if (!decoded || !*decoded || (*decoded)->type != packet_type::connect || query.empty()) return decoded;
    auto auth = parse_query(query, limits_);
    if (!auth) return std::unexpected(auth.error());
    (*decoded)->data = std::move(*auth);
    return decoded;
  }
  [[nodiscard]] const packet* incomplete() const override { return json_->incomplete(); }

 private:
  std::unique_ptr<decoder> json_;
  const options& limits_;
};

class v2_parser_impl final : public parser {
 public:
  [[nodiscard]] std::unique_ptr<decoder> make_decoder(const options& limits) const override {
    return std::make_unique<v2_decoder>(json_->make_decoder(limits), limits);
  }
  [[nodiscard]] encoded_packet encode_event(const outgoing_event& event) const override {
    return json_->encode_event(event);
  }
  [[nodiscard]] encoded_packet encode_ack(std::string_view nsp, std::uint64_t id,
                                          const arguments& answer) const override {
    return json_->encode_ack(nsp, id, answer);
  }
  [[nodiscard]] encoded_packet encode_connect(std::string_view nsp, std::string_view,
                                              std::string_view) const override {
    return {message::text(packet_prefix('0', nsp))};
  }
  [[nodiscard]] encoded_packet encode_connect_error(std::string_view nsp, std::string_view why,
                                                    const json::value* data) const override {
    std::string text = packet_prefix('4', nsp);
    if (data)
      write_json(text, *data);
    else
      write_json(text, why);
    return {message::text(std::move(text))};
  }
  [[nodiscard]] encoded_packet encode_disconnect(std::string_view nsp) const override {
    return json_->encode_disconnect(nsp);
  }

 private:
  std::shared_ptr<const parser> json_ = json_parser();
};

}  // namespace

std::shared_ptr<const parser> v2_parser() {
  static const auto instance = std::make_shared<const v2_parser_impl>();
  return instance;
}

}  // namespace emostream::socketio
