// Loaded into our processes before everything else (LD_PRELOAD), for what Node does to a process
// without asking. It keeps signals that an exporter or an administrator may send from ending one
// that is still starting, and it lets V8 give back memory that mlockall(2) has locked. Holds no
// policy, and passes everything else on. Specification: ld.so(8), madvise(2), signal(7)

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

constexpr int kDontNeedLocked = 24;  // MADV_DONTNEED_LOCKED, Linux 5.18
constexpr int kRealTimeFirst = 34;   // glibc keeps 32 and 33 to itself
constexpr int kSignalMost = 64;

using SetAction = int (*)(int, const struct sigaction*, struct sigaction*);

SetAction nextSetAction() {
  static SetAction next = reinterpret_cast<SetAction>(dlsym(RTLD_NEXT, "sigaction"));
  return next;
}

// Those that daemons like this one are sent, and that end a process which is not ready for them.
bool isShielded(int signal) {
  return signal == SIGHUP || signal == SIGUSR1 || signal == SIGUSR2 ||
         (signal >= kRealTimeFirst && signal <= kSignalMost);
}

bool isDefault(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL;
}

bool isIgnored(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN;
}

// Runs before main(), when nobody can have a handler yet.
__attribute__((constructor)) void shield() {
  for (int signal = 1; signal <= kSignalMost; signal++) {
    if (!isShielded(signal)) continue;
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    nextSetAction()(signal, &ignore, nullptr);
  }
}

int systemAdvise(void* address, size_t length, int advice) {
  return static_cast<int>(syscall(SYS_madvise, address, length, advice));
}

// Before Linux 5.18: unlocked, given back, and locked again as mlockall(MCL_ONFAULT) had it.
int dropUnlocked(void* address, size_t length) {
  if (munlock(address, length) < 0) return -1;
  const int result = systemAdvise(address, length, MADV_DONTNEED);
  const int savedErrno = errno;
  mlock2(address, length, MLOCK_ONFAULT);
  errno = savedErrno;
  return result;
}

}  // namespace

// Node sets all signals below 32 back to their default when it starts. One that is ignored stays so
// until somebody has a handler for it.
extern "C" __attribute__((visibility("default"))) int sigaction(
    int signal, const struct sigaction* action, struct sigaction* former) noexcept {
  if (action != nullptr && isShielded(signal) && isDefault(*action)) {
    struct sigaction present = {};
    if (nextSetAction()(signal, nullptr, &present) == 0 && isIgnored(present)) {
      if (former != nullptr) *former = present;
      return 0;
    }
  }
  return nextSetAction()(signal, action, former);
}

// The kernel refuses to drop locked pages (EINVAL), and V8 aborts then.
extern "C" __attribute__((visibility("default"))) int madvise(void* address, size_t length,
                                                              int advice) noexcept {
  const int result = systemAdvise(address, length, advice);
  if (result == 0 || errno != EINVAL) return result;
  if (advice != MADV_DONTNEED && advice != MADV_FREE) return result;
  if (systemAdvise(address, length, kDontNeedLocked) == 0) return 0;
  if (errno != EINVAL) return -1;
  return dropUnlocked(address, length);
}
