// Loaded into User Mode Linux before its C library's ptrace(). Debian 12's guest sets 2,696 bytes
// of extended registers; a host whose processor has AMX wants all of its area (11,008 bytes) or
// answers EFAULT, and the guest panics at its first process ("ptrace set fp regs failed, errno =
// 14"). Fills such a call up with what the traced process has there already. Changes nothing else.

#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

/** More than any processor has. */
alignas(64) char area[65536];

long set_whole(long pid, const iovec& part) {
  iovec whole = {area, sizeof(area)};
  const long got = syscall(SYS_ptrace, PTRACE_GETREGSET, pid, NT_X86_XSTATE, &whole);
  if (got != 0 || whole.iov_len < part.iov_len) {
    errno = EFAULT;
    return -1;
  }
  memcpy(area, part.iov_base, part.iov_len);
  return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, NT_X86_XSTATE, &whole);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) long ptrace(
    __ptrace_request request, ...) noexcept {
  va_list list;
  va_start(list, request);
  const long pid = va_arg(list, int);
  void* const address = va_arg(list, void*);
  void* const data = va_arg(list, void*);
  va_end(list);
  // The system call stores what the C library returns.
  if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA || request == PTRACE_PEEKUSER) {
    long word = 0;
    const long status = syscall(SYS_ptrace, request, pid, address, &word);
    if (status == 0) errno = 0;
    return status == 0 ? word : status;
  }
  const long status = syscall(SYS_ptrace, request, pid, address, data);
  const bool is_extended =
      request == PTRACE_SETREGSET && reinterpret_cast<unsigned long>(address) == NT_X86_XSTATE;
  if (status == 0 || errno != EFAULT || !is_extended) return status;
  return set_whole(pid, *static_cast<const iovec*>(data));
}
