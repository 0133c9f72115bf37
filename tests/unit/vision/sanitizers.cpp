// What the sanitizers say of ONNX Runtime, which was built without them, is not ours to mend.

extern "C" const char* __lsan_default_suppressions();

/// It keeps 14 bytes for good when it is first used.
const char* __lsan_default_suppressions() {
  return "leak:libonnxruntime\n";
}
