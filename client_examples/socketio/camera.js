// Where the console's pictures come from: the browser's cameras, and their pictures as JPEG.
"use strict";

const camera = (() => {
  const jpegQuality = 0.8;
  const canvas = document.createElement("canvas");
  let stream = null;

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
   *  user has been told. */
  async function open(onEnded) {
    if (!navigator.mediaDevices?.getUserMedia) {
      view.complain("This browser gives no camera to a page without HTTPS, except from localhost. A photo works.");
      return false;
    }
    const chosen = $("camera").value;
    const which = chosen ? { deviceId: { exact: chosen } } : { facingMode: "user" };
    const video = { ...which, width: { ideal: 640 }, height: { ideal: 480 } };
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video });
    } catch (error) {
      const causes = {
        NotAllowedError: "The camera was denied. Allow it for this page in the browser, then start again.",
        NotFoundError: "No camera was found. A photo works without one.",
        NotReadableError: "The camera cannot be read. Does another program use it?",
        OverconstrainedError: "This camera is no longer there. Choose another one.",
      };
      view.complain(causes[error.name] ?? `The camera does not start: ${error.message}`);
      return false;
    }
    $("video").srcObject = stream;
    const [track] = stream.getVideoTracks();
    track.onended = () => {
      onEnded();
      view.complain("The camera has stopped.");
    };
    view.picture("video");
    await listCameras(track.getSettings().deviceId);
    return true;
  }

  function close() {
    for (const track of stream?.getTracks() ?? []) track.stop();
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
