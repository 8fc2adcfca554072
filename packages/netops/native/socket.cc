// Datagram sockets of any family: open, bind, connect, options, batches out (sendmmsg) and in
// (recvmmsg) with the ancillary data that VRRP has to check. No policy: which socket, which options
// and what a datagram means is decided in TypeScript.
// Specification: socket(7), ip(7), ipv6(7), packet(7), unix(7), sendmmsg(2), recvmmsg(2)

#include "netops.h"

#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstring>
#include <ctime>

namespace netops {
namespace {

constexpr size_t kAddressBytes = sizeof(sockaddr_storage);
constexpr size_t kDestinationBytes = 16;
constexpr size_t kBatch = 64;         // datagrams per system call
constexpr size_t kControlBytes = 256;  // ancillary data per datagram received
constexpr size_t kOptionBytes = 4096;  // the largest option value

// A received datagram's record in the Int32Array given to receiveBatch().
enum Field : size_t {
  kLength,
  kSourceLength,
  kDestinationLength,
  kInterfaceIndex,
  kTtl,
  kIsTruncated,
  kAgeUs,
  kFields
};

// One thread uses the addon (see initialize()) and no call in between runs JavaScript.
mmsghdr messages[kBatch];
iovec vectors[kBatch];
alignas(cmsghdr) uint8_t controls[kBatch][kControlBytes];

napi_value openSocket(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "openSocket");
  const int family = arguments.integer(0, "family", 1, 255);
  const int type = arguments.integer(1, "type", 0, 255);
  const int protocol = arguments.integer(2, "protocol", 0, 65535);
  if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_RAW) {
    arguments.invalid("type", "SOCK_STREAM, SOCK_DGRAM or SOCK_RAW");
  }
  if (arguments.hasFailed()) return nullptr;
  const int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  return wrapDescriptor(env, kSocket, fd, family);
}

napi_value withAddress(napi_env env, napi_callback_info info, const char* name,
                       int (*call)(int, const sockaddr*, socklen_t)) {
  Arguments arguments(env, info, name);
  Descriptor* descriptor = arguments.descriptor(0, kSocket);
  const Bytes address = arguments.bytes(1, "address", kAddressBytes);
  if (arguments.hasFailed()) return nullptr;
  return toResult(env, call(descriptor->fd, reinterpret_cast<const sockaddr*>(address.data),
                            static_cast<socklen_t>(address.length)));
}

napi_value bindSocket(napi_env env, napi_callback_info info) {
  return withAddress(env, info, "bind", bind);
}

napi_value connectSocket(napi_env env, napi_callback_info info) {
  return withAddress(env, info, "connect", connect);
}

// localAddress(socket, out): getsockname; the length written to `out`.
napi_value localAddress(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "localAddress");
  Descriptor* descriptor = arguments.descriptor(0, kSocket);
  const Bytes out = arguments.bytes(1, "out", INT_MAX);
  if (arguments.hasFailed()) return nullptr;
  sockaddr_storage address = {};
  socklen_t length = sizeof address;
  if (getsockname(descriptor->fd, reinterpret_cast<sockaddr*>(&address), &length) < 0) {
    return toResult(env, -1);
  }
  if (length > out.length || length > sizeof address) return toNumber(env, -EOVERFLOW);
  memcpy(out.data, &address, length);
  return toNumber(env, length);
}

// setOption(socket, level, name, value): a number is an int, a Uint8Array goes as it is.
napi_value setOption(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "setOption");
  const Descriptor* descriptor = arguments.descriptor(0, kSocket);
  const int level = arguments.integer(1, "level", 0, INT_MAX);
  const int name = arguments.integer(2, "name", 0, INT_MAX);
  int number = 0;
  Bytes value = {reinterpret_cast<uint8_t*>(&number), sizeof number};
  if (arguments.is(3, napi_number)) number = arguments.integer(3, "value", INT_MIN, INT_MAX);
  else value = arguments.bytes(3, "value", kOptionBytes);
  if (arguments.hasFailed()) return nullptr;
  return toResult(env, setsockopt(descriptor->fd, level, name, value.data,
                                  static_cast<socklen_t>(value.length)));
}

