#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace emostream::auth {

/// Why a token was rejected.
enum class token_error {
  malformed = 1,    ///< not a JWT (RFC 7519), with `crit`, too large, or with a claim of the wrong type
  wrong_algorithm,  ///< `alg` is not HS256
  bad_signature,
  missing_expiry,
  missing_subject,
  expired,
  not_yet_valid,  ///< nbf
  wrong_issuer,
  wrong_audience,
  lifetime_too_long,  ///< expires later than token_options::max_ttl from now
};

std::error_code make_error_code(token_error e);

/// The largest accepted token in bytes. Verification takes time linear in the size.
inline constexpr std::size_t max_token_size = 8192;

/// Bytes; RFC 7518 section 3.2 requires a key at least as long as the hash output.
inline constexpr std::size_t min_secret_size = 32;

/// A room that a token allows.
struct room_claim {
  std::string room;
  std::optional<std::string> role;  ///< the only role that the client may have there; any if absent
  bool operator==(const room_claim&) const = default;
};

/// The claims of a verified token.
struct claims {
  std::string subject;                ///< `sub`: the account
  wall_clock::time_point expires_at;  ///< `exp`
  /// `rooms`, a private claim: the only rooms that the client may join. Each element is a name, or an object
  /// with the members `room` and `role`.
  std::optional<std::vector<room_claim>> rooms;
};

struct token_options {
  std::string secret;                   ///< HMAC key of HS256; at least min_secret_size
  std::optional<std::string> issuer;    ///< required value of `iss`
  std::optional<std::string> audience;  ///< required value of `aud`, or of one of its elements
  std::chrono::seconds leeway{30};      ///< clock difference allowed for `exp` and `nbf`
  std::chrono::seconds max_ttl{0};      ///< a token may expire at most this long from now; 0: no limit
};

/// Verifies and signs JWTs (RFC 7519) with HS256. Immutable, hence thread-safe.
class token_authority {
 public:
  /// Throws std::invalid_argument if the secret is shorter than min_secret_size.
  explicit token_authority(token_options options);

  /// Errors: token_error. The signature is verified before any claim is checked.
  [[nodiscard]] result<claims> verify(std::string_view token, wall_clock::time_point now) const;
  /// A token for `subject` that expires `ttl` after `now`, with the configured issuer and audience.
  [[nodiscard]] std::string sign(std::string_view subject, wall_clock::time_point now,
                                 std::chrono::seconds ttl) const;

  [[nodiscard]] std::chrono::seconds leeway() const { return options_.leeway; }

 private:
  token_options options_;
};

}  // namespace emostream::auth

template <>
struct std::is_error_code_enum<emostream::auth::token_error> : std::true_type {};
