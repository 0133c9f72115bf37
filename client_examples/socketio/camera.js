// Where the console's pictures come from: the browser's cameras, and their pictures as JPEG.
"use strict";

const camera = (() => {
  const jpegQuality = 0.8;
  const canvas = document.createElement("canvas");
  let stream = null;
  let asked = 0; // how often it was opened or closed: only the last wish counts

  /** The picture as JPEG bytes, no side longer than `side`; nothing while there is no picture yet. */
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

  /** Shows the chosen camera; `onEnded` is called if it stops by itself. False if there is none to be had, and the
   *  user has been told, or if it was closed or asked for again meanwhile. */
  async function open(onEnded) {
    if (!navigator.mediaDevices?.getUserMedia) {
      view.complain("This browser gives no camera to a page without HTTPS, except from localhost. A photo works.");
      return false;
    }
    const chosen = $("camera").value;
    const which = chosen ? { deviceId: { exact: chosen } } : { facingMode: "user" };
    const video = { ...which, width: { ideal: 640 }, height: { ideal: 480 } };
    close();
    const mine = asked;
    let opened;
    try {
      opened = await navigator.mediaDevices.getUserMedia({ video });
    } catch (error) {
      if (mine !== asked) return false;
      const causes = {
        NotAllowedError: "The camera was denied. Allow it for this page in the browser, then start again.",
        NotFoundError: "No camera was found. A photo works without one.",
        NotReadableError: "The camera cannot be read. Does another program use it?",
        OverconstrainedError: "This camera is no longer there. Choose another one.",
      };
      view.complain(causes[error.name] ?? `The camera does not start: ${error.message}`);
      return false;
    }
    if (mine !== asked) {
      end(opened);
      return false;
    }
    stream = opened;
    $("video").srcObject = stream;
    const [track] = stream.getVideoTracks();
    track.onended = () => {
      onEnded();
      view.complain("The camera has stopped.");
    };
    view.picture("video");
    await listCameras(track.getSettings().deviceId);
    return mine === asked;
  }

  function end(pictures) {
    for (const track of pictures?.getTracks() ?? []) track.stop();
  }

  function close() {
    asked += 1;
    end(stream);
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
