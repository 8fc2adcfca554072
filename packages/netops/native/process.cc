// The clock, timers, signals and what a process may set about itself: scheduler, affinity, memory
// lock, network namespace, parent-death signal, resource limits, its end. No policy.
// Specification: timerfd_create(2), signal-safety(7), sched(7), setns(2), prctl(2), getrlimit(2),
// _exit(2)

#include "netops.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cmath>
#include <cstring>
#include <vector>

namespace netops {
namespace {

constexpr int kSignalMost = 64;
constexpr int kSlots = 16;              // signal watches at a time
constexpr size_t kExecMost = 2u << 20;  // the kernel's ARG_MAX is about that
constexpr size_t kCpuBytes = 1024;      // the kernel's largest NR_CPUS is 8192
constexpr double kInstantMost = 9e15;   // microseconds: 285 years
constexpr double kLimitMost = 9007199254740991;

// A signal watch. Its eventfd is made once and kept for the life of the process: a handler that
// runs on another thread while the watch closes must never write to a descriptor that means
// something else by then.
struct SignalSlot {
  std::atomic<uint64_t> wanted{0};   // bit n-1 = signal n
  std::atomic<uint64_t> pending{0};
  std::atomic<int> eventfd{-1};
  bool isUsed = false;
};

SignalSlot slots[kSlots];
struct sigaction formerActions[kSignalMost + 1];
int watchCounts[kSignalMost + 1];

uint64_t signalBit(int64_t signal) { return uint64_t{1} << (signal - 1); }

// RLIMIT_RTTIME is used up, in this thread: others have their turn until our owner sets the
// priority again. The flag stays, since to lift it would need a privilege.
void leaveRealTime() {
  const sched_param parameter = {};
  sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &parameter);
}

// Runs on any thread, between any two instructions: atomics and write(2) only. Not a signalfd,
// since that needs the signal blocked in every thread and V8's threads exist already.
void handleSignal(int signal) {
  const int savedErrno = errno;
  if (signal == SIGXCPU) leaveRealTime();
  for (SignalSlot& slot : slots) {
    if ((slot.wanted.load() & signalBit(signal)) == 0) continue;
    slot.pending.fetch_or(signalBit(signal));
    const uint64_t one = 1;
    // Cannot fail in a way that matters: a full counter (EAGAIN) is readable already.
    if (write(slot.eventfd.load(), &one, sizeof one) < 0) continue;
  }
  errno = savedErrno;
}

int takeSlot() {
  for (int i = 0; i < kSlots; i++) {
    SignalSlot& slot = slots[i];
    if (slot.isUsed) continue;
    if (slot.eventfd.load() < 0) slot.eventfd.store(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (slot.eventfd.load() < 0) return -1;
    uint64_t stale = 0;
    while (read(slot.eventfd.load(), &stale, sizeof stale) > 0) continue;
    slot.pending.store(0);
    slot.isUsed = true;
    return i;
  }
  errno = EMFILE;
  return -1;
}

bool watchSignal(SignalSlot* slot, int signal) {
  slot->wanted.fetch_or(signalBit(signal));
  if (watchCounts[signal]++ > 0) return true;
  struct sigaction action = {};
  action.sa_handler = handleSignal;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  if (sigaction(signal, &action, &formerActions[signal]) < 0) {
    watchCounts[signal]--;
    slot->wanted.fetch_and(~signalBit(signal));
    return false;
  }
  // A daemon may inherit a blocked signal from whoever started it.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return true;
}

bool isFault(int64_t signal) {
  return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;
}

// openSignals(numbers: Uint8Array): watches these signals; also told by watch().
napi_value openSignals(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "openSignals");
  const Bytes numbers = arguments.bytes(0, "signals", kSignalMost);
  if (arguments.hasFailed()) return nullptr;
  for (size_t i = 0; i < numbers.length; i++) {
    // Returning from the handler of a fault repeats the fault, for ever.
    if (numbers.data[i] < 1 || numbers.data[i] > kSignalMost || isFault(numbers.data[i])) {
      return arguments.invalid("signals", "1 to 64, not SIGILL, SIGBUS, SIGFPE or SIGSEGV");
    }
  }
  const int index = takeSlot();
  if (index < 0) return toResult(env, -1);
  for (size_t i = 0; i < numbers.length; i++) {
    if ((slots[index].wanted.load() & signalBit(numbers.data[i])) != 0) continue;
    if (watchSignal(&slots[index], numbers.data[i])) continue;
    const int error = errno;
    releaseSignalSlot(index);
    return toNumber(env, -error);
  }
  return wrapDescriptor(env, kSignals, slots[index].eventfd.load(), index);
}

// takeSignal(watch): the lowest signal that arrived since it was last taken, or 0.
napi_value takeSignal(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "takeSignal");
  Descriptor* descriptor = arguments.descriptor(0, kSignals);
  if (arguments.hasFailed()) return nullptr;
  std::atomic<uint64_t>& pending = slots[descriptor->detail].pending;
  const uint64_t set = pending.load();
  if (set == 0) return toNumber(env, 0);
  const int signal = __builtin_ctzll(set) + 1;
  pending.fetch_and(~signalBit(signal));
  return toNumber(env, signal);
}

