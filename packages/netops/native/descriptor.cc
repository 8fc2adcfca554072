// Descriptors: who owns a file descriptor, how the event loop watches it, how it ends (close(), the
// garbage collector or the end of the environment, in any order, also from inside its own handler).
// Also coded errors and the module's entry. Decides nothing about protocols.

#include "netops.h"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/syscall.h>
#include <unistd.h>

#include "libuv.h"

namespace netops {
namespace {

struct Instance {
  napi_ref errorClass = nullptr;
  napi_ref keys = nullptr;  // array ["data", "address"]: references to strings need Node-API 10
};

Instance* instanceOf(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Instance*>(data);
}

void freePoll(uv_handle_s* poll) { free(poll); }

void letGoHandler(Descriptor* descriptor) {
  if (descriptor->callback != nullptr) napi_delete_reference(descriptor->env, descriptor->callback);
  descriptor->callback = nullptr;
}

// Stops watching. libuv frees the handle in a later turn of the loop; the file descriptor may be
// closed at once (libuv, uv_poll_t: safe after uv_poll_stop() or uv_close()).
void releasePoll(Descriptor* descriptor) {
  if (descriptor->poll != nullptr) uv_close(descriptor->poll, freePoll);
  descriptor->poll = nullptr;
  letGoHandler(descriptor);
}

void destroy(Descriptor* descriptor) {
  releasePoll(descriptor);
  // A signal watch's eventfd belongs to its slot, see process.cc.
  if (descriptor->kind == kSignals) releaseSignalSlot(descriptor->detail);
  else if (descriptor->fd >= 0) close(descriptor->fd);
  delete descriptor;
}

void finalizeDescriptor(napi_env, void* data, void*) { destroy(static_cast<Descriptor*>(data)); }

// Calls the handler as Node calls its own: ticks and microtasks run afterwards, and what it throws
// is an uncaught exception. Touches nothing of the descriptor afterwards: it may be closed by then.
void callHandler(napi_env env, napi_value callback, bool hasFailed) {
  napi_value receiver = nullptr;
  napi_value argument = nullptr;
  napi_get_global(env, &receiver);
  napi_get_boolean(env, hasFailed, &argument);
  napi_make_callback(env, nullptr, receiver, callback, 1, &argument, nullptr);
  bool isPending = false;
  napi_is_exception_pending(env, &isPending);
  if (!isPending) return;
  napi_value exception = nullptr;
  napi_get_and_clear_last_exception(env, &exception);
  napi_fatal_exception(env, exception);
}

void handleReady(uv_handle_s* poll, int status, int) {
  Descriptor* descriptor = static_cast<Descriptor*>(uv_handle_get_data(poll));
  const napi_env env = descriptor->env;
  // libuv reports EPOLLERR (an interface went down, an ICMP error came) as EBADF and stops
  // watching; the socket is sound all the same, its handler fetches the error with takeError().
  if (status < 0) uv_poll_start(poll, kUvReadable, handleReady);
  if (descriptor->kind != kSocket) {
    uint64_t count = 0;
    // Nothing to read: disarmed or armed anew by another handler of this turn of the loop.
    if (read(descriptor->fd, &count, sizeof count) != sizeof count) return;
  }
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value callback = nullptr;
  napi_get_reference_value(env, descriptor->callback, &callback);
  if (callback != nullptr) callHandler(env, callback, status < 0);
  napi_close_handle_scope(env, scope);
}

int startPoll(Descriptor* descriptor) {
  if (descriptor->poll != nullptr) {
    return uv_poll_start(descriptor->poll, kUvReadable, handleReady);
  }
  uv_loop_s* loop = nullptr;
  if (napi_get_uv_event_loop(descriptor->env, &loop) != napi_ok) return -ENOSYS;
  uv_handle_s* poll = static_cast<uv_handle_s*>(calloc(1, uv_handle_size(kUvPoll)));
  if (poll == nullptr) return -ENOMEM;
  const int status = uv_poll_init(loop, poll, descriptor->fd);
  if (status < 0) {
    free(poll);  // uv_poll_init() registers the handle only when it succeeds
    return status;
  }
  uv_handle_set_data(poll, descriptor);
  if (!descriptor->isReferenced) uv_unref(poll);
  descriptor->poll = poll;
  return uv_poll_start(poll, kUvReadable, handleReady);
}

// watch(descriptor, handler): calls handler(hasFailed) whenever the descriptor is readable.
napi_value watch(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "watch");
  Descriptor* descriptor = arguments.descriptor(0, kAnyKind);
  napi_value handler = arguments.function(1, "handler");
  if (arguments.hasFailed()) return nullptr;
  const int status = startPoll(descriptor);
  if (status < 0) return toNumber(env, status);
  letGoHandler(descriptor);
  napi_create_reference(env, handler, 1, &descriptor->callback);
  return toNumber(env, 0);
}

// unwatch(descriptor): the handler is not called again and is let go.
napi_value unwatch(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "unwatch");
  Descriptor* descriptor = arguments.descriptor(0, kAnyKind);
  if (arguments.hasFailed()) return nullptr;
  if (descriptor->poll != nullptr) uv_poll_stop(descriptor->poll);
  letGoHandler(descriptor);
  return nullptr;
}

