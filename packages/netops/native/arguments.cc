// The checks of a call's arguments: exact type and range, nothing is converted.

#include "netops.h"

#include <cmath>
#include <cstdio>
#include <cstring>

namespace netops {
namespace {

constexpr size_t kNotThatType = SIZE_MAX;

// The memory of a typed array of `type`, which may be null when it is empty or detached.
void* typedArray(napi_env env, napi_value value, napi_typedarray_type type, size_t* length) {
  bool isTyped = false;
  napi_typedarray_type actual = napi_int8_array;
  void* data = nullptr;
  napi_is_typedarray(env, value, &isTyped);
  if (!isTyped ||
      napi_get_typedarray_info(env, value, &actual, length, &data, nullptr, nullptr) != napi_ok ||
      actual != type) {
    *length = kNotThatType;
    return nullptr;
  }
  if (data == nullptr) *length = 0;
  return data;
}

}  // namespace

bool bytesOf(napi_env env, napi_value value, Bytes* out) {
  out->data = static_cast<uint8_t*>(typedArray(env, value, napi_uint8_array, &out->length));
  return out->length != kNotThatType;
}

Arguments::Arguments(napi_env env, napi_callback_info info, const char* function)
    : env_(env), function_(function) {
  size_t count = kMost;
  napi_get_cb_info(env, info, &count, values, nullptr, nullptr);  // fills up with undefined
}

napi_value Arguments::invalid(const char* name, const char* wanted) {
  if (!hasFailed_) {
    fail(env_, "ERR_INVALID_ARGUMENT", "Cannot call %s: %s must be %s", function_, name, wanted);
  }
  hasFailed_ = true;
  return nullptr;
}

bool Arguments::is(size_t index, napi_valuetype type) const {
  napi_valuetype actual = napi_undefined;
  return napi_typeof(env_, values[index], &actual) == napi_ok && actual == type;
}

Descriptor* Arguments::descriptor(size_t index, unsigned kinds) {
  bool isTagged = false;
  void* data = nullptr;
  if (!is(index, napi_object) ||
      napi_check_object_type_tag(env_, values[index], &kDescriptorTag, &isTagged) != napi_ok ||
      !isTagged) {
    invalid("descriptor", "an object made by this addon");
  } else if (napi_unwrap(env_, values[index], &data) != napi_ok) {
    if (!hasFailed_) fail(env_, "ERR_CLOSED", "Cannot call %s: it is closed already", function_);
    hasFailed_ = true;
  } else if ((static_cast<Descriptor*>(data)->kind & kinds) == 0) {
    invalid("descriptor", "of another kind");
  }
  return static_cast<Descriptor*>(data);
}

double Arguments::number(size_t index, const char* name, double low, double high) {
  double value = NAN;
  napi_get_value_double(env_, values[index], &value);
  if (value >= low && value <= high) return value;
  char wanted[96];
  snprintf(wanted, sizeof wanted, "a number from %.0f to %.0f", low, high);
  invalid(name, wanted);
  return low;
}

int Arguments::integer(size_t index, const char* name, int low, int high) {
  const double value = number(index, name, low, high);
  if (value != std::trunc(value)) invalid(name, "a whole number");
  return static_cast<int>(value);
}

bool Arguments::boolean(size_t index, const char* name) {
  bool value = false;
  if (napi_get_value_bool(env_, values[index], &value) != napi_ok) invalid(name, "a boolean");
  return value;
}

Bytes Arguments::bytes(size_t index, const char* name, size_t most) {
  Bytes value;
  if (bytesOf(env_, values[index], &value) && value.length <= most) return value;
  char wanted[64];
  snprintf(wanted, sizeof wanted, "a Uint8Array of at most %zu bytes", most);
  invalid(name, wanted);
  return Bytes();
}

Bytes Arguments::optionalBytes(size_t index, const char* name, size_t most) {
  return is(index, napi_undefined) ? Bytes() : bytes(index, name, most);
}

Integers Arguments::integers(size_t index, const char* name) {
  Integers value;
  void* data = typedArray(env_, values[index], napi_int32_array, &value.length);
  if (data == nullptr) invalid(name, "an Int32Array that is not empty");
  value.data = static_cast<int32_t*>(data);
  return value;
}

void Arguments::text(size_t index, const char* name, char* out, size_t size) {
  size_t length = 0;
  out[0] = '\0';
  if (napi_get_value_string_utf8(env_, values[index], nullptr, 0, &length) != napi_ok ||
      length >= size) {
    invalid(name, "a string that is not too long");
    return;
  }
  napi_get_value_string_utf8(env_, values[index], out, size, &length);
  if (strlen(out) != length) invalid(name, "a string without NUL");
}

napi_value Arguments::function(size_t index, const char* name) {
  if (!is(index, napi_function)) invalid(name, "a function");
  return values[index];
}

}  // namespace netops