napi_value ignoreSignal(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "ignoreSignal");
  const int signal = arguments.integer(0, "signal", 1, kSignalMost);
  if (arguments.hasFailed()) return nullptr;
  if (watchCounts[signal] > 0) return toNumber(env, -EBUSY);
  struct sigaction action = {};
  action.sa_handler = SIG_IGN;
  return toResult(env, sigaction(signal, &action, nullptr));
}

napi_value monotonicUs(napi_env env, napi_callback_info) {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return toNumber(env, static_cast<double>(now.tv_sec) * 1e6 +
                           static_cast<double>(now.tv_nsec) / 1e3);
}

napi_value openTimer(napi_env env, napi_callback_info) {
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  return wrapDescriptor(env, kTimer, fd, 0);
}

// armTimer(timer, atUs): at that instant of CLOCK_MONOTONIC, never before; Infinity disarms.
napi_value armTimer(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "armTimer");
  Descriptor* descriptor = arguments.descriptor(0, kTimer);
  const double atUs = arguments.number(1, "atUs", -INFINITY, INFINITY);
  if (arguments.hasFailed()) return nullptr;
  itimerspec setting = {};
  if (atUs <= 0) {
    setting.it_value.tv_nsec = 1;  // the earliest instant: zero would disarm
  } else if (atUs <= kInstantMost) {
    const double seconds = std::floor(atUs / 1e6);
    const double nanoseconds = std::ceil((atUs - seconds * 1e6) * 1e3);
    const bool carries = nanoseconds >= 1e9;
    setting.it_value.tv_sec = static_cast<time_t>(seconds) + (carries ? 1 : 0);
    setting.it_value.tv_nsec = carries ? 0 : static_cast<long>(nanoseconds);
  } else if (!std::isinf(atUs)) {
    return arguments.invalid("atUs", "an instant of at most 9e15 microseconds, or Infinity");
  }
  return toResult(env, timerfd_settime(descriptor->fd, TFD_TIMER_ABSTIME, &setting, nullptr));
}

napi_value setScheduler(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "setScheduler");
  const int thread = arguments.integer(0, "thread", 0, INT_MAX);
  const int policy = arguments.integer(1, "policy", 0, INT_MAX);
  const int priority = arguments.integer(2, "priority", 0, 99);
  if (arguments.hasFailed()) return nullptr;
  sched_param parameter = {};
  parameter.sched_priority = priority;
  return toResult(env, sched_setscheduler(thread, policy, &parameter));
}

