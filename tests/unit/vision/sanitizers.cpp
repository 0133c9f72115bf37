// What the sanitizers say of ONNX Runtime, which was built without them, is not ours to mend: it keeps 14
// bytes for good when it is first used, and synchronizes its threads unseen.

extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions();

const char* __lsan_default_suppressions() {
  return "leak:libonnxruntime\n";
}
const char* __tsan_default_suppressions() {
  return "called_from_lib:libonnxruntime\n";
}