// getOption(socket, level, name, out): the length of the value written to `out`.
napi_value getOption(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "getOption");
  const Descriptor* descriptor = arguments.descriptor(0, kSocket);
  const int level = arguments.integer(1, "level", 0, INT_MAX);
  const int name = arguments.integer(2, "name", 0, INT_MAX);
  const Bytes out = arguments.bytes(3, "out", kOptionBytes);
  if (arguments.hasFailed()) return nullptr;
  socklen_t length = static_cast<socklen_t>(out.length);
  const int result = getsockopt(descriptor->fd, level, name, out.data, &length);
  return toResult(env, result < 0 ? -1 : static_cast<int64_t>(length));
}

// attachFilter(socket, program): SO_ATTACH_FILTER with an array of struct sock_filter. The kernel
// checks it (bpf_check_classic() in net/core/filter.c) and refuses what could run wild.
napi_value attachFilter(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "attachFilter");
  const Descriptor* descriptor = arguments.descriptor(0, kSocket);
  const Bytes bytes = arguments.bytes(1, "program", BPF_MAXINSNS * sizeof(sock_filter));
  const size_t count = bytes.length / sizeof(sock_filter);
  if (count == 0 || bytes.length % sizeof(sock_filter) != 0) {
    arguments.invalid("program", "one or more instructions of 8 bytes");
  }
  if (arguments.hasFailed()) return nullptr;
  // Only the kernel reads the instructions, so their alignment does not matter.
  const sock_fprog program = {static_cast<unsigned short>(count),
                              reinterpret_cast<sock_filter*>(bytes.data)};
  return toResult(env, setsockopt(descriptor->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                                  sizeof program));
}

// takeError(socket): the pending error (its errno), cleared; 0 if there is none. Also empties the
// error queue (IP_RECVERR), which would otherwise keep the descriptor ready for ever.
napi_value takeError(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "takeError");
  Descriptor* descriptor = arguments.descriptor(0, kSocket);
  if (arguments.hasFailed()) return nullptr;
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(descriptor->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) error = errno;
  for (size_t i = 0; i < kBatch; i++) {
    msghdr message = {};
    message.msg_control = controls[0];
    message.msg_controllen = kControlBytes;
    if (recvmsg(descriptor->fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) break;
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
      if (part->cmsg_len < CMSG_LEN(sizeof(sock_extended_err))) continue;
      sock_extended_err extended;
      memcpy(&extended, CMSG_DATA(part), sizeof extended);
      if (error == 0) error = static_cast<int>(extended.ee_errno);
    }
    if (error == 0) error = EIO;
  }
  return toNumber(env, error);
}

void setMessage(size_t index, const Bytes& data, const Bytes& address) {
  vectors[index] = {data.data, data.length};
  messages[index] = {};
  messages[index].msg_hdr.msg_iov = &vectors[index];
  messages[index].msg_hdr.msg_iovlen = 1;
  messages[index].msg_hdr.msg_name = address.length > 0 ? address.data : nullptr;
  messages[index].msg_hdr.msg_namelen = static_cast<socklen_t>(address.length);
}