// setAffinity(thread, mask) and getAffinity(thread, mask): bit n of the mask is processor n.
napi_value setAffinity(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "setAffinity");
  const int thread = arguments.integer(0, "thread", 0, INT_MAX);
  const Bytes mask = arguments.bytes(1, "mask", kCpuBytes);
  if (arguments.hasFailed()) return nullptr;
  cpu_set_t set[kCpuBytes / sizeof(cpu_set_t)] = {};
  for (size_t cpu = 0; cpu < mask.length * 8; cpu++) {
    if ((mask.data[cpu / 8] >> (cpu % 8) & 1) != 0) CPU_SET_S(cpu, sizeof set, set);
  }
  return toResult(env, sched_setaffinity(thread, sizeof set, set));
}

napi_value getAffinity(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "getAffinity");
  const int thread = arguments.integer(0, "thread", 0, INT_MAX);
  const Bytes mask = arguments.bytes(1, "mask", kCpuBytes);
  if (arguments.hasFailed()) return nullptr;
  cpu_set_t set[kCpuBytes / sizeof(cpu_set_t)] = {};
  if (sched_getaffinity(thread, sizeof set, set) < 0) return toResult(env, -1);
  for (size_t cpu = 0; cpu < mask.length * 8; cpu++) {
    const uint8_t bit = static_cast<uint8_t>(1 << (cpu % 8));
    if (CPU_ISSET_S(cpu, sizeof set, set)) mask.data[cpu / 8] |= bit;
    else mask.data[cpu / 8] &= static_cast<uint8_t>(~bit);
  }
  return toNumber(env, 0);
}

napi_value lockMemory(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "lockMemory");
  const int flags = arguments.integer(0, "flags", 1, MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
  if (arguments.hasFailed()) return nullptr;
  return toResult(env, mlockall(flags));
}

napi_value unlockMemory(napi_env env, napi_callback_info) { return toResult(env, munlockall()); }

// enterNetworkNamespace(path): the calling thread, and threads and processes that it makes later.
napi_value enterNetworkNamespace(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "enterNetworkNamespace");
  char path[PATH_MAX];
  arguments.text(0, "path", path, sizeof path);
  if (arguments.hasFailed()) return nullptr;
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return toResult(env, -1);
  const int result = setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
  close(fd);
  return toNumber(env, result);
}

napi_value setParentDeathSignal(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "setParentDeathSignal");
  const int signal = arguments.integer(0, "signal", 0, kSignalMost);
  if (arguments.hasFailed()) return nullptr;
  return toResult(env, prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(signal), 0, 0, 0));
}

// exitAtOnce(status): _exit(2). Node's own end waits for its threads, also for one that hangs in a
// system call.
napi_value exitAtOnce(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "exitAtOnce");
  const int status = arguments.integer(0, "status", 0, 255);
  if (arguments.hasFailed()) return nullptr;
  _exit(status);
}

napi_value setResourceLimit(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "setResourceLimit");
  const int resource = arguments.integer(0, "resource", 0, RLIM_NLIMITS - 1);
  rlim_t limits[2] = {RLIM_INFINITY, RLIM_INFINITY};
  for (size_t i = 0; i < 2; i++) {
    const char* name = i == 0 ? "soft" : "hard";
    const double value = arguments.number(1 + i, name, 0, INFINITY);
    if (std::isinf(value)) continue;
    if (value > kLimitMost || value != std::trunc(value)) {
      arguments.invalid(name, "a whole number of at most 2^53 - 1, or Infinity");
    }
    limits[i] = static_cast<rlim_t>(value);
  }
  if (arguments.hasFailed()) return nullptr;
  const rlimit limit = {limits[0], limits[1]};
  return toResult(env, setrlimit(static_cast<__rlimit_resource>(resource), &limit));
}

// The strings that `bytes` has one after another, each with its NUL, and the null of execve(2).
std::vector<char*> stringsOf(const Bytes& bytes) {
  std::vector<char*> strings;
  char* const end = reinterpret_cast<char*>(bytes.data) + bytes.length;
  for (char* at = end - bytes.length; at < end; at += strlen(at) + 1) strings.push_back(at);
  strings.push_back(nullptr);
  return strings;
}

