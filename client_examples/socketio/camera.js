// Opens the browser's cameras, and encodes images as JPEG.
"use strict";

const camera = (() => {
  const jpegQuality = 0.8;
  const canvas = document.createElement("canvas");
  let stream = null;
  let requests = 0; // incremented by open() and close(); a pending open() gives up if it has changed

  /** Encodes an image as JPEG, scaled so that no side is longer than `side` pixels. Null if it has no size yet or
   *  cannot be encoded. */
  async function jpegOf(image, width, height, side) {
    if (!width || !height) return null;
    const scale = Math.min(1, side / Math.max(width, height));
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const resolution = [canvas.width, canvas.height];
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", jpegQuality));
    return blob && { data: await blob.arrayBuffer(), resolution };
  }

  /** Opens the selected camera and shows it; calls `onEnded` if the camera stops by itself. Returns false if it
   *  cannot be opened, after showing the reason, or if open() or close() was called in the meantime. */
  async function open(onEnded) {
    if (!navigator.mediaDevices?.getUserMedia) {
      view.showError("Browsers allow cameras only on pages from HTTPS or localhost. You can still use a photo.");
      return false;
    }
    const chosen = $("camera").value;
    const selection = chosen ? { deviceId: { exact: chosen } } : { facingMode: "user" };
    const video = { ...selection, width: { ideal: 640 }, height: { ideal: 480 } };
    close();
    const request = requests;
    let opened;
    try {
      opened = await navigator.mediaDevices.getUserMedia({ video });
    } catch (error) {
      if (request !== requests) return false;
      const causes = {
        NotAllowedError: "Access to the camera was denied. Allow it for this page in the browser, then start again.",
        NotFoundError: "No camera was found. You can use a photo instead.",
        NotReadableError: "The camera cannot be read. Another program may be using it.",
        OverconstrainedError: "This camera is no longer available. Choose another one.",
      };
      view.showError(causes[error.name] ?? `The camera could not be started: ${error.message}`);
      return false;
    }
    if (request !== requests) {
      stopTracks(opened);
      return false;
    }
    stream = opened;
    $("video").srcObject = stream;
    const [track] = stream.getVideoTracks();
    track.onended = () => {
      onEnded();
      view.showError("The camera has stopped.");
    };
    view.showPicture("video");
    await listCameras(track.getSettings().deviceId);
    return request === requests;
  }

  function stopTracks(media) {
    for (const track of media?.getTracks() ?? []) track.stop();
  }

  function close() {
    requests += 1;
    stopTracks(stream);
    stream = null;
    $("video").srcObject = null;
  }

  async function listCameras(current) {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter(({ kind }) => kind === "videoinput");
    const option = ({ label, deviceId }, i) =>
      new Option(label || `Camera ${i + 1}`, deviceId, false, deviceId === current);
    $("camera").replaceChildren(...cameras.map(option));
    $("camera-choice").hidden = cameras.length < 2;
  }

  return { open, close, jpegOf };
})();
