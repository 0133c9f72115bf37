// Suppresses LeakSanitizer's reports about ONNX Runtime.

extern "C" const char* __lsan_default_suppressions();

/// ONNX Runtime never frees 14 bytes that it allocates at its first use.
const char* __lsan_default_suppressions() {
  return "leak:libonnxruntime\n";
}