bool isTerminated(const Bytes& bytes) {
  return bytes.length == 0 || bytes.data[bytes.length - 1] == 0;
}

// What this process catches would end the next program before it can catch it too.
void swapCaught(struct sigaction* former, bool isBack) {
  for (int signal = 1; signal <= kSignalMost; signal++) {
    if (watchCounts[signal] == 0 || signal == SIGTERM || signal == SIGINT) continue;
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    if (isBack) sigaction(signal, &former[signal], nullptr);
    else sigaction(signal, &ignore, &former[signal]);
  }
}

// replaceProcess(words, environment, kept): execve(2) of the first of the NUL-terminated words; the
// descriptors of `kept` stay open. Returns only when the kernel refuses, and all is as before then.
napi_value replaceProcess(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "replaceProcess");
  const Bytes words = arguments.bytes(0, "words", kExecMost);
  const Bytes environment = arguments.bytes(1, "environment", kExecMost);
  const Integers kept = arguments.integers(2, "kept");
  if (arguments.hasFailed()) return nullptr;
  if (words.length == 0 || !isTerminated(words)) return arguments.invalid("words", "strings");
  if (!isTerminated(environment)) return arguments.invalid("environment", "strings");
  std::vector<char*> argv = stringsOf(words);
  std::vector<char*> envp = stringsOf(environment);
  std::vector<int> formerFlags;
  for (size_t i = 0; i < kept.length; i++) {
    formerFlags.push_back(fcntl(kept.data[i], F_GETFD));
    if (formerFlags[i] < 0 && kept.data[i] > STDERR_FILENO) return toResult(env, -1);
  }
  for (size_t i = 0; i < kept.length; i++) fcntl(kept.data[i], F_SETFD, 0);
  struct sigaction former[kSignalMost + 1] = {};
  swapCaught(former, false);
  execve(argv[0], argv.data(), envp.data());
  const int error = errno;
  swapCaught(former, true);
  for (size_t i = 0; i < kept.length; i++) fcntl(kept.data[i], F_SETFD, formerFlags[i]);
  return toNumber(env, -error);
}

}  // namespace

void releaseSignalSlot(int index) {
  SignalSlot& slot = slots[index];
  for (int signal = 1; signal <= kSignalMost; signal++) {
    if ((slot.wanted.load() & signalBit(signal)) == 0) continue;
    slot.wanted.fetch_and(~signalBit(signal));
    if (--watchCounts[signal] == 0) sigaction(signal, &formerActions[signal], nullptr);
  }
  slot.isUsed = false;
}

void defineProcessFunctions(napi_env env, napi_value exports) {
  defineFunction(env, exports, "monotonicUs", monotonicUs);
  defineFunction(env, exports, "openTimer", openTimer);
  defineFunction(env, exports, "armTimer", armTimer);
  defineFunction(env, exports, "openSignals", openSignals);
  defineFunction(env, exports, "takeSignal", takeSignal);
  defineFunction(env, exports, "ignoreSignal", ignoreSignal);
  defineFunction(env, exports, "setScheduler", setScheduler);
  defineFunction(env, exports, "setAffinity", setAffinity);
  defineFunction(env, exports, "getAffinity", getAffinity);
  defineFunction(env, exports, "lockMemory", lockMemory);
  defineFunction(env, exports, "unlockMemory", unlockMemory);
  defineFunction(env, exports, "enterNetworkNamespace", enterNetworkNamespace);
  defineFunction(env, exports, "setParentDeathSignal", setParentDeathSignal);
  defineFunction(env, exports, "setResourceLimit", setResourceLimit);
  defineFunction(env, exports, "exitAtOnce", exitAtOnce);
  defineFunction(env, exports, "replaceProcess", replaceProcess);
}

}  // namespace netops