// setReferenced(descriptor, isReferenced): whether watching it keeps the process alive.
napi_value setReferenced(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "setReferenced");
  Descriptor* descriptor = arguments.descriptor(0, kAnyKind);
  const bool isReferenced = arguments.boolean(1, "isReferenced");
  if (arguments.hasFailed()) return nullptr;
  descriptor->isReferenced = isReferenced;
  if (descriptor->poll != nullptr) (isReferenced ? uv_ref : uv_unref)(descriptor->poll);
  return nullptr;
}

napi_value closeDescriptor(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "close");
  Descriptor* descriptor = arguments.descriptor(0, kAnyKind);
  if (arguments.hasFailed()) return nullptr;
  void* data = nullptr;
  // From here on the object carries the tag but nothing else, which is how ERR_CLOSED is told.
  if (napi_remove_wrap(env, arguments.values[0], &data) == napi_ok) destroy(descriptor);
  return nullptr;
}

// release(socket): the number of the file descriptor, which is the caller's to close from now on.
napi_value releaseDescriptor(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "release");
  const Descriptor* descriptor = arguments.descriptor(0, kSocket);
  if (arguments.hasFailed()) return nullptr;
  const int fd = descriptor->fd;
  void* data = nullptr;
  if (napi_remove_wrap(env, arguments.values[0], &data) != napi_ok) return toNumber(env, -EINVAL);
  Descriptor* released = static_cast<Descriptor*>(data);
  released->fd = -1;
  destroy(released);
  return toNumber(env, fd);
}

napi_value descriptorNumber(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "descriptorNumber");
  const Descriptor* descriptor = arguments.descriptor(0, kAnyKind);
  return arguments.hasFailed() ? nullptr : toNumber(env, descriptor->fd);
}

// useErrorClass(class): the class of every error thrown from now on, constructed as (code,
// message).
napi_value useErrorClass(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "useErrorClass");
  napi_value errorClass = arguments.function(0, "errorClass");
  if (arguments.hasFailed()) return nullptr;
  Instance* instance = instanceOf(env);
  if (instance->errorClass != nullptr) napi_delete_reference(env, instance->errorClass);
  instance->errorClass = nullptr;
  napi_create_reference(env, errorClass, 1, &instance->errorClass);
  return nullptr;
}

bool checkLibuv() {
  const char* name = uv_handle_type_name(kUvPoll);
  return uv_version() >> 16 == 1 && name != nullptr && strcmp(name, "poll") == 0;
}

void createKeys(napi_env env, Instance* instance) {
  napi_value keys = nullptr;
  napi_value data = nullptr;
  napi_value address = nullptr;
  napi_create_string_utf8(env, "data", NAPI_AUTO_LENGTH, &data);
  napi_create_string_utf8(env, "address", NAPI_AUTO_LENGTH, &address);
  napi_create_array_with_length(env, 2, &keys);
  napi_set_element(env, keys, 0, data);
  napi_set_element(env, keys, 1, address);
  napi_create_reference(env, keys, 1, &instance->keys);
}

