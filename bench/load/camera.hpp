#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "load/connection.hpp"

namespace emostream::bench {

/// The outcome of a frame that a camera sent.
struct frame_outcome {
  time_point due;                         ///< scheduled time
  time_point sent;                        ///< actual time
  std::optional<time_point> result = {};  ///< arrival of its detection_result
  std::size_t faces = 0;                  ///< number of faces in the result
  double worker_ms = 0;                   ///< time that a worker spent on the frame, according to the result
  bool acknowledged = false;
  std::string refused = {};  ///< the reason if the acknowledgement is not ok

  /// True once the client has the result and the acknowledgement, or a negative acknowledgement.
  [[nodiscard]] bool answered() const { return acknowledged && (result || !refused.empty()); }
};

/// A client of the emotion service (docs/api.md) that sends images as binary attachments. It parses only
/// those parts of the answers that are needed for the outcome of each frame.
class camera : public connection {
 public:
  /// Common parameters of all cameras of a run; must outlive them.
  struct setup {
    std::uint16_t port = 0;
    std::string upgrade;     ///< upgrade_request()
    std::string name_space;  ///< for example "/emotion-detection"
  };

  /// Sends the images, which are client_frame()s, in turn; they must outlive the camera.
  camera(poller& owner, const setup& common, const std::string& token, std::span<const std::string> images,
         std::size_t first_image);

  std::function<void()> on_answered = [] {};  ///< called once for each answered frame
  std::function<void(std::string_view arguments)> on_result = [](std::string_view) {};  ///< a JSON array

  /// True once the server has confirmed that it processes frames.
  [[nodiscard]] bool ready() const { return ready_; }
  /// Sends the next image as a frame scheduled for `due`.
  void send_frame(time_point due);

  [[nodiscard]] const std::vector<frame_outcome>& frames() const { return frames_; }
  [[nodiscard]] std::size_t unanswered() const { return unanswered_; }

 private:
  void on_frame(const frame_reader::received& f) override;
  void on_event(std::string_view packet);
  void on_ack(std::string_view packet, const frame_reader::received& f);
  void complete_if_answered(frame_outcome& outcome, bool was_answered);
  void emit(std::string_view event, std::string_view payload);

  const setup& common_;
  std::string token_;
  std::span<const std::string> images_;
  std::size_t next_image_;
  bool ready_ = false;
  std::vector<frame_outcome> frames_;  // indexed by frame_id, which is also the acknowledgement id
  std::size_t unanswered_ = 0;
};

}  // namespace emostream::bench
