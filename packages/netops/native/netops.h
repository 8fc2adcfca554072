// What the addon's files share: descriptors (a file descriptor owned by a JavaScript object),
// argument checks, coded errors. Rules for every exported function:
//  - every argument is checked for type and range before use; a wrong one throws
//    ERR_INVALID_ARGUMENT, a closed descriptor ERR_CLOSED;
//  - what the kernel refuses is returned as a negative errno, never thrown;
//  - no pointer into a JavaScript buffer is kept across a call that may run JavaScript.
#ifndef NETOPS_NETOPS_H_
#define NETOPS_NETOPS_H_

#include <node_api.h>

#include <cstddef>
#include <cstdint>

struct uv_handle_s;

namespace netops {

inline constexpr napi_type_tag kDescriptorTag = {0x7b1c02f5a96d4e83, 0x95d0c3e86f214ab7};

enum Kind : unsigned { kSocket = 1, kTimer = 2, kSignals = 4, kAnyKind = 7 };

struct Descriptor {
  napi_env env = nullptr;
  Kind kind = kSocket;
  int fd = -1;
  int detail = 0;                // a socket's address family, a signal watch's slot
  uv_handle_s* poll = nullptr;   // made at the first watch(), freed by libuv's close callback
  napi_ref callback = nullptr;   // strong while watching
  bool isReferenced = true;      // whether watching keeps the process alive
};

struct Bytes {
  uint8_t* data = nullptr;
  size_t length = 0;
};

struct Integers {
  int32_t* data = nullptr;
  size_t length = 0;
};

// The arguments of one call. A getter whose argument is not what the function needs throws (once)
// and returns an empty value: use no value before hasFailed() was asked. None runs JavaScript.
class Arguments {
 public:
  static constexpr size_t kMost = 4;

  Arguments(napi_env env, napi_callback_info info, const char* function);

  Descriptor* descriptor(size_t index, unsigned kinds);
  int integer(size_t index, const char* name, int low, int high);
  double number(size_t index, const char* name, double low, double high);
  bool boolean(size_t index, const char* name);
  Bytes bytes(size_t index, const char* name, size_t most);
  Bytes optionalBytes(size_t index, const char* name, size_t most);
  Integers integers(size_t index, const char* name);
  void text(size_t index, const char* name, char* out, size_t size);
  napi_value function(size_t index, const char* name);
  bool is(size_t index, napi_valuetype type) const;

  // Throws, unless an argument before was wrong already; returns nullptr.
  napi_value invalid(const char* name, const char* wanted);
  bool hasFailed() const { return hasFailed_; }

  napi_value values[kMost];

 private:
  const napi_env env_;
  const char* const function_;
  bool hasFailed_ = false;
};

// Throws the class that useErrorClass() was given (or Error) with `code`; returns nullptr.
napi_value fail(napi_env env, const char* code, const char* format, ...)
    __attribute__((format(printf, 3, 4)));

// The bytes of a Uint8Array; false, without an exception, when `value` is something else.
bool bytesOf(napi_env env, napi_value value, Bytes* out);

// A JavaScript object that owns the new descriptor `fd`, or the negative errno when it is -1.
napi_value wrapDescriptor(napi_env env, Kind kind, int fd, int detail);

napi_value toNumber(napi_env env, double value);

// `result`, or the negative errno when it is -1.
napi_value toResult(napi_env env, int64_t result);

// Property keys that are looked up for every datagram sent.
bool sendKeys(napi_env env, napi_value* data, napi_value* address);

void defineFunction(napi_env env, napi_value exports, const char* name, napi_callback callback);
void defineSocketFunctions(napi_env env, napi_value exports);
void defineLinkFunctions(napi_env env, napi_value exports);
void defineProcessFunctions(napi_env env, napi_value exports);

// Gives back the slot of a signal watch and its signals' former dispositions.
void releaseSignalSlot(int slot);

}  // namespace netops

#endif  // NETOPS_NETOPS_H_