napi_value initialize(napi_env env, napi_value exports) {
  // Signals, buffers and the scheduler are the process's, not a thread's: one thread only.
  if (syscall(SYS_gettid) != getpid()) {
    return fail(env, "ERR_WORKER_UNSUPPORTED",
                "Cannot load the netops addon in a worker thread, use the main thread");
  }
  if (!checkLibuv()) {
    return fail(env, "ERR_LIBUV_UNSUPPORTED",
                "Cannot use libuv %u.%u of this Node, libuv 1 is needed", uv_version() >> 16,
                uv_version() >> 8 & 0xff);
  }
  Instance* instance = new Instance();
  napi_set_instance_data(
      env, instance, [](napi_env, void* data, void*) { delete static_cast<Instance*>(data); },
      nullptr);
  createKeys(env, instance);
  defineFunction(env, exports, "useErrorClass", useErrorClass);
  defineFunction(env, exports, "watch", watch);
  defineFunction(env, exports, "unwatch", unwatch);
  defineFunction(env, exports, "setReferenced", setReferenced);
  defineFunction(env, exports, "close", closeDescriptor);
  defineFunction(env, exports, "release", releaseDescriptor);
  defineFunction(env, exports, "descriptorNumber", descriptorNumber);
  defineSocketFunctions(env, exports);
  defineProcessFunctions(env, exports);
  defineLinkFunctions(env, exports);
  return exports;
}

}  // namespace

napi_value fail(napi_env env, const char* code, const char* format, ...) {
  char message[512];
  va_list list;
  va_start(list, format);
  vsnprintf(message, sizeof message, format, list);
  va_end(list);
  bool isPending = false;
  napi_is_exception_pending(env, &isPending);
  if (isPending) return nullptr;  // thrown by an accessor: the first error is the one to tell
  const Instance* instance = instanceOf(env);
  napi_value constructor = nullptr;
  if (instance != nullptr && instance->errorClass != nullptr) {
    napi_get_reference_value(env, instance->errorClass, &constructor);
  }
  napi_value parts[2] = {};
  napi_value error = nullptr;
  if (constructor != nullptr &&
      napi_create_string_utf8(env, code, NAPI_AUTO_LENGTH, &parts[0]) == napi_ok &&
      napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &parts[1]) == napi_ok &&
      napi_new_instance(env, constructor, 2, parts, &error) == napi_ok) {
    napi_throw(env, error);
    return nullptr;
  }
  // No class yet, or one that cannot be constructed.
  napi_get_and_clear_last_exception(env, &error);
  napi_throw_error(env, code, message);
  return nullptr;
}

napi_value toNumber(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

napi_value toResult(napi_env env, int64_t result) {
  return toNumber(env, static_cast<double>(result == -1 ? -errno : result));
}

napi_value wrapDescriptor(napi_env env, Kind kind, int fd, int detail) {
  if (fd < 0) return toResult(env, -1);
  Descriptor* descriptor = new Descriptor();
  descriptor->env = env;
  descriptor->kind = kind;
  descriptor->fd = fd;
  descriptor->detail = detail;
  napi_value object = nullptr;
  if (napi_create_object(env, &object) == napi_ok &&
      napi_type_tag_object(env, object, &kDescriptorTag) == napi_ok &&
      napi_wrap(env, object, descriptor, finalizeDescriptor, nullptr, nullptr) == napi_ok) {
    return object;
  }
  destroy(descriptor);
  return fail(env, "ERR_INTERNAL", "Cannot create the JavaScript object of a descriptor");
}

bool sendKeys(napi_env env, napi_value* data, napi_value* address) {
  napi_value keys = nullptr;
  return napi_get_reference_value(env, instanceOf(env)->keys, &keys) == napi_ok &&
         napi_get_element(env, keys, 0, data) == napi_ok &&
         napi_get_element(env, keys, 1, address) == napi_ok;
}

void defineFunction(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace netops

NAPI_MODULE_INIT() { return netops::initialize(env, exports); }
