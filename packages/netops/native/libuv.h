// The few libuv functions that the addon calls, declared here because npm's node-api-headers has no
// uv.h. Only opaque pointers and plain integers cross this border, and the handle's size is asked
// at run time, so that nothing depends on the layout of libuv's structures: libuv keeps this ABI
// for all of version 1, and checkLibuv() in descriptor.cc verifies the one constant at load.
// Specification: docs.libuv.org/en/v1.x/poll.html, handle.html
#ifndef NETOPS_LIBUV_H_
#define NETOPS_LIBUV_H_

#include <cstddef>

struct uv_loop_s;
struct uv_handle_s;

extern "C" {
typedef void (*netops_poll_callback)(uv_handle_s* handle, int status, int events);
typedef void (*netops_close_callback)(uv_handle_s* handle);

unsigned int uv_version(void);
const char* uv_handle_type_name(int type);
std::size_t uv_handle_size(int type);
void* uv_handle_get_data(const uv_handle_s* handle);
void uv_handle_set_data(uv_handle_s* handle, void* data);
void uv_ref(uv_handle_s* handle);
void uv_unref(uv_handle_s* handle);
void uv_close(uv_handle_s* handle, netops_close_callback callback);
int uv_poll_init(uv_loop_s* loop, uv_handle_s* handle, int fd);
int uv_poll_start(uv_handle_s* handle, int events, netops_poll_callback callback);
int uv_poll_stop(uv_handle_s* handle);
}

namespace netops {
inline constexpr int kUvPoll = 8;      // UV_POLL, the eighth of UV_HANDLE_TYPE_MAP
inline constexpr int kUvReadable = 1;  // UV_READABLE
}  // namespace netops

#endif  // NETOPS_LIBUV_H_
