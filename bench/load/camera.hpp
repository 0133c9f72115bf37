#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/connection.hpp"

namespace emostream::bench {

/// What became of a frame that a camera sent.
struct frame_fate {
  time_point due;                         ///< when it was to be sent
  time_point sent;                        ///< when it was
  std::optional<time_point> result = {};  ///< when its detection_result was there
  std::size_t faces = 0;                  ///< of the result
  bool acknowledged = false;
  std::string refused = {};  ///< the reason of an acknowledgement that is not ok

  /// Its client knows what became of it: a result and the acknowledgement, or a refusal.
  [[nodiscard]] bool told() const { return acknowledged && (result || !refused.empty()); }
};

/// A client of the emotion service that sends JPEGs as binary attachments; docs/api.md. It reads of answers
/// only what it needs to know what became of each frame.
class camera : public connection {
 public:
  /// What all cameras of a run have in common; must outlive them.
  struct setup {
    std::uint16_t port = 0;
    std::string upgrade;              ///< upgrade_request()
    std::string name_space;           ///< as in "/emotion-detection"
    std::vector<std::string> images;  ///< client_frame()s, sent in turn
  };

  camera(poller& owner, const setup& common, const std::string& token, std::size_t first_image);

  std::function<void()> on_told = [] {};  ///< of any frame, once
  std::function<void(std::string_view arguments)> on_result = [](std::string_view) {};  ///< JSON, an array

  /// It has been told that its frames are processed.
  [[nodiscard]] bool ready() const { return ready_; }
  /// Sends the next image, for a frame that was due then.
  void send_frame(time_point due);

  [[nodiscard]] const std::vector<frame_fate>& frames() const { return frames_; }
  [[nodiscard]] std::size_t unanswered() const { return unanswered_; }

 private:
  void on_frame(const frame_reader::received& f) override;
  void on_event(std::string_view packet);
  void on_ack(std::string_view packet, const frame_reader::received& f);
  void settle(frame_fate& fate, bool was_told);
  void emit(std::string_view event, std::string_view payload);

  const setup& common_;
  std::string token_;
  std::size_t next_image_;
  bool ready_ = false;
  std::vector<frame_fate> frames_;  // by frame_id, which is the acknowledgement's id too
  std::size_t unanswered_ = 0;
};

}  // namespace emostream::bench
