// What only ioctl(2) tells of an interface: whether its medium carries, by the registers of the
// transceiver, by the driver, or by the kernel's flag. No policy.
// Specification: netdevice(7), linux/mii.h (IEEE 802.3 clause 22), linux/ethtool.h

#include "netops.h"

#include <linux/ethtool.h>
#include <linux/mii.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace netops {
namespace {

enum Method { kMii = 0, kEthtool = 1, kFlags = 2 };

// `name` has room for IFNAMSIZ, as all names below.
struct ifreq requestFor(const char* name) {
  struct ifreq request = {};
  memcpy(request.ifr_name, name, IFNAMSIZ);
  return request;
}

// The link bit is latched: the first reading tells of a loss that is over, the second of now.
int askTransceiver(int fd, const char* name) {
  struct ifreq request = requestFor(name);
  if (ioctl(fd, SIOCGMIIPHY, &request) < 0) return -errno;
  auto* registers = reinterpret_cast<struct mii_ioctl_data*>(&request.ifr_data);
  registers->reg_num = MII_BMSR;
  for (int i = 0; i < 2; i++) {
    if (ioctl(fd, SIOCGMIIREG, &request) < 0) return -errno;
  }
  return (registers->val_out & BMSR_LSTATUS) != 0 ? 1 : 0;
}

int askDriver(int fd, const char* name) {
  struct ethtool_value value = {};
  value.cmd = ETHTOOL_GLINK;
  struct ifreq request = requestFor(name);
  request.ifr_data = reinterpret_cast<char*>(&value);
  if (ioctl(fd, SIOCETHTOOL, &request) < 0) return -errno;
  return value.data != 0 ? 1 : 0;
}

int askFlags(int fd, const char* name) {
  struct ifreq request = requestFor(name);
  if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) return -errno;
  return (request.ifr_flags & IFF_RUNNING) != 0 ? 1 : 0;
}

// linkBeat(name, method): 1 = it carries, 0 = it does not; 0 MII, 1 ETHTOOL, 2 the kernel's flag.
napi_value linkBeat(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "linkBeat");
  char name[IFNAMSIZ] = {};
  arguments.text(0, "name", name, sizeof name);
  const int method = arguments.integer(1, "method", kMii, kFlags);
  if (arguments.hasFailed()) return nullptr;
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return toResult(env, -1);
  int result = 0;
  if (method == kMii) result = askTransceiver(fd, name);
  else if (method == kEthtool) result = askDriver(fd, name);
  else result = askFlags(fd, name);
  close(fd);
  return toNumber(env, result);
}

}  // namespace

void defineLinkFunctions(napi_env env, napi_value exports) {
  defineFunction(env, exports, "linkBeat", linkBeat);
}

}  // namespace netops
