#include "auth/token.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <jwt.h>
#include <memory>
#include <new>
#include <stdexcept>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include "base/base64.hpp"

namespace emostream::auth {

namespace json = boost::json;

namespace {

struct jwt_deleter {
  void operator()(jwt_t* jwt) const { jwt_free(jwt); }
};
using jwt_ptr = std::unique_ptr<jwt_t, jwt_deleter>;

const unsigned char* as_uchar(const std::string& s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

/// Strict base64url without padding (RFC 4648 section 5, RFC 7515 section 2).
std::optional<std::string> decode_base64url(std::string_view text) {
  std::string standard(text);
  for (char& c : standard) {
    if (c == '+' || c == '/' || c == '=') return std::nullopt;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  standard.append((4 - standard.size() % 4) % 4, '=');
  return base64::decode(standard);
}

/// Decodes a segment of the token, which must be a JSON object.
std::optional<json::object> decode_object(std::string_view segment) {
  const auto text = decode_base64url(segment);
  if (!text) return std::nullopt;
  json::error_code ec;
  json::value value = json::parse(*text, ec, {}, {.max_depth = 8});
  if (ec || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

struct segments {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
};

std::optional<segments> split(std::string_view token) {
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return std::nullopt;
  return segments{token.substr(0, first), token.substr(first + 1, second - first - 1),
                  token.substr(second + 1)};
}

const json::string* string_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value ? value->if_string() : nullptr;
}

bool is_jwt_type(const json::value& typ) {
  const json::string* text = typ.if_string();
  return text && text->size() == 3 &&
         std::ranges::equal(*text, std::string_view("JWT"), [](char a, char b) { return (a & ~0x20) == b; });
}

/// Parses a NumericDate (RFC 7519 section 2): seconds, possibly fractional. Clamped to the years 1970 to
/// 2255, which wall_clock can represent.
std::optional<wall_clock::time_point> date(const json::value& value) {
  json::error_code ec;
  const double seconds = value.to_number<double>(ec);
  if (ec || !std::isfinite(seconds)) return std::nullopt;
  const std::chrono::duration<double> since_epoch(std::clamp(seconds, 0.0, 9e9));
  return wall_clock::time_point(std::chrono::duration_cast<wall_clock::duration>(since_epoch));
}

bool has_audience(const json::value& aud, std::string_view wanted) {
  const auto is_wanted = [&](const json::value& v) { return v.is_string() && v.get_string() == wanted; };
  if (const auto* list = aud.if_array()) return std::ranges::any_of(*list, is_wanted);
  return is_wanted(aud);
}

std::optional<room_claim> to_room_claim(const json::value& value) {
  if (const auto* name = value.if_string()) return room_claim{std::string(*name), {}};
  const auto* object = value.if_object();
  const auto* room = object ? string_of(*object, "room") : nullptr;
  if (!room) return std::nullopt;
  const auto* role = string_of(*object, "role");
  if (!role && object->contains("role")) return std::nullopt;
  return room_claim{std::string(*room), role ? std::optional<std::string>(*role) : std::nullopt};
}

std::optional<std::vector<room_claim>> to_room_claims(const json::value& value) {
  const auto* list = value.if_array();
  if (!list) return std::nullopt;
  std::vector<room_claim> out;
  for (const json::value& v : *list) {
    auto claim = to_room_claim(v);
    if (!claim) return std::nullopt;
    out.push_back(std::move(*claim));
  }
  return out;
}

class category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "emostream.auth"; }
  [[nodiscard]] std::string message(int e) const override {
    switch (static_cast<token_error>(e)) {
      case token_error::malformed:
        return "not a valid JSON Web Token";
      case token_error::wrong_algorithm:
        return "token is not signed with HS256";
      case token_error::bad_signature:
        return "signature does not verify";
      case token_error::missing_expiry:
        return "token has no expiry";
      case token_error::missing_subject:
        return "token has no subject";
      case token_error::expired:
        return "token has expired";
      case token_error::not_yet_valid:
        return "token is not valid yet";
      case token_error::wrong_issuer:
        return "token is from another issuer";
      case token_error::wrong_audience:
        return "token is for another audience";
      case token_error::lifetime_too_long:
        return "token expires too late";
    }
    return "unknown token error";
  }
};

/// Validates the claims of a payload. Its signature must have been verified.
result<claims> check_claims(const json::object& payload, const token_options& options,
                            wall_clock::time_point now) {
  claims out;
  const json::value* exp = payload.if_contains("exp");
  if (!exp) return failure(token_error::missing_expiry);
  const auto expires_at = date(*exp);
  if (!expires_at) return failure(token_error::malformed);
  if (*expires_at + options.leeway <= now) return failure(token_error::expired);
  if (options.max_ttl.count() > 0 && *expires_at > now + options.max_ttl + options.leeway)
    return failure(token_error::lifetime_too_long);
  out.expires_at = *expires_at;

  if (const json::value* nbf = payload.if_contains("nbf")) {
    const auto valid_from = date(*nbf);
    if (!valid_from) return failure(token_error::malformed);
    if (*valid_from - options.leeway > now) return failure(token_error::not_yet_valid);
  }
  if (options.issuer) {
    const json::string* iss = string_of(payload, "iss");
    if (!iss || *iss != *options.issuer) return failure(token_error::wrong_issuer);
  }
  if (options.audience) {
    const json::value* aud = payload.if_contains("aud");
    if (!aud || !has_audience(*aud, *options.audience)) return failure(token_error::wrong_audience);
  }

  const json::value* sub = payload.if_contains("sub");
  if (!sub) return failure(token_error::missing_subject);
  if (!sub->is_string()) return failure(token_error::malformed);
  if (sub->get_string().empty()) return failure(token_error::missing_subject);
  out.subject = sub->get_string();

  if (const json::value* rooms = payload.if_contains("rooms")) {
    out.rooms = to_room_claims(*rooms);
    if (!out.rooms) return failure(token_error::malformed);
  }
  return out;
}

}  // namespace

std::error_code make_error_code(token_error e) {
  static const category instance;
  return {static_cast<int>(e), instance};
}

token_authority::token_authority(token_options options) : options_(std::move(options)) {
  if (options_.secret.size() < min_secret_size)
    throw std::invalid_argument("the token secret must have at least 32 bytes");
}

result<claims> token_authority::verify(std::string_view token, wall_clock::time_point now) const {
  if (token.size() > max_token_size) return failure(token_error::malformed);
  const auto parts = split(token);
  if (!parts) return failure(token_error::malformed);

  // libjwt chooses the algorithm by the token's `alg`, ignoring case, and reports every failure with the same
  // error. Therefore the header is checked here first, and libjwt only verifies the signature.
  const auto header = decode_object(parts->header);
  if (!header) return failure(token_error::malformed);
  const json::string* alg = string_of(*header, "alg");
  if (!alg || *alg != "HS256") return failure(token_error::wrong_algorithm);
  if (const json::value* typ = header->if_contains("typ"); typ && !is_jwt_type(*typ))
    return failure(token_error::malformed);
  if (header->contains("crit"))
    return failure(token_error::malformed);  // RFC 7515 section 4.1.11: no extension is supported
  const auto payload = decode_object(parts->payload);
  if (!payload || !decode_base64url(parts->signature)) return failure(token_error::malformed);

  jwt_t* decoded = nullptr;
  const std::string terminated(token);
  const int failed = jwt_decode(&decoded, terminated.c_str(), as_uchar(options_.secret),
                                static_cast<int>(options_.secret.size()));
  const jwt_ptr verified(decoded);
  if (failed != 0 || jwt_get_alg(verified.get()) != JWT_ALG_HS256) return failure(token_error::bad_signature);
  return check_claims(*payload, options_, now);
}

std::string token_authority::sign(std::string_view subject, wall_clock::time_point now,
                                  std::chrono::seconds ttl) const {
  const auto issued = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  json::object payload{{"sub", subject}, {"iat", issued.count()}, {"exp", (issued + ttl).count()}};
  if (options_.issuer) payload["iss"] = *options_.issuer;
  if (options_.audience) payload["aud"] = *options_.audience;

  jwt_t* created = nullptr;
  if (jwt_new(&created) != 0) throw std::bad_alloc();
  const jwt_ptr token(created);
  if (jwt_add_grants_json(token.get(), json::serialize(payload).c_str()) != 0 ||
      jwt_set_alg(token.get(), JWT_ALG_HS256, as_uchar(options_.secret),
                  static_cast<int>(options_.secret.size())) != 0)
    throw std::invalid_argument("the subject cannot be encoded in a token");
  struct free_deleter {
    void operator()(char* text) const { std::free(text); }
  };
  const std::unique_ptr<char, free_deleter> text(jwt_encode_str(token.get()));
  if (!text) throw std::runtime_error("the token cannot be signed");
  return text.get();
}

}  // namespace emostream::auth