int sendMessages(int fd, size_t count) {
  int sent = 0;
  do {
    sent = sendmmsg(fd, messages, static_cast<unsigned>(count), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

// send(socket, data, address?): 1, or the negative errno.
napi_value sendOne(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "send");
  Descriptor* descriptor = arguments.descriptor(0, kSocket);
  const Bytes data = arguments.bytes(1, "data", INT_MAX);
  const Bytes address = arguments.optionalBytes(2, "address", kAddressBytes);
  if (arguments.hasFailed()) return nullptr;
  setMessage(0, data, address);
  return toResult(env, sendMessages(descriptor->fd, 1));
}

// The values of up to kBatch datagrams. Reading an element or a property may run JavaScript (an
// accessor, a proxy), so no pointer is taken here.
bool readDatagrams(napi_env env, napi_value datagrams, uint32_t first, size_t count,
                   napi_value* data, napi_value* addresses) {
  napi_value dataKey = nullptr;
  napi_value addressKey = nullptr;
  if (!sendKeys(env, &dataKey, &addressKey)) return false;
  for (size_t i = 0; i < count; i++) {
    napi_value datagram = nullptr;
    napi_valuetype type = napi_undefined;
    if (napi_get_element(env, datagrams, first + static_cast<uint32_t>(i), &datagram) != napi_ok ||
        napi_typeof(env, datagram, &type) != napi_ok || type != napi_object ||
        napi_get_property(env, datagram, dataKey, &data[i]) != napi_ok ||
        napi_get_property(env, datagram, addressKey, &addresses[i]) != napi_ok) {
      return false;
    }
  }
  return true;
}

// sendBatch(socket, datagrams, first): sends up to kBatch datagrams from `first` on in one system
// call; how many were sent, or the negative errno of the first.
napi_value sendBatch(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "sendBatch");
  const napi_value datagrams = arguments.values[1];
  arguments.descriptor(0, kSocket);
  bool isArray = false;
  uint32_t length = 0;
  napi_is_array(env, datagrams, &isArray);
  if (isArray) napi_get_array_length(env, datagrams, &length);
  else arguments.invalid("datagrams", "an array");
  const double first = arguments.number(2, "first", 0, length);
  if (arguments.hasFailed()) return nullptr;
  const uint32_t from = static_cast<uint32_t>(first);
  const size_t count = length - from < kBatch ? length - from : kBatch;
  napi_value data[kBatch];
  napi_value addresses[kBatch];
  if (!readDatagrams(env, datagrams, from, count, data, addresses)) {
    return arguments.invalid("datagrams", "an array of objects");
  }
  // Only now: an accessor may have closed the socket.
  const Descriptor* descriptor = arguments.descriptor(0, kSocket);
  if (arguments.hasFailed()) return nullptr;
  for (size_t i = 0; i < count; i++) {
    Bytes bytes;
    Bytes address;
    napi_valuetype type = napi_undefined;
    napi_typeof(env, addresses[i], &type);
    if (!bytesOf(env, data[i], &bytes) || bytes.length > INT_MAX ||
        (type != napi_undefined && !bytesOf(env, addresses[i], &address)) ||
        address.length > kAddressBytes) {
      return arguments.invalid("datagrams", "{data: Uint8Array, address?: Uint8Array}[]");
    }
    setMessage(i, bytes, address);
  }
  return toResult(env, sendMessages(descriptor->fd, count));
}

// Copies a control message's value to `out` if it is of this level and type and long enough.
template <typename T>
bool readPart(const cmsghdr* part, int level, int type, T* out) {
  if (part->cmsg_level != level || part->cmsg_type != type) return false;
  if (part->cmsg_len < CMSG_LEN(sizeof(T))) return false;
  memcpy(out, CMSG_DATA(part), sizeof(T));
  return true;
}

// How long ago the kernel took the packet in, in microseconds; it stamps by the wall clock, so a
// step of that clock may make it negative.
int32_t ageUs(const timespec& at) {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  const int64_t seconds = now.tv_sec - at.tv_sec;
  const int64_t us = seconds * 1000000 + (now.tv_nsec - at.tv_nsec) / 1000;
  if (us > INT32_MAX) return INT32_MAX;
  return us < INT32_MIN ? INT32_MIN : static_cast<int32_t>(us);
}

void readControl(msghdr* message, uint8_t* destination, int32_t* record) {
  for (cmsghdr* part = CMSG_FIRSTHDR(message); part != nullptr;
       part = CMSG_NXTHDR(message, part)) {
    in_pktinfo ipv4;
    in6_pktinfo ipv6;
    timespec at = {};
    int hops = 0;
    if (readPart(part, IPPROTO_IP, IP_PKTINFO, &ipv4)) {
      memcpy(destination, &ipv4.ipi_addr, sizeof ipv4.ipi_addr);
      record[kDestinationLength] = sizeof ipv4.ipi_addr;
      record[kInterfaceIndex] = ipv4.ipi_ifindex;
    } else if (readPart(part, IPPROTO_IPV6, IPV6_PKTINFO, &ipv6)) {
      memcpy(destination, &ipv6.ipi6_addr, sizeof ipv6.ipi6_addr);
      record[kDestinationLength] = sizeof ipv6.ipi6_addr;
      record[kInterfaceIndex] = static_cast<int32_t>(ipv6.ipi6_ifindex);
    } else if (readPart(part, IPPROTO_IP, IP_TTL, &hops) ||
               readPart(part, IPPROTO_IPV6, IPV6_HOPLIMIT, &hops)) {
      record[kTtl] = hops;
    } else if (readPart(part, SOL_SOCKET, SCM_TIMESTAMPNS, &at)) {
      record[kAgeUs] = ageUs(at);
    }
  }
}

void describe(mmsghdr* message, uint8_t* address, int32_t* record) {
  msghdr* header = &message->msg_hdr;
  const size_t length = header->msg_namelen;
  record[kLength] = static_cast<int32_t>(message->msg_len);
  record[kSourceLength] = static_cast<int32_t>(length < kAddressBytes ? length : kAddressBytes);
  record[kDestinationLength] = 0;
  record[kInterfaceIndex] = 0;
  record[kTtl] = -1;
  record[kIsTruncated] = (header->msg_flags & MSG_TRUNC) != 0;
  record[kAgeUs] = 0;
  sockaddr_ll link = {};
  if (length >= offsetof(sockaddr_ll, sll_addr)) {
    memcpy(&link, address, offsetof(sockaddr_ll, sll_addr));
  }
  if (link.sll_family == AF_PACKET) record[kInterfaceIndex] = link.sll_ifindex;
  readControl(header, address + kAddressBytes, record);
}

// receiveBatch(socket, slab, records, slotBytes): receives up to kBatch datagrams in one system
// call. Slot i of the slab is [data | source address | destination]; its record is in `records`.
// How many were received, or the negative errno.
napi_value receiveBatch(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "receiveBatch");
  constexpr int kTrailer = kAddressBytes + kDestinationBytes;
  const Descriptor* descriptor = arguments.descriptor(0, kSocket);
  const Bytes slab = arguments.bytes(1, "slab", INT_MAX);
  const Integers records = arguments.integers(2, "records");
  const size_t slotBytes =
      static_cast<size_t>(arguments.integer(3, "slotBytes", kTrailer + 1, 1 << 20));
  size_t slots = slab.length / slotBytes;
  if (slots > records.length / kFields) slots = records.length / kFields;
  if (slots > kBatch) slots = kBatch;
  if (slots == 0) arguments.invalid("slab", "large enough for one slot, as records");
  if (arguments.hasFailed()) return nullptr;
  const size_t dataBytes = slotBytes - kTrailer;
  for (size_t i = 0; i < slots; i++) {
    uint8_t* slot = slab.data + i * slotBytes;
    setMessage(i, {slot, dataBytes}, {slot + dataBytes, kAddressBytes});
    // AF_UNIX without room for ancillary data: the kernel drops descriptors that a peer passes.
    if (descriptor->detail == AF_UNIX) continue;
    messages[i].msg_hdr.msg_control = controls[i];
    messages[i].msg_hdr.msg_controllen = kControlBytes;
  }
  int count = 0;
  do {
    count = recvmmsg(descriptor->fd, messages, static_cast<unsigned>(slots), MSG_DONTWAIT, nullptr);
  } while (count < 0 && errno == EINTR);
  for (int i = 0; i < count; i++) {
    uint8_t* slot = slab.data + static_cast<size_t>(i) * slotBytes;
    describe(&messages[i], slot + dataBytes, records.data + static_cast<size_t>(i) * kFields);
  }
  return toResult(env, count);
}

}  // namespace

void defineSocketFunctions(napi_env env, napi_value exports) {
  defineFunction(env, exports, "openSocket", openSocket);
  defineFunction(env, exports, "bind", bindSocket);
  defineFunction(env, exports, "connect", connectSocket);
  defineFunction(env, exports, "localAddress", localAddress);
  defineFunction(env, exports, "setOption", setOption);
  defineFunction(env, exports, "getOption", getOption);
  defineFunction(env, exports, "attachFilter", attachFilter);
  defineFunction(env, exports, "takeError", takeError);
  defineFunction(env, exports, "send", sendOne);
  defineFunction(env, exports, "sendBatch", sendBatch);
  defineFunction(env, exports, "receiveBatch", receiveBatch);
}

}  // namespace netops
